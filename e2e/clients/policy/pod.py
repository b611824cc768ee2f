"""A pod that behaves as a file says, read for each call: "ok", "slow" or "fail", and after how many seconds. gRPC at one port, HTTP at another.
One that begins with "reset" ends each connection for gRPC with its first call.

GET /count says how many calls there were.
"""

import concurrent.futures
import http.server
import pathlib
import socket
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

    if pathlib.Path(mode_file).read_text().startswith("reset"):
        serve_resets(host, int(grpc_port))

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


def serve_resets(host, port):
    """Speaks as much HTTP/2 as makes a channel ready."""
    header_bytes, headers, settings, acknowledged = 9, 1, 4, 1

    def frame(kind, flags=0):
        return bytes([0, 0, 0, kind, flags, 0, 0, 0, 0])

    def speak(connection):
        with connection, connection.makefile("rb") as read:
            connection.sendall(frame(settings))
            read.read(len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
            while len(head := read.read(header_bytes)) == header_bytes and head[3] != headers:
                read.read(int.from_bytes(head[:3], "big"))
                if head[3] == settings and not head[4]:
                    connection.sendall(frame(settings, acknowledged))

    with socket.create_server((host, port)) as server:
        while True:
            threading.Thread(target=speak, args=(server.accept()[0],), daemon=True).start()


serve(*sys.argv[1:])
