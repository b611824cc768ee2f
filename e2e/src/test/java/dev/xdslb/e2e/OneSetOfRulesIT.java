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
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One Service as its objects describe it: two zones, pods of weight 2 and 1 in each. The same is asked of it by our HTTP client, our gRPC
 * client, a Python client and an Envoy, all at once, while all is well, while a pod fails, and while it is slow. What each of them
 * did is printed; docs/one-set-of-rules.md tells of it.
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

    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: orders, namespace: shop}
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
            status: {conditions: [{type: Ready, status: "True", lastTransitionTime: "2026-01-01T00:00:00Z"}]}
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
    private record OrdersPod(String name, String zone, int weight, EchoServer http, GrpcPod grpc) {

        OrdersPod(int number, String zone, int weight) {
            this("pod-" + number, zone, weight, new EchoServer("pod-" + number), new GrpcPod("pod-" + number));
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
        List<OrdersPod> pods = List.of(
                new OrdersPod(1, "a", 2), new OrdersPod(2, "a", 1), new OrdersPod(3, "b", 2), new OrdersPod(4, "b", 1));
        for (OrdersPod pod : pods) {
            ends.push(pod.http());
            ends.push(pod.grpc());
            pod.behave(USUAL, false);
        }
        serve(pods);
        List<Kind> kinds = clients();

        compare("healthy", kinds, pods);
        pods.get(0).behave(USUAL, true);
        compare("pod-1 fails", kinds, pods);
        pods.get(0).behave(USUAL, false);
        compare("pod-1 is back", kinds, pods);
        pods.get(0).behave(SLOW, false);
        compare("pod-1 is slow", kinds, pods);

        assertThat(Nacks.byType(HTTP)).as("refused responses by type").isEmpty();
    }

    private static void compare(String what, List<Kind> kinds, List<OrdersPod> pods) {
        List<CompletableFuture<Void>> tables = new ArrayList<>();
        for (Kind kind : kinds) {
            tables.add(CompletableFuture.runAsync(
                    () -> {
                        Map<String, Integer> counts = kind.next().get();
                        double all = CallCounts.sum(counts);
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
                                        100 * local / Math.max(1, all - failed),
                                        failed,
                                        all));
                    },
                    task -> new Thread(task, kind.name()).start()));
        }
        tables.forEach(CompletableFuture::join);
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
        Load own = new Load(URI.create("http://127.0.0.1:" + SAMPLE_PORT + "/orders/1"));

        ProcessBuilder ownGrpc = GrpcClient.xdsLb("xdslb:///orders.shop:9090", CONTROL_PLANE);
        ownGrpc.environment().put("XDSLB_ZONE", ZONE);
        Program grpc = Program.start("rules-xds-lb-grpc", ownGrpc);
        ends.push(grpc);

        Program python = Program.start(
                "rules-python",
                GrpcClient.PYTHON.command(
                        "xds:///orders.shop:9090", GrpcClient.bootstrap(directory, XDS_PORT, "rules-python", ZONE)));
        ends.push(python);

        ends.push(Envoy.startFor("orders.shop:8080", ENVOY_PORT, "rules-envoy", Envoy.Protocol.DELTA, XDS_PORT));
        Load envoy = new Load(URI.create("http://127.0.0.1:" + ENVOY_PORT + "/orders/1"));

        List<Kind> kinds = List.of(
                new Kind("our HTTP client", () -> burst(own)),
                new Kind("our gRPC client", () -> new CallCounts(grpc.log()).next(REQUESTS)),
                new Kind("Python", () -> new CallCounts(python.log()).next(REQUESTS)),
                new Kind("Envoy", () -> burst(envoy)));
        await("answers to all")
                .atMost(LIMIT)
                .until(() -> !own.once().failed()
                        && !envoy.once().failed()
                        && new CallCounts(grpc.log()).last().containsKey("pod-1")
                        && new CallCounts(python.log()).last().containsKey("pod-1"));
        return kinds;
    }

    private static Map<String, Integer> burst(Load load) {
        return load.burst(REQUESTS, 4).all().stream()
                .collect(Collectors.toMap(
                        answer -> answer.pod() == null ? "failed" : answer.pod(), answer -> 1, Integer::sum));
    }

    private void serve(List<OrdersPod> pods) throws IOException {
        StringBuilder yaml = new StringBuilder(SERVICE);
        for (OrdersPod pod : pods) {
            yaml.append(POD.formatted(pod.name(), pod.http().port(), pod.grpc().port(), pod.zone(), pod.weight()));
        }
        Path manifests = Files.createDirectories(directory.resolve("manifests"));
        Files.writeString(manifests.resolve("orders.yaml"), yaml);
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
