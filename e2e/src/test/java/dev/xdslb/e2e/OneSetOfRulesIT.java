/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One Service as its objects describe it: two zones, pods of weight 2 and 1 in each. The same is asked of it by our HTTP client, our gRPC
 * client, a Python client and an Envoy, all at once: while all is well, while it has shards, when a pod has just come, while one
 * fails, and while it is slow. What each of them did is printed; docs/one-set-of-rules.md tells of it.
 */
class OneSetOfRulesIT {

    private static final int REQUESTS = 400;
    private static final Duration USUAL = Duration.ofMillis(5);
    private static final Duration SLOW = Duration.ofMillis(50);
    private static final int XDS_PORT = 18013;
    private static final int SAMPLE_PORT = 8083;
    private static final int ENVOY_PORT = 10_086;
    private static final URI HTTP = URI.create("http://127.0.0.1:8093");
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String CONTROL_PLANE = "127.0.0.1:" + XDS_PORT;
    private static final String ZONE = "a";
    private static final String PYTHON = "Python";
    private static final String ENVOY = "Envoy";

    /** What all clients say in each request. */
    private static final String SHARD_HEADER = "x-shard";

    private static final String SHARD = "7";
    private static final Duration WINDOW = Duration.ofSeconds(20);
    private static final String SLOW_START = "xdslb.dev/slow-start: 20s";
    private static final Instant LONG_AGO = Instant.parse("2026-01-01T00:00:00Z");

    /** More than it takes until all clients have heard of a change, and have said what they did before. */
    private static final Duration CHANGE = Duration.ofMillis(1_500);

    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: orders, namespace: shop, annotations: {%s}}
            spec:
              ports: [{name: http, port: 8080}, {name: grpc, port: 9090}]
              trafficDistribution: PreferSameZone
            """;

    private static final String POD = """
            ---
            apiVersion: v1
            kind: Pod
            metadata:
              name: %1$s
              namespace: shop
              uid: uid-of-%1$s
              annotations: {xdslb.dev/weight: "%5$d"}
              labels: {xdslb.dev/shard: "%6$s"}
            status: {conditions: [{type: Ready, status: "True", lastTransitionTime: "%7$s"}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: %1$s, namespace: shop, labels: {kubernetes.io/service-name: orders}}
            addressType: IPv4
            endpoints:
              - {addresses: [127.0.0.1], zone: %4$s, conditions: {ready: true}, targetRef: {kind: Pod, namespace: shop, name: %1$s, uid: uid-of-%1$s}}
            ports: [{name: http, port: %2$d}, {name: grpc, port: %3$d}]
            """;

    /** Serves both protocols alike. */
    private record OrdersPod(
            String name, String zone, int weight, String shard, Instant ready, EchoServer http, GrpcPod grpc) {

        OrdersPod(int number, String zone, int weight, String shard, Instant ready) {
            this(
                    "pod-" + number,
                    zone,
                    weight,
                    shard,
                    ready,
                    new EchoServer("pod-" + number),
                    new GrpcPod("pod-" + number));
        }

        boolean isOfShard() {
            return shard.equals(SHARD);
        }

        void behave(Duration time, boolean failing) {
            http.behave(time, failing);
            grpc.behave(time, failing);
        }
    }

    /** A kind of client, and the counts of its requests by pod since it was last asked; "failed" are those that failed. */
    private record Kind(String name, Supplier<Map<String, Integer>> next) {}

    private final Path directory;
    private final Deque<AutoCloseable> ends = new ArrayDeque<>();
    private Instant envoyStarted = LONG_AGO;

    OneSetOfRulesIT(@TempDir Path directory) {
        this.directory = directory;
    }

    @AfterEach
    void end() throws Exception {
        while (!ends.isEmpty()) {
            ends.pop().close();
        }
    }

    @Test
    void everyKindOfClientDoesWhatItCan() throws Exception {
        assumeTrue(Envoy.isAtHand(), Envoy.howToGet());
        assumeTrue(GrpcClient.PYTHON.isAtHand(), GrpcClient.PYTHON.howToGet());
        List<OrdersPod> pods =
                List.of(pod(1, "a", 2, SHARD), pod(2, "a", 1, "8"), pod(3, "b", 2, SHARD), pod(4, "b", 1, "8"));
        Path manifests = Files.createDirectories(directory.resolve("manifests"));
        serve(manifests, SLOW_START, pods);
        startControlPlane(manifests);
        List<Kind> kinds = clients();

        compare("healthy", kinds, pods);
        compareLatePod(manifests, kinds, pods);
        change(manifests, "xdslb.dev/subset-from: header:" + SHARD_HEADER, pods);
        compareShards(kinds, pods);
        change(manifests, "xdslb.dev/strategy: ring-hash, xdslb.dev/hash-key: header:" + SHARD_HEADER, pods);
        assertThat(compare("requests of one key, by hash", kinds, pods).get(PYTHON))
                .hasSize(1);

        change(manifests, "", pods);
        pods.get(0).behave(USUAL, true);
        compare("pod-1 fails", kinds, pods);
        pods.get(0).behave(USUAL, false);
        compare("pod-1 is back", kinds, pods);
        pods.get(0).behave(SLOW, false);
        compare("pod-1 is slow", kinds, pods);

        assertThat(Nacks.byType(HTTP)).as("refused responses by type").isEmpty();
    }

    private static void compareShards(List<Kind> kinds, List<OrdersPod> pods) {
        compare("requests of shard " + SHARD, kinds, pods).forEach((kind, counts) -> {
            double within = pods.stream()
                    .filter(OrdersPod::isOfShard)
                    .mapToDouble(pod -> CallCounts.share(counts, pod.name()))
                    .sum();
            if (kind.equals(PYTHON)) {
                assertThat(within).as("%s knows no shards", kind).isBetween(0.4, 0.6);
            } else {
                assertThat(within).as(kind).isEqualTo(1);
            }
        });
    }

    private void compareLatePod(Path manifests, List<Kind> kinds, List<OrdersPod> pods) throws IOException {
        await("the pods warm: Envoy counts from when it heard of them")
                .atMost(LIMIT)
                .until(() -> Instant.now().isAfter(envoyStarted.plus(WINDOW)));
        List<OrdersPod> more = new ArrayList<>(pods);
        OrdersPod late = pod(5, ZONE, 1, "8", Instant.now());
        more.add(late);
        change(manifests, SLOW_START, more);
        compare("pod-5 has just come", kinds, more).forEach((kind, counts) -> {
            double share = CallCounts.share(counts, late.name());
            if (kind.equals(PYTHON)) {
                assertThat(share).as("%s has no slow start", kind).isGreaterThan(0.25);
            } else {
                double warm = kind.equals(ENVOY) ? 1 / 7.0 : 1 / 4.0; // of the weights of all zones, or of the own one
                assertThat(share).as(kind).isBetween(0.0001, 0.8 * warm);
            }
        });
    }

    private OrdersPod pod(int number, String zone, int weight, String shard) {
        return pod(number, zone, weight, shard, LONG_AGO);
    }

    private OrdersPod pod(int number, String zone, int weight, String shard, Instant ready) {
        OrdersPod pod = new OrdersPod(number, zone, weight, shard, ready.truncatedTo(ChronoUnit.SECONDS));
        ends.push(pod.http());
        ends.push(pod.grpc());
        pod.behave(USUAL, false);
        return pod;
    }

    /** Returns what each kind did. */
    private static Map<String, Map<String, Integer>> compare(String what, List<Kind> kinds, List<OrdersPod> pods) {
        Map<String, Map<String, Integer>> all = new ConcurrentHashMap<>();
        List<CompletableFuture<Void>> tables = new ArrayList<>();
        for (Kind kind : kinds) {
            tables.add(CompletableFuture.runAsync(
                    () -> {
                        Map<String, Integer> counts = kind.next().get();
                        all.put(kind.name(), counts);
                        double sum = CallCounts.sum(counts);
                        String shares = pods.stream()
                                .map(pod ->
                                        String.format(Locale.ROOT, "%.1f", 100 * CallCounts.share(counts, pod.name())))
                                .collect(Collectors.joining(" / "));
                        double local = pods.stream()
                                .filter(pod -> pod.zone().equals(ZONE))
                                .mapToDouble(pod -> counts.getOrDefault(pod.name(), 0))
                                .sum();
                        int failed = counts.getOrDefault("failed", 0);
                        Figure.report(
                                what + ", " + kind.name(),
                                String.format(
                                        Locale.ROOT,
                                        "%% of pods %s; of the own zone %.1f; failed %d of %.0f",
                                        shares,
                                        100 * local / Math.max(1, sum - failed),
                                        failed,
                                        sum));
                    },
                    task -> new Thread(task, kind.name()).start()));
        }
        tables.forEach(CompletableFuture::join);
        return all;
    }

    private List<Kind> clients() throws IOException {
        Program sample = Program.start(
                        "rules-sample",
                        new ProcessBuilder(Program.javaJar(
                                SampleService.jar(),
                                "--server.port=" + SAMPLE_PORT,
                                "--xds-lb.zone=" + ZONE,
                                "--xds-lb.control-plane.address=" + CONTROL_PLANE)))
                .awaitUp(URI.create("http://127.0.0.1:" + SAMPLE_PORT + "/actuator/health"));
        ends.push(sample);
        Map<String, String> header = Map.of(SHARD_HEADER, SHARD);
        Load own = new Load(URI.create("http://127.0.0.1:" + SAMPLE_PORT + "/orders/1"), header);

        ProcessBuilder ownGrpc = GrpcClient.xdsLb("xdslb:///orders.shop:9090", CONTROL_PLANE, SHARD_HEADER, SHARD);
        ownGrpc.environment().put("XDSLB_ZONE", ZONE);
        Program grpc = Program.start("rules-xds-lb-grpc", ownGrpc);
        ends.push(grpc);

        Program python = Program.start(
                "rules-python",
                GrpcClient.PYTHON.command(
                        "xds:///orders.shop:9090",
                        GrpcClient.bootstrap(directory, XDS_PORT, "rules-python", ZONE),
                        SHARD_HEADER,
                        SHARD));
        ends.push(python);

        ends.push(Envoy.startFor("orders.shop:8080", ENVOY_PORT, "rules-envoy", Envoy.Protocol.DELTA, XDS_PORT));
        envoyStarted = Instant.now();
        Load throughEnvoy = new Load(URI.create("http://127.0.0.1:" + ENVOY_PORT + "/orders/1"), header);

        List<Kind> kinds = List.of(
                new Kind("our HTTP client", () -> burst(own)),
                new Kind("our gRPC client", () -> new CallCounts(grpc.log()).next(REQUESTS)),
                new Kind(PYTHON, () -> new CallCounts(python.log()).next(REQUESTS)),
                new Kind(ENVOY, () -> burst(throughEnvoy)));
        await("answers to all")
                .atMost(LIMIT)
                .until(() -> !own.once().failed()
                        && !throughEnvoy.once().failed()
                        && new CallCounts(grpc.log()).last().containsKey("pod-1")
                        && new CallCounts(python.log()).last().containsKey("pod-1"));
        return kinds;
    }

    private static Map<String, Integer> burst(Load load) {
        return load.burst(REQUESTS, 4).all().stream()
                .collect(Collectors.toMap(
                        answer -> answer.pod() == null ? "failed" : answer.pod(), answer -> 1, Integer::sum));
    }

    /** Changes what the objects say, and waits until everybody does. */
    private static void change(Path manifests, String annotations, List<OrdersPod> pods) throws IOException {
        serve(manifests, annotations, pods);
        await("everybody's answers to the change").pollDelay(CHANGE).until(() -> true);
    }

    private static void serve(Path manifests, String annotations, List<OrdersPod> pods) throws IOException {
        StringBuilder yaml = new StringBuilder(SERVICE.formatted(annotations));
        for (OrdersPod pod : pods) {
            yaml.append(POD.formatted(
                    pod.name(),
                    pod.http().port(),
                    pod.grpc().port(),
                    pod.zone(),
                    pod.weight(),
                    pod.shard(),
                    pod.ready()));
        }
        Path written = Files.writeString(manifests.resolve("orders.new"), yaml);
        Files.move(written, manifests.resolve("orders.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private void startControlPlane(Path manifests) {
        ends.push(Program.start(
                        "rules-control-plane",
                        new ProcessBuilder(Program.javaJar(
                                Project.jar("eds-control-plane-app", "-exec"),
                                "--server.port=" + HTTP.getPort(),
                                "--xds-lb.control-plane.address=127.0.0.1",
                                "--xds-lb.control-plane.port=" + XDS_PORT,
                                "--xds-lb.control-plane.manifests.directory=" + manifests)))
                .awaitUp(HTTP.resolve("/actuator/health/readiness")));
    }
}
