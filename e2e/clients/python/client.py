"""Calls a service by xDS, up to two hundred times a second, and says each second which pods answered: target [header value]"""

import collections
import sys
import time

import grpc


def pod_that_answers(check, headers):
    try:
        _, call = check.with_call(b"", timeout=5, metadata=headers)
        return dict(call.initial_metadata())["pod"]
    except grpc.RpcError as error:
        print("error:", error.code().name, error.details(), flush=True)
        return "failed"


def main(target, *header):
    channel = grpc.insecure_channel(target)
    check = channel.unary_unary("/grpc.health.v1.Health/Check")  # its empty request has no bytes
    while True:
        answers = collections.Counter()
        end = time.monotonic() + 1
        while time.monotonic() < end:
            answers[pod_that_answers(check, [header] if header else None)] += 1
            time.sleep(0.005)
        print(" ".join(f"{pod}={count}" for pod, count in sorted(answers.items())), flush=True)


main(*sys.argv[1:])
