"""A pod: answers health checks, and says its name in a header."""

import concurrent.futures
import sys

import grpc


def serve(address, pod):
    def check(request, context):
        context.send_initial_metadata((("pod", pod),))
        return b"\x08\x01"  # HealthCheckResponse{status: SERVING}

    handler = grpc.method_handlers_generic_handler(
        "grpc.health.v1.Health", {"Check": grpc.unary_unary_rpc_method_handler(check)}
    )
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((handler,))
    server.add_insecure_port(address)
    server.start()
    print(f"{pod} at {address}", flush=True)
    server.wait_for_termination()


serve(sys.argv[1], sys.argv[2])
