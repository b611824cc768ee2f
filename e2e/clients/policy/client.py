"""Calls for some seconds from some threads, and says which pods answered and what failed: target threads seconds [header value]"""

import collections
import sys
import threading
import time

import grpc

target, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
headers = [(sys.argv[4], sys.argv[5])] if len(sys.argv) > 5 else []
check = grpc.insecure_channel(target).unary_unary("/grpc.health.v1.Health/Check")
counts = collections.Counter()
lock = threading.Lock()


def call():
    try:
        _, answer = check.with_call(b"", timeout=5, metadata=headers)
        return dict(answer.initial_metadata())["pod"]
    except grpc.RpcError as error:
        return "failed:" + error.code().name


def work():
    while time.monotonic() < end:
        answered = call()
        with lock:
            counts[answered] += 1
        time.sleep(0.01)


try:
    check(b"", timeout=20, metadata=headers, wait_for_ready=True)
except grpc.RpcError:
    pass  # the first pod may be one that fails
end = time.monotonic() + seconds
workers = [threading.Thread(target=work) for _ in range(threads)]
[worker.start() for worker in workers]
[worker.join() for worker in workers]
print(" ".join(f"{name}={count}" for name, count in sorted(counts.items())))
