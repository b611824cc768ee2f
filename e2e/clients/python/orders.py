"""Calls the sample's orders by xDS, so many times a second, and says each second which pods answered."""

import collections
import sys
import threading
import time

import grpc


def pod_of(order):
    """The field 2 of an Order, whose fields are two short strings."""
    id_length = order[1]
    return order[id_length + 4 :].decode()


def main(target, per_second):
    channel = grpc.insecure_channel(target)
    get_order = channel.unary_unary("/shop.orders.Orders/GetOrder")
    answers = collections.Counter()
    lock = threading.Lock()

    def count(call):
        error = call.exception()
        pod = "failed" if error else pod_of(call.result())
        with lock:
            if error:
                print("error:", error.code().name, error.details(), flush=True)
            answers[pod] += 1

    start = time.monotonic()
    sent = 0
    said = start
    while True:
        get_order.future(b"\x0a\x011", timeout=10, wait_for_ready=sent == 0).add_done_callback(count)
        sent += 1
        if time.monotonic() - said >= 1:
            said = time.monotonic()
            with lock:
                print(" ".join(f"{pod}={n}" for pod, n in sorted(answers.items())), flush=True)
                answers.clear()
        time.sleep(max(0, start + sent / per_second - time.monotonic()))


main(sys.argv[1], int(sys.argv[2]))
