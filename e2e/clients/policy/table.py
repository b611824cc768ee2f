"""Finds the cells of the table in docs/policy.md: what clients of each kind make of the annotations of a Service.

Starts the control plane on a folder of manifests, some pods, an Envoy where one is given, and for each annotation a client of each
kind that is at hand. Prints what each did, and every refusal (NACK) of all of them together. With --check, the shares that show
whether an annotation is obeyed are held against the cells of that page, and what differs ends the program with status 1.

    python3 table.py CONTROL_PLANE_JAR_OR_CLASSPATH [--only SCENARIO,…] [--go PROGRAM] [--node NODE_MODULES] [--envoy PROGRAM]
        [--java COMMAND] [--own-grpc COMMAND] [--own-http COMMAND] [--seconds N] [--check PAGE]

Run it with a Python that has grpcio (e2e/clients/install.sh makes one). The commands start Client.java and HttpClient.java; the tests
have them in PolicyTableIT.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
XDS, HTTP, ENVOY, ENVOY_ADMIN = 18044, 8094, 18045, 18046
HTTP_OF = 100  # more than the port for gRPC
PODS = {"ok1": 9461, "ok2": 9462, "ok3": 9463, "fail1": 9464, "fail2": 9465, "slow1": 9466, "slow2": 9467, "fail3": 9468,
        "sick1": 9469, "sick2": 9470, "fail4": 9471, "fail5": 9472, "gone1": 9473, "gone2": 9474, "reset1": 9481, "reset2": 9482,
        "heavy1": 9475, "heavy2": 9476, "heavy3": 9477, "heavy4": 9478, "heavy5": 9479, "light1": 9480}
MODES = {"ok": "ok", "fail": "fail", "slow": "slow 0.3", "sick": "fail 0.1", "heavy": "ok", "light": "ok", "reset": "reset"}  # who is gone has no program
WEIGHTS = {"heavy": 500}
EJECT = {"ejection-base-time": "30s", "ejection-max-share": "0.5", "ejection-interval": "500ms"}
# Our clients have further means against failures, which would hide what ejection does. To the others it says nothing.
UNBOUND = {"hash-balance-factor": "0"}  # ours, as it is by itself, sends what is too much for the one to others
ALONE = {"strategy": "round-robin", "error-bias-exponent": "0", "avoidance": "0s"}

ONLY_THE_SHARE = {"retry-budget-min-per-second": "0"}
RETRY = ("x-retry", "1")  # a call is tried up to four times
EACH_USER = ("x-user", "*")  # one call of each of the same users
USERS = 200
# One pod of little weight makes rings long: every pod has a whole number of points.
RING = ["heavy1", "heavy2", "heavy3", "heavy4", "heavy5", "light1"]
PROBED = {"ejection-consecutive-failures": "3", "ejection-failure-ratio": "1", **EJECT, **ALONE, "ejection-base-time": "20ms", "ejection-max-time": "20ms"}
CHECKED = {**PROBED, "ejection-probe-budget": "1", "avoidance": "1ms"}  # 0 would switch the checks off, too

# name: (annotations, pods with zones, calls at a time, header). Our clients know a pod by what it did in all its services, so where this tells,
# a scenario has a failing pod of its own.
SCENARIOS = {
    "no-annotation": ({}, ["ok1", "ok2", "slow1"], 12, None),
    "strategy-p2c-least-request": ({"strategy": "p2c-least-request"}, ["ok1", "ok2", "slow1"], 12, None),
    "strategy-random": ({"strategy": "random"}, ["ok1", "ok2", "slow1"], 12, None),
    "strategy-ring-hash": ({"strategy": "ring-hash", "hash-key": "header:x-user", **UNBOUND}, ["ok1", "ok2", "ok3"], 4, ("x-user", "u1")),
    "strategy-maglev": ({"strategy": "maglev", "hash-key": "header:x-user", **UNBOUND}, ["ok1", "ok2", "ok3"], 4, ("x-user", "u1")),
    "strategy-ring-hash-by-cookie": ({"strategy": "ring-hash", "hash-key": "cookie:sid", **UNBOUND}, ["ok1", "ok2", "ok3"], 4, ("cookie", "sid=u1")),
    "ejection-none": ({}, ["ok1", "ok2", "fail1"], 4, None),
    "ejection-consecutive-failures": ({"ejection-consecutive-failures": "3", "ejection-failure-ratio": "1", **EJECT, **ALONE}, ["ok1", "ok2", "fail1"], 4, None),
    "ejection-failure-ratio": (
        {"ejection-failure-ratio": "0.5", "ejection-min-requests": "3", "ejection-consecutive-failures": "999999", **EJECT, **ALONE},
        ["ok1", "ok2", "fail1"], 4, None),
    "ejection-max-share-0": (
        {"ejection-consecutive-failures": "3", "ejection-failure-ratio": "0.5", **EJECT, **ALONE, "ejection-max-share": "0"},
        ["ok1", "ok2", "fail1"], 4, None),
    "error-bias": ({"ejection-max-share": "0", "avoidance": "0s", "error-bias-exponent": "4"}, ["ok1", "ok2", "fail1"], 4, None),
    "failure-statuses": (
        {"failure-statuses": "none", "ejection-consecutive-failures": "3", **EJECT, **ALONE}, ["ok1", "ok2", "fail3"], 4, None),
    "endpoints-per-client": ({"endpoints-per-client": "2"}, ["ok1", "ok2", "ok3"], 4, None),
    "panic-by-default": (
        {"ejection-consecutive-failures": "3", "ejection-failure-ratio": "0.5", **EJECT, **ALONE, "ejection-max-share": "1"},
        ["ok1", "fail1", "fail2"], 4, None),
    "panic-threshold-0": (
        {"ejection-consecutive-failures": "3", "ejection-failure-ratio": "0.5", **EJECT, **ALONE, "ejection-max-share": "1", "panic-threshold": "0"},
        ["ok1", "fail1", "fail2"], 4, None),
    "max-in-flight": ({"max-in-flight": "2"}, ["slow1", "slow2"], 8, None),
    "max-in-flight-per-endpoint": ({"max-in-flight-per-endpoint": "1"}, ["slow1", "slow2"], 8, None),
    "zone-unsaid": ({}, ["ok1", "ok2", "ok3"], 4, None),
    "zone-spill": ({"zone-affinity": "spill"}, ["ok1", "ok2", "ok3"], 4, None),
    "zone-with-least-request": ({"strategy": "p2c-least-request"}, ["ok1", "ok2", "ok3"], 4, None),
    "zone-forced": ({"zone-affinity": "forced"}, ["ok1", "ok2", "ok3", "slow1", "slow2"], 4, None),
    "zone-off": ({"zone-affinity": "off"}, ["ok1", "ok2", "ok3"], 4, None),
    "subset": ({"subset-from": "header:x-shard"}, ["ok1", "ok2", "ok3"], 4, ("x-shard", "7")),
    "hash-balance-factor": (
        {"strategy": "ring-hash", "hash-key": "header:x-user", "hash-balance-factor": "1.25"}, ["slow1", "slow2"], 8, ("x-user", "u1")),
    "ring-size-unsaid": ({"strategy": "ring-hash", "hash-key": "header:x-user", **UNBOUND}, RING, 1, EACH_USER),
    "ring-size": ({"strategy": "ring-hash", "hash-key": "header:x-user", "hash-ring-size": "1024", **UNBOUND}, RING, 1, EACH_USER),
    "table-size-unsaid": ({"strategy": "maglev", "hash-key": "header:x-user", **UNBOUND}, RING, 1, EACH_USER),
    "table-size": ({"strategy": "maglev", "hash-key": "header:x-user", "hash-table-size": "1009", **UNBOUND}, RING, 1, EACH_USER),
    "ejection-probe-budget": ({**PROBED, "ejection-probe-budget": "1"}, ["ok1", "ok2", "fail4"], 1, None),
    "ejection-probe-budget-small": ({**PROBED, "ejection-probe-budget": "0.0001"}, ["ok1", "ok2", "fail5"], 1, None),
    "tcp-health-check": (CHECKED, ["ok1", "ok2", "gone1"], 1, None),
    "tcp-health-check-off": ({**CHECKED, "ejection-tcp-health-check": "false"}, ["ok1", "ok2", "gone2"], 1, None),
    "avoidance": ({**ALONE, "ejection-max-share": "0", "avoidance": "30s"}, ["ok1", "ok2", "reset1"], 4, None),
    "avoidance-off": ({**ALONE, "ejection-max-share": "0"}, ["ok1", "ok2", "reset2"], 4, None),
    "retry-budget-unsaid": (ONLY_THE_SHARE, ["sick1", "sick2"], 20, RETRY),
    "retry-budget-share": ({"retry-budget-share": "1", **ONLY_THE_SHARE}, ["sick1", "sick2"], 20, RETRY),
    "retry-budget-min": ({"retry-budget-share": "0", "retry-budget-min-per-second": "1000"}, ["sick1", "sick2"], 20, RETRY),
    "retry-budget-enabled": ({"retry-budget-enabled": "false"}, ["sick1", "sick2"], 20, RETRY),
    "slow-start": ({"slow-start": "20s", "slow-start-min-share": "0.05"}, ["ok1", "ok2"], 4, None),
    "everything": (
        {
            "strategy": "p2c-ewma", "slow-start": "30s", "slow-start-min-share": "0.2", "slow-start-aggression": "2",
            "ejection-consecutive-failures": "5", "ejection-failure-ratio": "0.5", "ejection-min-requests": "10",
            "ejection-base-time": "1s", "ejection-max-time": "30s", "ejection-max-share": "0.5", "ejection-probe-budget": "0.02",
            "ejection-tcp-health-check": "true", "ejection-interval": "1s", "error-bias-exponent": "4",
            "error-bias-min-share": "0.01", "avoidance": "1s", "failure-statuses": "500-599", "zone-affinity": "spill",
            "zone-min-local-endpoints": "1", "panic-threshold": "0.3", "max-in-flight-per-endpoint": "100",
            "max-in-flight": "1000", "retry-budget-enabled": "true", "retry-budget-share": "0.2",
            "retry-budget-min-per-second": "10", "retry-budget-window": "10s", "endpoints-per-client": "auto",
            "hash-key": "header:x-user", "hash-balance-factor": "1.25", "hash-ring-size": "4096", "hash-table-size": "65537",
            "subset-label": "shard", "subset-from": "header:x-shard", "subset-if-none-matches": "use", "subset-use-value": "8",
        },
        ["ok1", "ok2", "ok3"], 4, None),
    "everything-ring-hash": (
        {
            "strategy": "ring-hash", "hash-key": "header:x-user", "hash-balance-factor": "1.25", "hash-ring-size": "1024",
            "slow-start": "30s", "ejection-consecutive-failures": "5", "zone-affinity": "forced", "panic-threshold": "1",
        },
        ["ok1", "ok2", "ok3"], 4, ("x-user", "u1")),
    "everything-maglev": (
        {"strategy": "maglev", "hash-key": "path", "hash-table-size": "1009", "hash-balance-factor": "100", "zone-affinity": "off"},
        ["ok1", "ok2", "ok3"], 4, None),
}
# Services whose pods speak HTTP/1.1 alone, which Envoy alone is told of differently.
OVER_HTTP1 = {
    "over-http1": (SCENARIOS["everything"][0], ["ok1"], 0, None),  # only to be accepted
    "limit-over-http1": ({"max-in-flight-per-endpoint": "1"}, ["slow1", "slow2"], 8, None),
    "no-limit-over-http1": ({}, ["slow1", "slow2"], 8, None),
}
ZONES = {"ok1": "a", "ok2": "b", "ok3": "c", "fail1": "a", "fail2": "b", "slow1": "c", "slow2": "c"}
SHARDS = {"ok1": "7", "ok2": "8", "ok3": "8"}


class Shares(dict):
    """Of the pods and the failures in the calls of a client."""

    def __init__(self, counts):
        self.counts = counts or {"failed: no calls": 1}
        self.calls = sum(self.counts.values())
        self.sent = 0  # how many requests a call has become, where that was counted
        super().__init__({pod: count / self.calls for pod, count in self.counts.items()})

    @property
    def failures(self):
        return sum(count for pod, count in self.counts.items() if pod.startswith("failed"))


def failed(shares):
    return shares.failures / shares.calls


def to(pod):
    return lambda shares: shares.get(pod, 0)


# What shows a cell: the row of the page, the scenario, whether these are the shares of who obeys, and for whom that tells anything.
OURS = ("our HTTP client", "our gRPC client")
CHECKS = [
    ("`strategy: p2c-…`", "strategy-p2c-least-request", lambda it: to("slow1")(it) < 0.27 and not failed(it), None),
    ("`strategy: p2c-…`", "strategy-random", lambda it: to("slow1")(it) > 0.2, OURS),
    ("`strategy: ring-hash`, `maglev` with `hash-key: header:…`", "strategy-ring-hash", lambda it: max(it.values()) > 0.9, None),
    ("… with `hash-key: cookie:…`", "strategy-ring-hash-by-cookie", lambda it: max(it.values()) > 0.9, None),
    ("`ejection-consecutive-failures`", "ejection-consecutive-failures", lambda it: failed(it) < 0.25, None),
    ("`ejection-failure-ratio`, `ejection-min-requests`", "ejection-failure-ratio", lambda it: failed(it) < 0.25, None),
    ("`ejection-max-share: 0`", "ejection-max-share-0", lambda it: failed(it) > 0.25, None),
    # For who counts failures in a row; the others would go on anyway.
    ("`failure-statuses`", "failure-statuses", lambda it: failed(it) > 0.25, (*OURS, "Envoy")),
    ("`hash-balance-factor`", "hash-balance-factor", lambda it: max(it.values()) < 0.8, None),
    # Three failures in a row, and the five probes that are saved up; the others go on until the end of an interval.
    ("`ejection-probe-budget`", "ejection-probe-budget", lambda it: it.failures > 12, OURS),
    ("`ejection-probe-budget`", "ejection-probe-budget-small", lambda it: it.failures < 12 and it.calls > 40, OURS),
    ("`ejection-tcp-health-check`", "tcp-health-check", lambda it: it.failures < 12 and it.calls > 40, ("our HTTP client",)),
    ("`ejection-tcp-health-check`", "tcp-health-check-off", lambda it: it.failures > 12, OURS),
    # Of a pod that refuses connections for HTTP, and resets those for gRPC: whether one can be made, a channel knows by itself.
    ("`avoidance`", "avoidance", lambda it: failed(it) < 0.2, OURS),
    ("`avoidance`", "avoidance-off", lambda it: failed(it) > 0.2, OURS),
    ("`retry-budget-share`", "retry-budget-unsaid", lambda it: 1.05 < it.sent < 1.5, None),
    ("`retry-budget-share`", "retry-budget-share", lambda it: it.sent > 1.6, None),
    ("`retry-budget-min-per-second`, `-window`", "retry-budget-min", lambda it: it.sent > 1.6, None),
    ("`retry-budget-enabled`", "retry-budget-enabled", lambda it: it.sent > 1.6, None),
    ("`error-bias-…`", "error-bias", lambda it: failed(it) < 0.2, None),
    ("`endpoints-per-client`", "endpoints-per-client", lambda it: len(it) == 2, None),
    # Ours also leave a zone that is slower than the others, as it may be here: all kinds call its one pod.
    ("`zone-affinity: spill`", "zone-spill", lambda it: to("ok1")(it) > 0.45, None),
    ("`zone-affinity: forced`", "zone-forced", lambda it: to("ok1")(it) > 0.99, None),
    ("`zone-affinity: off`", "zone-off", lambda it: 0.1 < to("ok1")(it) < 0.8, None),
    ("`panic-threshold`", "panic-threshold-0", lambda it: failed(it) < 0.3, OURS),
    ("`panic-threshold`", "panic-by-default", lambda it: failed(it) > 0.4, None),
    ("`max-in-flight`", "max-in-flight", lambda it: failed(it) > 0.5, None),
    ("`max-in-flight-per-endpoint`", "max-in-flight-per-endpoint", lambda it: failed(it) > 0.5, None),
    ("… where the pods speak HTTP/1.1", "max-in-flight-per-endpoint", lambda it: failed(it) > 0.5, ("our HTTP client",)),
    ("`subset-…`", "subset", lambda it: to("ok1")(it) > 0.99, None),
    # After those above: until its window is over, Envoy starts slowly with the pods that it has had from its beginning, too.
    ("`slow-start…`", "slow-start", lambda it: to("ok3")(it) < 0.2, None),
]
# What is obeyed where the same users come to other pods: the row, the scenario, and the one without the annotation.
MOVED = [
    ("`hash-ring-size`", "ring-size", "ring-size-unsaid"),
    ("`hash-table-size`", "table-size", "table-size-unsaid"),
]
# What Envoy says of itself: the row, the statistic, and the values that show that it obeys. A table of 1,009 entries over three pods, where
# it has 65,537 by itself; a ring of three pods with as many entries as it may have at most, where it takes 1,026 by itself.
STATISTICS = [
    ("`hash-ring-size`", "everything-ring-hash.shop:8080", "ring_hash_lb.size", range(1024, 1025)),
    ("`hash-table-size`", "everything-maglev.shop:8080", "maglev_lb.max_entries_per_host", range(336, 338)),
    # A connection for each of the two pods, where it makes eight by itself.
    ("… where the pods speak HTTP/1.1", "limit-over-http1.shop:8081", "upstream_cx_total", range(1, 3)),
    ("… where the pods speak HTTP/1.1", "no-limit-over-http1.shop:8081", "upstream_cx_total", range(5, 9)),
]
# Each kind by itself: the pods count the requests of one.
APART = [name for name, (_, _, _, header) in SCENARIOS.items() if header == RETRY]
# These take more calls, or the end of an interval.
LONGER = {"strategy-p2c-least-request": 2.5, "strategy-random": 2, "ejection-failure-ratio": 2.5, "panic-by-default": 4, "panic-threshold-0": 2.5,
          "ejection-probe-budget": 8, "ejection-probe-budget-small": 8, "tcp-health-check": 8, "tcp-health-check-off": 8}  # two probes in a second at most
# To be accepted, whatever they change.
ACCEPTED = ["everything", "everything-ring-hash", "everything-maglev"]


def cells(page):
    """The table of who obeys: for each row whether it says so of each kind of client; what it says otherwise is left out."""
    lines = iter(pathlib.Path(page).read_text().split("## Who obeys")[1].splitlines())
    head = next(line for line in lines if line.startswith("| annotation"))
    kinds = [cell.split(" (")[0].strip() for cell in head.strip("| ").split("|")][1:]
    kinds = ["Envoy" if kind.startswith("Envoy") else kind for kind in kinds]
    next(lines)
    found = {}
    for line in lines:
        if not line.startswith("|"):
            return found
        row, *said = [cell.strip() for cell in line.strip().strip("|").split("|")]
        found[row] = {kind: cell[0] == "✔" for kind, cell in zip(kinds, said, strict=True) if cell[0] in "✔○–"}
    return found


def differences(page, shares):
    """What runs have shown otherwise than the page has it."""
    said = cells(page)
    compared = 0
    for row, scenario, obeyed, kinds in CHECKS:
        for kind, counts in shares.get(scenario, {}).items():
            if kind not in said[row] or (kinds and kind not in kinds):
                continue
            compared += 1
            if obeyed(counts) != said[row][kind]:
                shown = ", ".join(f"{pod} {100 * share:.1f}%" for pod, share in sorted(counts.items()))
                yield f"{row}: {kind} is {'✔' if said[row][kind] else '○ or –'} in {page}, but did this in {scenario}: {shown}"
    for row, scenario, without in MOVED:
        for kind, counts in shares.get(scenario, {}).items():
            if kind not in said[row] or kind not in shares.get(without, {}):
                continue
            compared += 1
            both = (counts, shares[without][kind])
            if any(one.failures or one.calls < USERS for one in both):
                yield f"{row}: {kind} did not answer each of {USERS} users: {[one.counts for one in both]}"
                continue
            moved = counts.counts != shares[without][kind].counts
            if moved != said[row][kind]:
                yield (f"{row}: {kind} is {'✔' if said[row][kind] else '○ or –'} in {page}, but users came"
                       f" {'to other pods' if moved else 'to the same pods'}: {counts.counts}")
    print(f"compared with {page}: {compared} cells")



def ports(service, grpc_port, http_port):
    if service in OVER_HTTP1:
        return f"{{name: http, port: {http_port}}}"
    return f"{{name: grpc, port: {grpc_port}}}, {{name: http, port: {http_port}}}"


def port_of(pod):
    return PODS["ok3" if pod == "late" else pod]


def without_number(pod):
    return pod.rstrip("0123456789")


def pod_object(name, labels, ready_since):
    annotations = f'{{xdslb.dev/weight: "{WEIGHTS.get(without_number(name), 1)}"}}'
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, uid: {name}, labels: {labels}, annotations: {annotations}}}\n"
        f'status: {{conditions: [{{type: Ready, status: "True", lastTransitionTime: "{ready_since}"}}]}}\n')


def manifests(late=None):
    """All objects; with a pod that has been ready since then, where a time is given."""
    parts = []
    for pod in PODS:
        shard = f'{{xdslb.dev/shard: "{SHARDS.get(pod, "")}"}}'
        parts.append(pod_object(pod, shard, "2026-01-01T00:00:00Z"))
    if late:
        parts.append(pod_object("late", "{}", late))
    services = {**SCENARIOS, **OVER_HTTP1}
    services["web"] = ({}, ["ok1", "ok2", "ok3"], 0, None)
    for name, (annotations, pods, _, _) in services.items():
        said = "".join(f'    xdslb.dev/{key}: "{value}"\n' for key, value in annotations.items())
        parts.append(
            f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  namespace: shop\n  annotations:\n    none: \"\"\n{said}"
            f"spec: {{ports: [{ports(name, 8080, 8081)}]}}\n")
        for pod in pods + (["late"] if late and name == "slow-start" else []):
            parts.append(
                "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
                f"metadata: {{name: {name}-{pod}, namespace: shop, labels: {{kubernetes.io/service-name: {name}}}}}\n"
                f"addressType: IPv4\nports: [{ports(name, port_of(pod), port_of(pod) + HTTP_OF)}]\n"
                f'endpoints: [{{addresses: [127.0.0.1], zone: "{ZONES.get(pod) if name.startswith(("zone", "web")) else ""}", conditions: {{ready: true}}, '
                f"targetRef: {{kind: Pod, name: {pod}, namespace: shop, uid: {pod}}}}}]\n")
    return "---\n".join(parts)


def envoy_bootstrap():
    def route(name, extra, match, port=8080):
        return {"match": {"prefix": "/", **match}, "route": {
            "cluster": f"{name}.shop:{port}", "timeout": "20s",
            "hash_policy": [{"header": {"header_name": "x-user"}}, {"cookie": {"name": "sid"}}], **extra}}

    retry = {"retry_policy": {"retry_on": "unavailable", "num_retries": 3, "retry_back_off": {"base_interval": "0.025s"}}}
    retried = {"headers": [{"name": "x-retry", "string_match": {"exact": "1"}}]}
    hosts = [
        {"name": name, "domains": [name], "routes": [route(name, retry, retried), route(name, {}, {})]} for name in SCENARIOS
    ]
    hosts += [{"name": name, "domains": [name], "routes": [route(name, {}, {}, 8081)]} for name in OVER_HTTP1]
    ads = {"ads": {}, "resource_api_version": "V3"}
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "in", "route_config": {"name": "in", "virtual_hosts": hosts, "validate_clusters": False},
        "http_filters": [
            {"name": "envoy.filters.http.header_to_metadata", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.header_to_metadata.v3.Config",
                "request_rules": [{"header": "x-shard", "on_header_present": {"metadata_namespace": "envoy.lb", "key": "shard"}}]}},
            {"name": "envoy.filters.http.router", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}},
        ],
    }
    http2 = {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}}}}

    def address(port):
        return {"socket_address": {"address": "127.0.0.1", "port_value": port}}

    return {
        "node": {"id": "policy-envoy", "cluster": "web", "locality": {"zone": "a"}},
        "admin": {"address": address(ENVOY_ADMIN)},
        "cluster_manager": {"local_cluster_name": "web.shop:8080"},
        "dynamic_resources": {
            "ads_config": {"api_type": "DELTA_GRPC", "transport_api_version": "V3", "set_node_on_first_message_only": True,
                           "grpc_services": [{"envoy_grpc": {"cluster_name": "xds"}}]},
            "cds_config": ads},
        "static_resources": {
            "listeners": [{"name": "in", "address": address(ENVOY), "filter_chains": [{"filters": [
                {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}]}],
            "clusters": [
                {"name": "xds", "type": "STATIC", "typed_extension_protocol_options": http2, "load_assignment": {
                    "cluster_name": "xds", "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(XDS)}}]}]}},
                {"name": "web.shop:8080", "type": "EDS", "eds_cluster_config": {"eds_config": ads}},
            ]},
    }


def get(path, port=HTTP):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return answer.read().decode()


def wait(what, condition, seconds=300, alive=None):
    end = time.monotonic() + seconds
    while time.monotonic() < end and (alive is None or alive.poll() is None):
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit(f"{what}: not within {seconds} s")


class Client:
    """A client that is told by lines what to call, and answers by lines with "= " before them."""

    def __init__(self, command, environment):
        self.said = collections.deque(maxlen=20)
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)

    def begin(self, *arguments):
        self.process.stdin.write(" ".join(arguments) + "\n")

    def end(self):
        for line in self.process.stdout:
            if line.startswith("= "):
                return line[2:].strip()
            self.said.append(line)
        return "ended: " + "".join(self.said)

    def close(self):
        self.process.kill()
        self.process.wait()


def clients(options, directory):
    """The clients by their kind, as the page names them."""
    found = {}

    def add(kind, command, **more):
        name = "policy-" + kind.replace(" ", "-")
        bootstrap = directory / f"{name}.json"
        bootstrap.write_text(json.dumps({
            "xds_servers": [{"server_uri": f"127.0.0.1:{XDS}", "channel_creds": [{"type": "insecure"}]}],
            "node": {"id": name, "locality": {"zone": "a"}}}))
        found[kind] = Client(command, {**os.environ, "GRPC_XDS_BOOTSTRAP": str(bootstrap), "PAUSE_MS": str(options.pause), **more})

    if options.own_http:
        add("our HTTP client", shlex.split(options.own_http) + [
            "--spring.application.name=policy-http", "--spring.main.web-application-type=none", "--spring.main.banner-mode=off",
            "--logging.level.root=error", "--xds-lb.namespace=shop", f"--xds-lb.control-plane.address=127.0.0.1:{XDS}"], XDSLB_ZONE="a")
    if options.own_grpc:
        add("our gRPC client", shlex.split(options.own_grpc) + [f"127.0.0.1:{XDS}"], XDSLB_ZONE="a")
    if options.envoy:
        add("Envoy", [sys.executable, str(HERE / "client.py"), f"127.0.0.1:{ENVOY}"])
    if options.java:
        add("Java", shlex.split(options.java))
    if options.go:
        add("Go", [options.go])
    add("Python", [sys.executable, str(HERE / "client.py")])
    if options.node:
        add("Node", ["node", str(HERE / "client.js")], NODE_PATH=options.node)
    return found


def target(kind, name):
    if kind == "our HTTP client":
        return f"http://{name}.shop:8081/"
    if kind == "our gRPC client":
        return f"xdslb:///{name}.shop:8080"
    return name if kind == "Envoy" else f"xds:///{name}.shop:8080"


def run(name, seconds, callers):
    """Calls by all kinds at the same time, or by one after the other; returns what each did."""
    if name not in APART or len(callers) == 1:
        return run_together(name, seconds, callers)
    found = {}
    for kind, caller in callers.items():
        before = arrived(name)
        found |= run_together(name, seconds, {kind: caller})
        found[kind].sent = (arrived(name) - before) / found[kind].calls
        print(f"{name:32} {kind:16} {found[kind].sent:.2f} requests per call", flush=True)
    return found


def call_over_http1(name):
    """As many calls through Envoy as the scenario has at a time."""
    request = urllib.request.Request(f"http://127.0.0.1:{ENVOY}/", headers={"host": name})
    with concurrent.futures.ThreadPoolExecutor(OVER_HTTP1[name][2]) as pool:
        for call in [pool.submit(urllib.request.urlopen, request, timeout=20) for _ in range(OVER_HTTP1[name][2])]:
            call.result().close()


def arrived(name):
    """How many requests the pods of a scenario have got until now."""
    return sum(int(get("/count", PODS[pod] + HTTP_OF)) for pod in SCENARIOS[name][1])


def run_together(name, seconds, callers):
    _, _, at_a_time, header = SCENARIOS[name]
    for kind, caller in callers.items():
        caller.begin(target(kind, name), str(at_a_time), str(seconds), *(header or ()))
    found = {}
    for kind, caller in callers.items():
        line = caller.end()
        print(f"{name:32} {kind:16} {shown(line)}", flush=True)
        try:
            counts = {word.rsplit("=", 1)[0]: int(word.rsplit("=", 1)[1]) for word in line.split()}
            found[kind] = Shares(counts)
        except (ValueError, IndexError):
            found[kind] = Shares({"failed: " + line: 1})
    return found


def shown(line):
    try:
        counts = {word.rsplit("=", 1)[0]: int(word.rsplit("=", 1)[1]) for word in line.split()}
    except (ValueError, IndexError):
        return line
    total = sum(counts.values())
    return f"{total:5} calls  " + "  ".join(f"{name} {100 * count / total:.1f}%" for name, count in counts.items())


def nacks():
    found = collections.Counter()
    streams = json.loads(get("/debug/streams?limit=1000"))["streams"]
    for stream in streams:
        for kind in stream["types"]:
            if kind["counts"]["nacks"]:
                found[f"{stream['node']} {kind['typeUrl']} {json.dumps(kind)[:2000]}"] += kind["counts"]["nacks"]
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("jar")
    for option in ("--only", "--go", "--node", "--java", "--own-grpc", "--own-http", "--envoy", "--check"):
        parser.add_argument(option)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--pause", type=int, default=10, help="of each caller after each call, in ms")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # and everything that it has started
    programs = []
    callers = {}
    with tempfile.TemporaryDirectory() as made:
        directory = pathlib.Path(made)
        folder = directory / "manifests"
        folder.mkdir()
        (folder / "all.yaml").write_text(manifests())
        log = open(directory / "log", "w")
        try:
            for pod, port in PODS.items():
                if without_number(pod) not in MODES:
                    continue
                mode = directory / f"{pod}.mode"
                mode.write_text(MODES[without_number(pod)])
                programs.append(subprocess.Popen(
                    [sys.executable, str(HERE / "pod.py"), "127.0.0.1", str(port), str(port + HTTP_OF), pod, str(mode)]))
            programs.append(subprocess.Popen(
                ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *program(options.jar), f"--server.port={HTTP}", "--server.address=127.0.0.1",
                 "--xds-lb.control-plane.address=127.0.0.1", f"--xds-lb.control-plane.port={XDS}",
                 f"--xds-lb.control-plane.manifests.directory={folder}"], stdout=log, stderr=log))
            callers = clients(options, directory)  # JVMs take their time, too
            try:
                wait("the control plane", lambda: "UP" in get("/actuator/health/readiness"), alive=programs[-1])
            except SystemExit:
                print((directory / "log").read_text()[-3000:])
                raise
            for problem in json.loads(get("/debug/endpoints")).get("skipped", []):
                print("skipped:", problem)
            if options.envoy:
                bootstrap = directory / "envoy.json"
                bootstrap.write_text(json.dumps(envoy_bootstrap()))
                programs.append(subprocess.Popen(
                    [options.envoy, "-c", str(bootstrap), "--concurrency", "1", "--base-id", "77", "-l", "error"]))
                wait("Envoy", lambda: "LIVE" in get("/ready", ENVOY_ADMIN))
                wait("clusters", lambda: get("/clusters", ENVOY_ADMIN).count("::added_via_api::true") >= len(SCENARIOS))
            differing = measure(options, callers, folder)
            if options.envoy:
                for stat in get("/stats?filter=upstream_rq_retry|cds.update_rejected|ejections_total|overflow", ENVOY_ADMIN).splitlines():
                    if not stat.endswith(": 0") or "rejected" in stat:
                        print("envoy", stat)
            sys.exit(1 if differing else 0)
        finally:
            for caller in callers.values():
                caller.close()
            for started in programs:
                started.kill()
                started.wait()


def measure(options, callers, folder):
    """Runs the scenarios; returns what the page has otherwise, and what was refused, where that is asked."""
    only = options.only.split(",") if options.only else list(SCENARIOS)
    if options.check and not options.only:
        moved = [name for _, *names in MOVED for name in names]
        only = list(dict.fromkeys([*(scenario for _, scenario, _, _ in CHECKS), *moved])) + ACCEPTED
    found = {}
    refused = collections.Counter()
    for name in only:
        if name == "slow-start":
            late(name, callers, folder)
        found[name] = run(name, max(options.seconds, LONGER.get(name, 0)), callers)
        refused.update(nacks())
    print("refused:", dict(refused) or "nothing")
    if not options.check:
        return []
    if options.envoy:
        call_over_http1("limit-over-http1")
        call_over_http1("no-limit-over-http1")
    differing = list(differences(options.check, found)) + list(statistics(options)) + [f"refused: {what}" for what in refused]
    for difference in differing:
        print("differs:", difference)
    return differing


def statistics(options):
    """What Envoy's statistics show otherwise than the page has it."""
    if not options.envoy:
        return
    said = cells(options.check)
    for row, cluster, name, obeyed in STATISTICS:
        text = get(f"/stats?filter=cluster.{cluster.replace(':', '_')}.{name}$", ENVOY_ADMIN).strip()
        print(f"envoy {text}")
        if (int(text.rsplit(": ")[1]) in obeyed) != said[row]["Envoy"]:
            yield f"{row}: Envoy is {'✔' if said[row]['Envoy'] else '○ or –'} in {options.check}, but says {text}"


def program(given):
    return ["-jar", given] if os.pathsep not in given else ["-cp", given, "dev.xdslb.controlplane.ControlPlaneApplication"]


def late(name, callers, folder):
    """A pod comes to who calls already."""
    run(name, 0.5, callers)
    (folder / "all.new").write_text(manifests(late=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())))
    os.replace(folder / "all.new", folder / "all.yaml")
    wait("the late pod", lambda: str(PODS["ok3"]) in get(f"/debug/endpoints?service={name}.shop"))
    time.sleep(1)  # everybody has heard of it


main()
