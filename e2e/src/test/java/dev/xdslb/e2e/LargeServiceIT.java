/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A service of 5,000 pods: every kind of client takes the list of them in one message, below its limit. Their addresses are of
 * this machine (127.1.0.1 and on), and one server answers at all of them. One client runs at a time: most of them connect to all.
 */
@TestInstance(Lifecycle.PER_CLASS)
class LargeServiceIT {

    private static final int PODS = 5_000;

    /** What a gRPC client takes for one message where nobody says otherwise. */
    private static final int MESSAGE_LIMIT = 4 * 1024 * 1024;

    private static final int XDS_PORT = 18012;
    private static final int ENVOY_PORT = 10_082;
    private static final URI HTTP = URI.create("http://127.0.0.1:8092");
    private static final String NAME = "orders.shop:8080";
    private static final String ENDPOINT_TYPE = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Path directory;
    private final GrpcPod pods = new GrpcPod("pod");
    private Program controlPlane;

    LargeServiceIT(@TempDir Path directory) {
        this.directory = directory;
    }

    @BeforeAll
    void startControlPlane() throws IOException {
        Path manifests = Files.createDirectories(directory.resolve("manifests"));
        Files.writeString(manifests.resolve("orders.yaml"), manifest(pods.port()));
        controlPlane = Program.start(
                        "large-control-plane",
                        new ProcessBuilder(Program.javaJar(
                                Project.jar("eds-control-plane-app", "-exec"),
                                "--server.port=" + HTTP.getPort(),
                                "--xds-lb.control-plane.address=127.0.0.1",
                                "--xds-lb.control-plane.port=" + XDS_PORT,
                                "--xds-lb.control-plane.manifests.directory=" + manifests)))
                .awaitUp(HTTP.resolve("/actuator/health/readiness"));
    }

    @AfterAll
    void stop() {
        if (controlPlane != null) {
            controlPlane.close();
        }
        pods.close();
    }

    @ParameterizedTest
    @EnumSource
    void grpcClient_hasAllPods_andCallsThem(GrpcClient language) throws Exception {
        assumeTrue(language.isAtHand(), language.howToGet());
        String node = "large-" + language;
        Path bootstrap = GrpcClient.bootstrap(directory, XDS_PORT, node, "");
        try (Program program = Program.start(node, language.command("xds:///" + NAME, bootstrap))) {
            CallCounts calls = new CallCounts(program.log());
            awaitAll(node, program, () -> pods.addresses().size() == PODS);
            calls.awaitAnswersFrom(Set.of("pod")); // calls that came before the connections may have given up
            assertThat(calls.next(100)).containsOnlyKeys("pod");
            reportEndpoints(node);
        }
    }

    @Test
    void ourClient_hasAllPods_andCallsThem() throws Exception {
        try (Program program =
                Program.start("large-xds-lb", GrpcClient.xdsLb("xdslb:///" + NAME, "127.0.0.1:" + XDS_PORT))) {
            CallCounts calls = new CallCounts(program.log());
            calls.awaitAnswersFrom(Set.of("pod"));
            assertThat(calls.next(100)).containsOnlyKeys("pod");
            reportEndpoints("xds-lb");
        }
    }

    @ParameterizedTest
    @EnumSource
    void envoy_hasAllPods_andCallsThem(Envoy.Protocol protocol) throws Exception {
        assumeTrue(Envoy.isAtHand(), Envoy.howToGet());
        String node = "large-envoy-" + protocol;
        try (Envoy envoy = Envoy.startFor(NAME, ENVOY_PORT, node, protocol, XDS_PORT);
                GrpcCalls calls = new GrpcCalls("127.0.0.1:" + ENVOY_PORT, "envoy")) {
            await("all pods in " + node)
                    .atMost(LIMIT)
                    .until(() -> envoy.endpoints(NAME).size() == PODS);
            await("100 answers through " + node).atMost(LIMIT).until(() -> calls.answered() >= 100);
            assertThat(calls.failed()).isZero();
            reportEndpoints(node);
        }
    }

    /** Most gRPC clients connect to all endpoints of a list; Go and our own do when they need one. */
    private void awaitAll(String node, Program program, Callable<Boolean> all) {
        pods.addresses().clear();
        await("connections to all pods by " + node)
                .atMost(LIMIT)
                .failFast(node + " has ended, see " + program.log(), () -> !program.isAlive())
                .until(all);
    }

    /** Says what the one response was like that told of all endpoints. */
    private void reportEndpoints(String node) throws IOException {
        JsonNode counts = await("endpoints accepted by " + node)
                .atMost(LIMIT)
                .until(() -> endpointCounts(node), found -> found.path("acks").asInt() > 0);
        int size = counts.path("bytes").asInt() / counts.path("responses").asInt();
        Figure.report("kB of a response with " + PODS + " pods to " + node, size / 1_000);
        assertThat(size).isLessThan(MESSAGE_LIMIT);
        assertThat(Nacks.byType(HTTP)).as("refused responses by type").isEmpty();
    }

    private static JsonNode endpointCounts(String node) throws IOException {
        JsonNode streams = new ObjectMapper()
                .readTree(Http.get(HTTP.resolve("/debug/streams")).body());
        for (JsonNode stream : streams.path("streams")) {
            if (stream.path("node").asText().startsWith(node)) {
                for (JsonNode type : stream.path("types")) {
                    if (type.path("typeUrl").asText().equals(ENDPOINT_TYPE)) {
                        return type.path("counts");
                    }
                }
            }
        }
        return new ObjectMapper().nullNode();
    }

    private static String manifest(int port) {
        StringBuilder yaml = new StringBuilder("""
                apiVersion: v1
                kind: Service
                metadata: {name: orders, namespace: shop}
                spec: {ports: [{name: grpc, port: 8080}]}
                """);
        int inSlice = 1_000; // the API server takes no more
        for (int pod = 0; pod < PODS; pod++) {
            if (pod % inSlice == 0) {
                yaml.append("""
                        ---
                        apiVersion: discovery.k8s.io/v1
                        kind: EndpointSlice
                        metadata: {name: orders-%d, namespace: shop, labels: {kubernetes.io/service-name: orders}}
                        addressType: IPv4
                        ports: [{name: grpc, port: %d}]
                        endpoints:
                        """.formatted(pod / inSlice, port));
            }
            // Named as pods are named, so that the list has its usual size.
            yaml.append("""
                      - {addresses: [127.1.%1$d.%2$d], zone: zone-%3$d, conditions: {ready: true},
                         targetRef: {kind: Pod, namespace: shop, name: orders-7d9f8b6c54-%4$05d, uid: 6fa459ea-ee8a-4ca4-894e-db77e160%4$04x}}
                    """.formatted(pod / 250, pod % 250 + 1, pod % 3, pod));
        }
        return yaml.toString();
    }
}
