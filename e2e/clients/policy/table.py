"""Finds the cells of the table in docs/policy.md: what clients of other kinds make of the annotations of a Service.

Starts the control plane on a folder of manifests, some pods, an Envoy where one is given, and for each annotation a client of each
kind that is at hand. Prints what each did, and every refusal (NACK) of all of them together.

    python3 table.py CONTROL_PLANE_JAR_OR_CLASSPATH [--only SCENARIO,…] [--go PROGRAM] [--node NODE_MODULES] [--java CLASSPATH] [--envoy PROGRAM]

Run it with a Python that has grpcio (e2e/clients/install.sh makes one).
"""

import argparse
import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
XDS, HTTP, ENVOY, ENVOY_ADMIN = 18044, 8094, 18045, 18046
PODS = {"ok1": 9461, "ok2": 9462, "ok3": 9463, "fail1": 9464, "fail2": 9465, "slow1": 9466, "slow2": 9467}
MODES = {"ok": "ok", "fail": "fail", "slow": "slow 0.3"}
EJECT = {"ejection-base-time": "30s", "ejection-max-share": "0.5", "ejection-interval": "500ms"}

# name: (annotations, pods with zones, calls at a time, header)
SCENARIOS = {
    "no-annotation": ({}, ["ok1", "ok2", "slow1"], 12, None),
    "strategy-p2c-least-request": ({"strategy": "p2c-least-request"}, ["ok1", "ok2", "slow1"], 12, None),
    "strategy-ring-hash": ({"strategy": "ring-hash", "hash-key": "header:x-user"}, ["ok1", "ok2", "ok3"], 4, ("x-user", "u1")),
    "strategy-maglev": ({"strategy": "maglev", "hash-key": "header:x-user"}, ["ok1", "ok2", "ok3"], 4, ("x-user", "u1")),
    "strategy-ring-hash-by-cookie": ({"strategy": "ring-hash", "hash-key": "cookie:sid"}, ["ok1", "ok2", "ok3"], 4, ("cookie", "sid=u1")),
    "ejection-none": ({}, ["ok1", "ok2", "fail1"], 4, None),
    "ejection-consecutive-failures": ({"ejection-consecutive-failures": "3", **EJECT}, ["ok1", "ok2", "fail1"], 4, None),
    "ejection-failure-ratio": (
        {"ejection-failure-ratio": "0.5", "ejection-min-requests": "5", "ejection-consecutive-failures": "999999", **EJECT},
        ["ok1", "ok2", "fail1"], 4, None),
    "ejection-max-share-0": (
        {"ejection-consecutive-failures": "3", "ejection-failure-ratio": "0.5", **EJECT, "ejection-max-share": "0"},
        ["ok1", "ok2", "fail1"], 4, None),
    "panic-by-default": (
        {"ejection-consecutive-failures": "3", "ejection-failure-ratio": "0.5", **EJECT, "ejection-max-share": "1"},
        ["ok1", "fail1", "fail2"], 4, None),
    "panic-threshold-0": (
        {"ejection-consecutive-failures": "3", "ejection-failure-ratio": "0.5", **EJECT, "ejection-max-share": "1", "panic-threshold": "0"},
        ["ok1", "fail1", "fail2"], 4, None),
    "max-in-flight": ({"max-in-flight": "2"}, ["slow1", "slow2"], 8, None),
    "max-in-flight-per-endpoint": ({"max-in-flight-per-endpoint": "1"}, ["slow1", "slow2"], 8, None),
    "zone-unsaid": ({}, ["ok1", "ok2", "ok3"], 4, None),
    "zone-spill": ({"zone-affinity": "spill"}, ["ok1", "ok2", "ok3"], 4, None),
    "zone-with-least-request": ({"strategy": "p2c-least-request"}, ["ok1", "ok2", "ok3"], 4, None),
    "zone-forced": ({"zone-affinity": "forced"}, ["ok1", "ok2", "ok3", "slow1", "slow2"], 4, None),
    "zone-off": ({"zone-affinity": "off"}, ["ok1", "ok2", "ok3"], 4, None),
    "subset": ({"subset-from": "header:x-shard"}, ["ok1", "ok2", "ok3"], 4, ("x-shard", "7")),
    "retry-budget-unsaid": ({}, ["fail1", "fail2"], 20, ("x-retry", "1")),
    "retry-budget-share": ({"retry-budget-share": "1"}, ["fail1", "fail2"], 20, ("x-retry", "1")),
    "slow-start": ({"slow-start": "60s", "slow-start-min-share": "0.05"}, ["ok1", "ok2"], 4, None),
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
ZONES = {"ok1": "a", "ok2": "b", "ok3": "c", "fail1": "a", "fail2": "b", "slow1": "c", "slow2": "c"}
SHARDS = {"ok1": "7", "ok2": "8", "ok3": "8"}


def port_name(service):
    return "http" if service == "over-http1" else "grpc"


def manifests(late):
    parts = []
    for pod in PODS:
        shard = f'{{xdslb.dev/shard: "{SHARDS.get(pod, "")}"}}'
        parts.append(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {pod}, namespace: shop, uid: {pod}, labels: {shard}}}\n")
    services = dict(SCENARIOS)
    services["web"] = ({}, ["ok1", "ok2", "ok3"], 0, None)
    services["over-http1"] = (SCENARIOS["everything"][0], ["ok1"], 0, None)  # only to be accepted
    for name, (annotations, pods, _, _) in services.items():
        said = "".join(f'    xdslb.dev/{key}: "{value}"\n' for key, value in annotations.items())
        parts.append(
            f"apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  namespace: shop\n  annotations:\n    none: \"\"\n{said}"
            f"spec: {{ports: [{{name: {port_name(name)}, port: 8080}}]}}\n")
        for pod in pods + (["ok3"] if late and name == "slow-start" else []):
            parts.append(
                "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
                f"metadata: {{name: {name}-{pod}, namespace: shop, labels: {{kubernetes.io/service-name: {name}}}}}\n"
                f"addressType: IPv4\nports: [{{name: {port_name(name)}, port: {PODS[pod]}}}]\n"
                f'endpoints: [{{addresses: [127.0.0.1], zone: "{ZONES[pod] if name.startswith(("zone", "web")) else ""}", conditions: {{ready: true}}, '
                f"targetRef: {{kind: Pod, name: {pod}, namespace: shop, uid: {pod}}}}}]\n")
    return "---\n".join(parts)


def envoy_bootstrap():
    def route(name, extra, match):
        return {"match": {"prefix": "/", **match}, "route": {
            "cluster": f"{name}.shop:8080", "timeout": "20s",
            "hash_policy": [{"header": {"header_name": "x-user"}}, {"cookie": {"name": "sid"}}], **extra}}

    retry = {"retry_policy": {"retry_on": "unavailable", "num_retries": 3, "retry_back_off": {"base_interval": "0.2s"}}}
    retried = {"headers": [{"name": "x-retry", "string_match": {"exact": "1"}}]}
    hosts = [
        {"name": name, "domains": [name], "routes": [route(name, retry, retried), route(name, {}, {})]} for name in SCENARIOS
    ]
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


def commands(options):
    found = {"python": [sys.executable, str(HERE / "client.py")]}
    if options.go:
        found["go"] = [options.go]
    if options.node:
        found["node"] = ["node", str(HERE / "client.js")]
    if options.java:
        found["java"] = ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx96m", "-cp", options.java, "Client"]
    if options.envoy:
        found["envoy"] = [sys.executable, str(HERE / "through_envoy.py"), f"127.0.0.1:{ENVOY}"]
    return found


def run(name, seconds, options, directory):
    _, _, at_a_time, header = SCENARIOS[name]
    started = {}
    for kind, command in commands(options).items():
        bootstrap = directory / f"{kind}.json"
        bootstrap.write_text(json.dumps({
            "xds_servers": [{"server_uri": f"127.0.0.1:{XDS}", "channel_creds": [{"type": "insecure"}]}],
            "node": {"id": f"policy-{kind}", "locality": {"zone": "a"}}}))
        environment = {**os.environ, "GRPC_XDS_BOOTSTRAP": str(bootstrap), "NODE_PATH": options.node or ""}
        target = name if kind == "envoy" else f"xds:///{name}.shop:8080"
        arguments = [target, str(at_a_time), str(seconds), *(header or ())]
        started[kind] = subprocess.Popen(
            command + arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for kind, process in started.items():
        try:
            said, _ = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            said = "no answer"
        line = said.strip().splitlines()[-1] if said.strip() else "nothing"
        print(f"{name:32} {kind:7} {shares(line)}", flush=True)


def shares(line):
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
    for option in ("--only", "--go", "--node", "--java", "--envoy"):
        parser.add_argument(option)
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # and everything that it has started
    programs = []
    with tempfile.TemporaryDirectory() as made:
        directory = pathlib.Path(made)
        folder = directory / "manifests"
        folder.mkdir()
        (folder / "all.yaml").write_text(manifests(late=False))
        log = open(directory / "log", "w")
        try:
            for pod, port in PODS.items():
                mode = directory / f"{pod}.mode"
                mode.write_text(MODES[pod.rstrip("123")])
                programs.append(subprocess.Popen([sys.executable, str(HERE / "pod.py"), f"127.0.0.1:{port}", pod, str(mode)]))
            programs.append(subprocess.Popen(
                ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *program(options.jar), f"--server.port={HTTP}", "--server.address=127.0.0.1",
                 "--xds-lb.control-plane.address=127.0.0.1", f"--xds-lb.control-plane.port={XDS}",
                 f"--xds-lb.control-plane.manifests.directory={folder}"], stdout=log, stderr=log))
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
            only = options.only.split(",") if options.only else list(SCENARIOS)
            refused = collections.Counter()
            for name in only:
                if name == "slow-start":
                    late(name, options, directory, folder)
                else:
                    run(name, options.seconds, options, directory)
                refused.update(nacks())
            if options.envoy:
                for stat in get("/stats?filter=upstream_rq_retry|cds.update_rejected|ejections_total|overflow", ENVOY_ADMIN).splitlines():
                    if not stat.endswith(": 0") or "rejected" in stat:
                        print("envoy", stat)
            print("refused:", dict(refused) or "nothing")
        finally:
            for started in programs:
                started.kill()
                started.wait()


def program(given):
    return ["-jar", given] if os.pathsep not in given else ["-cp", given, "dev.xdslb.controlplane.ControlPlaneApplication"]


def late(name, options, directory, folder):
    """A pod that comes while the clients call: they run for longer, and their shares begin after it came."""
    caller = threading.Thread(target=run, args=(name, 30, options, directory))
    caller.start()
    time.sleep(20)  # by then they call
    (folder / "all.new").write_text(manifests(late=True))
    os.replace(folder / "all.new", folder / "all.yaml")
    caller.join()


main()
