"""A pod that behaves as a file says, read for each call: "ok", "fail", or "slow" and seconds."""

import concurrent.futures
import pathlib
import sys
import time

import grpc


def serve(address, pod, mode_file):
    def check(request, context):
        mode = pathlib.Path(mode_file).read_text().split()
        if mode[0] == "slow":
            time.sleep(float(mode[1]))
        if mode[0] == "fail":
            context.abort(grpc.StatusCode.UNAVAILABLE, "told to fail")
        context.send_initial_metadata((("pod", pod),))
        return b"\x08\x01"

    handler = grpc.method_handlers_generic_handler(
        "grpc.health.v1.Health", {"Check": grpc.unary_unary_rpc_method_handler(check)}
    )
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(40))
    server.add_generic_rpc_handlers((handler,))
    server.add_insecure_port(address)
    server.start()
    server.wait_for_termination()


serve(*sys.argv[1:])
