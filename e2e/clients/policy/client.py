"""Calls for some seconds from some threads, and says which pods answered and what failed.

Each line of its input says what to do: target threads seconds [header value]. With the value * it calls two hundred times instead, each
time with another value, always the same two hundred. With an argument, the address of an Envoy that tells
services apart by the authority, the target is the authority.
"""

import collections
import os
import sys
import threading
import time

import grpc

PAUSE = int(os.environ.get("PAUSE_MS", "10")) / 1000
USERS = 200


def channel(target):
    if len(sys.argv) > 1:
        return grpc.insecure_channel(sys.argv[1], options=[("grpc.default_authority", target)])
    return grpc.insecure_channel(target)


def call(check, headers):
    try:
        _, answer = check.with_call(b"", timeout=5, metadata=headers)
        return dict(answer.initial_metadata())["pod"]
    except grpc.RpcError as error:
        return "failed:" + error.code().name


def run(target, threads, seconds, *header):
    headers = [header] if header else []
    counts = collections.Counter()
    lock = threading.Lock()
    with channel(target) as to:
        check = to.unary_unary("/grpc.health.v1.Health/Check")
        try:
            check(b"", timeout=20, metadata=headers, wait_for_ready=True)
        except grpc.RpcError:
            pass  # the first pod may be one that fails
        if header and header[1] == "*":
            return said(collections.Counter(call(check, [(header[0], f"u{i}")]) for i in range(USERS)))
        end = time.monotonic() + float(seconds)

        def work():
            while time.monotonic() < end:
                answered = call(check, headers)
                with lock:
                    counts[answered] += 1
                time.sleep(PAUSE)

        workers = [threading.Thread(target=work) for _ in range(int(threads))]
        [worker.start() for worker in workers]
        [worker.join() for worker in workers]
    return said(counts)


def said(counts):
    return " ".join(f"{name}={count}" for name, count in sorted(counts.items()))


for line in sys.stdin:
    print("= " + run(*line.split()), flush=True)
