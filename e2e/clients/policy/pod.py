"""A pod that behaves as a file says, read for each call: "ok", "slow" or "fail", and after how many seconds. gRPC at one port, HTTP at another.

GET /count says how many calls there were.
"""

import concurrent.futures
import http.server
import pathlib
import sys
import threading
import time

import grpc


def serve(host, grpc_port, http_port, pod, mode_file):
    calls = 0
    lock = threading.Lock()

    def fails():
        nonlocal calls
        with lock:
            calls += 1
        mode = pathlib.Path(mode_file).read_text().split()
        if len(mode) > 1:
            time.sleep(float(mode[1]))
        return mode[0] == "fail"

    def check(request, context):
        if fails():
            context.abort(grpc.StatusCode.UNAVAILABLE, "told to fail")
        context.send_initial_metadata((("pod", pod),))
        return b"\x08\x01"

    class Http(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self):
            if self.path == "/count":
                return self.say_count()
            self.send_response(503 if fails() else 200)
            self.send_header("pod", pod)
            self.send_header("content-length", "0")
            self.end_headers()

        def say_count(self):
            body = str(calls).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class HttpServer(http.server.ThreadingHTTPServer):
        request_queue_size = 100

    web = HttpServer((host, int(http_port)), Http)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    handler = grpc.method_handlers_generic_handler(
        "grpc.health.v1.Health", {"Check": grpc.unary_unary_rpc_method_handler(check)}
    )
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(40))
    server.add_generic_rpc_handlers((handler,))
    server.add_insecure_port(f"{host}:{grpc_port}")
    server.start()
    server.wait_for_termination()


serve(*sys.argv[1:])
