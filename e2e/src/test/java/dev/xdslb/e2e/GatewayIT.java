/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An Envoy that has a bootstrap and nothing more is the ingress that Gateways and their routes describe. */
@ExtendWith(TestBed.class)
@TestInstance(Lifecycle.PER_CLASS)
class GatewayIT {

    private static final int MANY = 100;
    private static final String BYTES_READ = "cluster.control-plane.upstream_cx_rx_bytes_total";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Where the Envoy of one protocol listens: the port of its Gateway. */
    private static final Map<Envoy.Protocol, Integer> PORTS =
            Map.of(Envoy.Protocol.DELTA, 10_083, Envoy.Protocol.SOTW, 10_084);

    private static final int RETRY_PORT = 10_087;

    private static final String GATEWAY = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: %1$s, namespace: shop}
            spec:
              gatewayClassName: xds-lb
              listeners:
                - {name: web, port: %2$d, protocol: HTTP}
            """;

    private static final String ROUTES = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: %1$s-shop, namespace: shop}
            spec:
              parentRefs: [{name: %1$s}]
              hostnames: [shop.example]
              rules:
                - matches: [{path: {type: PathPrefix, value: /weighted}}]
                  backendRefs: [{name: echo-a, port: 8080, weight: 3}, {name: echo-b, port: 8080, weight: 1}]
                - matches: [{path: {type: PathPrefix, value: /slow}}]
                  timeouts: {request: 500ms}
                  backendRefs: [{name: echo-a, port: 8080}]
                - matches: [{path: {type: PathPrefix, value: /old}}]
                  filters:
                    - type: RequestRedirect
                      requestRedirect: {hostname: new.example, statusCode: 301, path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}
                - matches: [{path: {type: PathPrefix, value: /headers}}]
                  filters:
                    - type: RequestHeaderModifier
                      requestHeaderModifier: {set: [{name: x-set, value: by-gateway}], add: [{name: x-add, value: more}], remove: [x-remove]}
                    - type: ResponseHeaderModifier
                      responseHeaderModifier: {set: [{name: x-answer, value: by-gateway}], remove: [x-from]}
                  backendRefs: [{name: echo-a, port: 8080}]
                - matches: [{path: {type: PathPrefix, value: /rewritten}}]
                  filters:
                    - type: URLRewrite
                      urlRewrite: {hostname: inside.example, path: {type: ReplacePrefixMatch, replacePrefixMatch: /as/this}}
                  backendRefs: [{name: echo-a, port: 8080}]
                - matches: [{headers: [{name: x-version, value: b}]}]
                  backendRefs: [{name: echo-b, port: 8080}]
                - matches: [{path: {type: Exact, value: /exact}}, {method: DELETE}, {queryParams: [{name: to, value: b}]}]
                  backendRefs: [{name: echo-b, port: 8080}]
                - backendRefs: [{name: echo-a, port: 8080}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: %1$s-any, namespace: shop}
            spec:
              parentRefs: [{name: %1$s}]
              hostnames: ["*.wild.example"]
              rules: [{backendRefs: [{name: echo-b, port: 8080}]}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: %1$s-broken, namespace: shop}
            spec:
              parentRefs: [{name: %1$s}]
              hostnames: [broken.example]
              rules: [{backendRefs: [{name: nobody, port: 8080}]}]
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: GRPCRoute
            metadata: {name: %1$s-grpc, namespace: shop}
            spec:
              parentRefs: [{name: %1$s}]
              hostnames: [grpc.example]
              rules:
                - matches: [{method: {service: grpc.health.v1.Health}}]
                  backendRefs: [{name: echo-grpc, port: 8080}]
            """;

    private final KubernetesClient client;
    private final Deque<AutoCloseable> ends = new ArrayDeque<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ObjectMapper json = new ObjectMapper();

    GatewayIT(TestBed.Parts parts) {
        client = parts.cluster.client();
    }

    @BeforeAll
    void serveServices() {
        assumeTrue(Envoy.isAtHand(), Envoy.howToGet());
        for (String name : List.of("echo-a", "echo-b")) {
            EchoServer pod = new EchoServer(name);
            ends.push(pod);
            HandmadeService service = new HandmadeService(client, name, "http");
            ends.push(service);
            service.add("0", pod.port());
        }
        GrpcPod grpc = new GrpcPod("echo-grpc");
        ends.push(grpc);
        HandmadeService service = new HandmadeService(client, "echo-grpc", "grpc");
        ends.push(service);
        service.add("0", grpc.port());
    }

    @AfterAll
    void end() throws Exception {
        while (!ends.isEmpty()) {
            ends.pop().close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void gatewayAndRoutes_areWhatEnvoyDoes_andSayHowTheyAre(Envoy.Protocol protocol) throws IOException {
        String gateway = "web-" + protocol.name().toLowerCase(Locale.ROOT);
        int port = PORTS.get(protocol);
        create(GATEWAY.formatted(gateway, port));
        create(ROUTES.formatted(gateway));
        try (Envoy envoy = Envoy.start("gateway-" + protocol, bootstrap(protocol, gateway))) {
            await("an answer through " + gateway)
                    .atMost(LIMIT)
                    .ignoreExceptions()
                    .until(() -> pod(port, "shop.example", "/"), "echo-a"::equals);

            assertThat(pod(port, "shop.example", "/exact")).isEqualTo("echo-b");
            assertThat(pod(port, "shop.example", "/exact/not")).isEqualTo("echo-a");
            assertThat(pod(port, "shop.example", "/?to=b")).isEqualTo("echo-b");
            assertThat(pod(port, "shop.example", "/", "x-version", "b")).isEqualTo("echo-b");
            assertThat(pod(port, "one.wild.example", "/")).isEqualTo("echo-b");
            assertThat(get(port, "unknown.example", "/").statusCode()).isEqualTo(404);
            assertThat(get(port, "broken.example", "/").statusCode()).isEqualTo(500);
            assertThat(get(port, "shop.example", "/slow").statusCode()).isEqualTo(504);
            assertThat(share(port, "/weighted", "echo-a", 400)).isCloseTo(0.75, within(0.1));

            HttpResponse<String> redirect = get(port, "shop.example", "/old/page");
            assertThat(redirect.statusCode()).isEqualTo(301);
            assertThat(redirect.headers().firstValue("location").orElseThrow())
                    .startsWith("http://new.example")
                    .endsWith("/new/page");

            HttpResponse<String> changed =
                    get(port, "shop.example", "/headers", "x-set", "mine", "x-remove", "me", "x-add", "some");
            JsonNode headers = json.readTree(changed.body()).path("headers");
            assertThat(headers.path("x-set").asText()).isEqualTo("by-gateway");
            assertThat(headers.path("x-add").asText()).contains("some", "more");
            assertThat(headers.has("x-remove")).isFalse();
            assertThat(changed.headers().firstValue("x-answer")).hasValue("by-gateway");
            assertThat(changed.headers().firstValue("x-from")).isEmpty();

            JsonNode rewritten =
                    json.readTree(get(port, "shop.example", "/rewritten/1").body());
            assertThat(rewritten.path("path").asText()).isEqualTo("/as/this/1");
            assertThat(rewritten.at("/headers/host").asText()).isEqualTo("inside.example");

            try (GrpcCalls calls = new GrpcCalls("127.0.0.1:" + port, "grpc.example", "through-gateway")) {
                await("gRPC through " + gateway).atMost(LIMIT).until(() -> calls.answered() >= 10);
            }

            // Replicas wait a moment before they write.
            await("statuses of " + gateway).atMost(LIMIT).untilAsserted(() -> {
                assertThat(Conditions.of("gateway", gateway, ".status.conditions[*]"))
                        .contains("Accepted=True:Accepted", "Programmed=True:Programmed");
                assertThat(Conditions.of("httproute", gateway + "-shop", ".status.parents[*].conditions[*]"))
                        .contains("Accepted=True:Accepted", "ResolvedRefs=True:ResolvedRefs");
                assertThat(Conditions.of("httproute", gateway + "-broken", ".status.parents[*].conditions[*]"))
                        .contains("ResolvedRefs=False:BackendNotFound");
                assertThat(Conditions.of("grpcroute", gateway + "-grpc", ".status.parents[*].conditions[*]"))
                        .contains("Accepted=True:Accepted");
                assertThat(Conditions.of("gatewayclass", "xds-lb", ".status.conditions[*]"))
                        .contains("Accepted=True:Accepted");
            });

            long changeAt = System.nanoTime();
            create("""
                    apiVersion: gateway.networking.k8s.io/v1
                    kind: HTTPRoute
                    metadata: {name: %1$s-later, namespace: shop}
                    spec:
                      parentRefs: [{name: %1$s}]
                      hostnames: [later.example]
                      rules: [{backendRefs: [{name: echo-b, port: 8080}]}]
                    """.formatted(gateway));
            await("a new route")
                    .atMost(LIMIT)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> get(port, "later.example", "/").statusCode() == 200);
            Figure.report(
                    "ms from a route written to the API server to its first answer, " + protocol,
                    Duration.ofNanos(System.nanoTime() - changeAt).toMillis());
            assertThat(envoy.stat("listener_manager.lds.update_rejected")).isZero();
        }
    }

    /** Of many routes, a change of one is told alone; hosts come, change and go while others are served. */
    @Test
    void oneOfManyRoutes_isToldAlone_toAnEnvoyThatIsToldChanges() throws IOException {
        String gateway = "many";
        int port = 10_085;
        String prefix = "http.shop." + gateway + "." + port + ".rds.";
        String name = "shop/" + gateway + "_" + port;
        create(GATEWAY.formatted(gateway, port));
        try (Envoy envoy = Envoy.start("gateway-many", bootstrap(Envoy.Protocol.DELTA, gateway))) {
            await("a port without any route")
                    .atMost(LIMIT)
                    .ignoreExceptions()
                    .until(() -> get(port, "h7.example", "/").statusCode() == 404);
            StringBuilder routes = new StringBuilder();
            for (int host = 0; host < MANY; host++) {
                routes.append(hostRoute(gateway, host, "echo-a")).append("---\n");
            }
            create(routes.toString());
            for (int host : new int[] {7, MANY - 1}) {
                await("all routes")
                        .atMost(LIMIT)
                        .until(() -> pod(port, "h" + host + ".example", "/"), "echo-a"::equals);
            }
            long routesTold = envoy.stat(prefix + name + ".update_success");
            long bytes = envoy.stat(BYTES_READ);

            client.load(yaml(hostRoute(gateway, 7, "echo-b"))).forceConflicts().serverSideApply();
            await("a changed route").atMost(LIMIT).until(() -> pod(port, "h7.example", "/"), "echo-b"::equals);
            Figure.report(
                    "bytes that Envoy reads for a change of one of " + MANY + " routes",
                    envoy.stat(BYTES_READ) - bytes);

            assertThat(pod(port, "h8.example", "/")).isEqualTo("echo-a");
            client.load(yaml(hostRoute(gateway, 7, "echo-b"))).delete();
            await("a route that is gone")
                    .atMost(LIMIT)
                    .until(() -> get(port, "h7.example", "/").statusCode() == 404);
            assertThat(pod(port, "h8.example", "/")).isEqualTo("echo-a");
            assertThat(envoy.stat(prefix + name + ".update_success")).isEqualTo(routesTold);
            assertThat(envoy.stat(prefix + name + ".update_rejected")).isZero();
            assertThat(envoy.stat(prefix + "vhds." + name + ".update_rejected")).isZero();

            client.load(yaml(GATEWAY.formatted(gateway, port) + "    - {name: more, port: 10086, protocol: HTTP}\n"))
                    .forceConflicts()
                    .serverSideApply();
            await("another port with the same routes")
                    .atMost(LIMIT)
                    .ignoreExceptions()
                    .until(() -> pod(10_086, "h8.example", "/"), "echo-a"::equals);
            assertThat(pod(port, "h8.example", "/")).isEqualTo("echo-a");
        }
    }

    private static String hostRoute(String gateway, int host, String service) {
        return """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: %1$s-h%2$d, namespace: shop}
                spec:
                  parentRefs: [{name: %1$s}]
                  hostnames: [h%2$d.example]
                  rules: [{backendRefs: [{name: %3$s, port: 8080}]}]
                """.formatted(gateway, host, service);
    }

    private static ByteArrayInputStream yaml(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** {@code retry} is of the Gateway API's experimental channel. */
    @Test
    void retry_isDoneWhereTheRouteAsksForIt() throws IOException {
        KubeScript.call("gateway-api", "experimental");
        ends.push(() -> KubeScript.call("gateway-api"));
        EchoServer pod = new EchoServer("echo-flaky");
        ends.push(pod);
        HandmadeService service = new HandmadeService(client, "echo-flaky", "http");
        ends.push(service);
        service.add("0", pod.port());
        create(GATEWAY.formatted("web-retry", RETRY_PORT));
        createOnceKept("retry:", """
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: web-retry, namespace: shop}
                spec:
                  parentRefs: [{name: web-retry}]
                  hostnames: [shop.example]
                  rules:
                    - matches: [{path: {type: PathPrefix, value: /retried}}]
                      retry: {codes: [503], attempts: 2, backoff: 10ms}
                      backendRefs: [{name: echo-flaky, port: 8080}]
                    - backendRefs: [{name: echo-flaky, port: 8080}]
                """);
        try (Envoy envoy = Envoy.start("gateway-retry", bootstrap(Envoy.Protocol.DELTA, "web-retry"))) {
            await("an answer through web-retry")
                    .atMost(LIMIT)
                    .ignoreExceptions()
                    .until(() -> pod(RETRY_PORT, "shop.example", "/"), "echo-flaky"::equals);
            // The route was there without the field, until the API server had taken in the new definition.
            await("a route that retries").atMost(LIMIT).ignoreExceptions().until(() -> {
                pod.refuse(1);
                return get(RETRY_PORT, "shop.example", "/retried").statusCode() == 200;
            });

            pod.refuse(1);
            assertThat(get(RETRY_PORT, "shop.example", "/").statusCode()).isEqualTo(503);
            pod.refuse(1);
            assertThat(get(RETRY_PORT, "shop.example", "/retried").statusCode()).isEqualTo(200);
            pod.refuse(3);
            assertThat(get(RETRY_PORT, "shop.example", "/retried").statusCode())
                    .as("one call and two attempts more")
                    .isEqualTo(503);
            assertThat(get(RETRY_PORT, "shop.example", "/").statusCode()).isEqualTo(200);
            await("a status that is written")
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(
                                    Conditions.of("httproute", "web-retry", ".status.parents[*].conditions[*]"))
                            .contains("Accepted=True:Accepted", "ResolvedRefs=True:ResolvedRefs"));
            assertThat(envoy.stat("listener_manager.lds.update_rejected")).isZero();
        }
    }

    /** Returns the bootstrap that docs/envoy-ingress.md gives: of the Deployment in a cluster, and the other one of a laptop. */
    private static String bootstrap(Envoy.Protocol protocol, String gateway) {
        Page page = protocol == Envoy.Protocol.SOTW
                ? Page.read("e2e/clients/envoy/bootstrap-sotw.yaml")
                : inConfigMap(Page.read("eds-control-plane-app/kubernetes/gateway-api/envoy-gateway.yaml"))
                        .with("address: eds-control-plane.xds-lb", "address: 127.0.0.1");
        return page.with("gateway: shop/ingress", "gateway: shop/" + gateway)
                .with("port_value: 18000", "port_value: " + ControlPlane.XDS_PORT)
                .with("port_value: 9901", "port_value: 0")
                .text();
    }

    private static Page inConfigMap(Page manifest) {
        ConfigMap map = Serialization.unmarshal(manifest.text().split("---\n", 2)[0], ConfigMap.class);
        return new Page(manifest.name(), map.getData().get("envoy.yaml"));
    }

    /** Creates the objects, which are removed at the end. */
    private void create(String yaml) {
        var objects = client.load(yaml(yaml));
        objects.create();
        ends.push(objects::delete);
    }

    /**
     * Creates an object as soon as the API server keeps a field of it: it takes a moment until it knows those of a newer definition, and drops
     * them before.
     */
    private void createOnceKept(String field, String yaml) {
        var object = client.load(yaml(yaml));
        ends.push(object::delete);
        await("an object with its " + field)
                .atMost(LIMIT)
                .until(() -> Serialization.asYaml(object.forceConflicts().serverSideApply())
                        .contains(field));
    }

    private double share(int port, String path, String pod, int requests) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        for (int request = 0; request < requests; request++) {
            counts.merge(pod(port, "shop.example", path), 1, Integer::sum);
        }
        return CallCounts.share(counts, pod);
    }

    private String pod(int port, String host, String path, String... headers) throws IOException {
        HttpResponse<String> response = get(port, host, path, headers);
        return response.statusCode() == 200
                ? json.readTree(response.body()).path("pod").asText()
                : String.valueOf(response.statusCode());
    }

    private HttpResponse<String> get(int port, String host, String path, String... headers) throws IOException {
        List<String> all = new ArrayList<>(List.of("host", host));
        all.addAll(List.of(headers));
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .headers(all.toArray(String[]::new))
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
