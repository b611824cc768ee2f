/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.gateway.GatewayListener;
import dev.xdslb.controlplane.gateway.GatewayObject;
import dev.xdslb.controlplane.gateway.GatewaySecrets;
import dev.xdslb.controlplane.gateway.GatewaySettings;
import dev.xdslb.controlplane.gateway.Gateways;
import dev.xdslb.controlplane.gateway.SecretObject;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.Topology;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Objects of the Gateway API from a scripted API server, and what is written into their statuses. */
@ExtendWith(OutputCaptureExtension.class)
class GatewaySourceTest {
    private static final KubernetesClusterName CLUSTER = new KubernetesClusterName("default");
    private static final GatewayKey INGRESS = new GatewayKey("shop", "ingress");
    private static final List<String> KINDS =
            List.of("gatewayclasses", "gateways", "httproutes", "grpcroutes", "referencegrants");

    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: orders, namespace: shop}
            spec: {ports: [{name: http, port: 8080}]}
            """;
    private static final String CLASS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: GatewayClass
            metadata: {name: xds-lb, generation: 1}
            spec: {controllerName: xdslb.dev/gateway-controller}
            """;
    private static final String GATEWAY = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: ingress, namespace: shop, generation: 1}
            spec:
              gatewayClassName: xds-lb
              listeners:
              - {name: http, port: 80, protocol: HTTP}
            """;
    private static final String ROUTE = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: orders, namespace: shop, generation: 1}
            spec:
              parentRefs: [{name: ingress}]
              rules: [{backendRefs: [{name: orders, port: 8080}]}]
            """;

    private final AtomicLong skipped = new AtomicLong(); // nanoseconds that the clock is ahead
    private final ScriptedApiServer api = new ScriptedApiServer();
    private final List<Replica> replicas = new ArrayList<>();

    private final class Replica {
        final Topology topology = new Topology(List.of(CLUSTER));
        final Gateways gateways = new Gateways(topology, new Faults(), new GatewaySettings(true));
        final InformerSource source;

        Replica(Map<GatewayKey, List<String>> addresses) {
            source = new InformerSource(
                    new KubernetesClientBuilder().withConfig(api.config()).build(),
                    true,
                    false,
                    List.of(),
                    new ObjectPruning(List.of()),
                    new GatewayApi(gateways, topology::isSynced, true, addresses, Set.of(INGRESS), StatusSignals.NONE),
                    topology.feed(CLUSTER),
                    new Faults(),
                    () -> System.nanoTime() + skipped.get(),
                    Duration.ofMillis(20));
            topology.start();
            source.start();
            replicas.add(this);
        }

        Replica() {
            this(Map.of());
        }

        Replica synced() {
            eventually().until(topology::isSynced);
            return this;
        }
    }

    @AfterEach
    void close() {
        replicas.forEach(replica -> {
            replica.source.close();
            replica.topology.close();
        });
        api.close();
    }

    @Test
    void whatExists_isThereWithTheFirstSync_andItsStatusesAreWritten() {
        putAll();
        Replica replica = new Replica(Map.of(INGRESS, List.of("192.0.2.1", "shop.example.com"))).synced();

        assertThat(replica.gateways.view(INGRESS)).isNotNull();
        eventually().untilAsserted(() -> {
            assertThat(condition("gatewayclasses", "null/xds-lb", "/status/conditions", "Accepted"))
                    .isEqualTo("True");
            assertThat(condition("gateways", "shop/ingress", "/status/conditions", "Programmed"))
                    .isEqualTo("True");
            assertThat(api.object("gateways", "shop/ingress")
                            .at("/status/listeners/0/attachedRoutes")
                            .asInt())
                    .isEqualTo(1);
            assertThat(api.object("gateways", "shop/ingress")
                            .at("/status/addresses/1")
                            .toString())
                    .isEqualTo("{\"type\":\"Hostname\",\"value\":\"shop.example.com\"}");
            assertThat(condition("httproutes", "shop/orders", "/status/parents/0/conditions", "Accepted"))
                    .isEqualTo("True");
        });
        assertThat(replica.source.status().problem()).isEmpty();
    }

    @Test
    void clusterWithoutTheDefinitions_isServed_andTheyAreFoundWhenTheyCome(CapturedOutput output) {
        KINDS.forEach(api::withdraw);
        api.put(SERVICE);
        Replica replica = new Replica().synced();

        assertThat(replica.topology.service(new ServiceKey("shop", "orders"))).isNotNull();
        assertThat(replica.topology.clusters().get(0).problem()).isEmpty();
        eventually()
                .untilAsserted(() -> assertThat(replica.source.status().problem())
                        .contains("not installed")
                        .contains("httproutes")
                        .doesNotContain("not watched"));
        assertThat(output.getOut().split("httproutes does not exist in this cluster", -1))
                .hasSize(2);

        KINDS.forEach(api::define);
        putAll();

        // The informer looks for them after 1, 2, 4 and at most 32 seconds.
        eventually().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            assertThat(replica.gateways.view(INGRESS)).isNotNull();
            assertThat(replica.source.status().problem()).isEmpty();
        });
    }

    @Test
    void definitionsOfAnOldVersion_withoutGrpcRoutes_areEnoughForTheRest() {
        api.withdraw("grpcroutes");
        putAll();
        Replica replica = new Replica().synced();

        assertThat(replica.gateways.view(INGRESS)).isNotNull();
        assertThat(replica.source.status().problem()).contains("grpcroutes");
    }

    @Test
    void definitionsThatAreRemoved_takeTheirObjectsAlong_afterAWhile() {
        putAll();
        Replica replica = new Replica().synced();

        KINDS.forEach(api::withdraw);
        eventually()
                .untilAsserted(
                        () -> assertThat(replica.source.status().problem()).contains("not installed"));
        assertThat(replica.gateways.view(INGRESS)).as("it may be a replacement").isNotNull();
        skipped.addAndGet(Absence.CERTAIN.toNanos());
        eventually()
                .untilAsserted(() -> assertThat(replica.gateways.view(INGRESS)).isNull());
        assertThat(replica.topology.service(new ServiceKey("shop", "orders"))).isNotNull();

        KINDS.forEach(api::define);
        putAll();
        eventually()
                .untilAsserted(() -> assertThat(replica.gateways.view(INGRESS)).isNotNull());
    }

    @Test
    void twoReplicas_writeEachStatusOnce_andNothingMore() {
        putAll();
        new Replica().synced();
        new Replica().synced();

        eventually()
                .untilAsserted(() -> assertThat(
                                condition("httproutes", "shop/orders", "/status/parents/0/conditions", "Accepted"))
                        .isEqualTo("True"));
        await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(20)).until(() -> true);
        assertThat(api.patches()).hasSizeBetween(3, 6);
    }

    @Test
    void parentThatIsRemoved_losesItsEntry_thatOfAnotherControllerStays() {
        putAll();
        api.put(ROUTE + """
                status:
                  parents:
                  - parentRef: {name: theirs}
                    controllerName: example.com/other
                    conditions: []
                """);
        new Replica().synced();
        eventually().untilAsserted(() -> assertThat(parents()).hasSize(2));

        JsonNode status = api.object("httproutes", "shop/orders").path("status");
        api.put(ROUTE.replace("name: ingress", "name: theirs").replace("generation: 1", "generation: 2") + "status: "
                + status);

        eventually().untilAsserted(() -> {
            assertThat(parents()).hasSize(1);
            assertThat(parents().get(0).path("controllerName").asText()).isEqualTo("example.com/other");
        });
    }

    @Test
    void answersThatRefuseAWrite_areSurvived() {
        api.refusePatches(409, 403, 429, 500);
        putAll();
        new Replica().synced();

        eventually().untilAsserted(() -> {
            assertThat(condition("gateways", "shop/ingress", "/status/conditions", "Programmed"))
                    .isEqualTo("True");
            assertThat(condition("httproutes", "shop/orders", "/status/parents/0/conditions", "Accepted"))
                    .isEqualTo("True");
        });
    }

    @Test
    void secrets_areWatchedByName_asLongAsAListenerNamesThem() {
        putAll();
        api.put(tls("cert"));
        Replica replica = new Replica().synced();

        assertThat(api.lists())
                .filteredOn(list -> list.contains("secrets"))
                .isNotEmpty()
                .allMatch(
                        list -> list.startsWith("/api/v1/namespaces/shop/secrets?fieldSelector=metadata.name%3Dcert"));
        assertThat(replica.topology.routing())
                .anyMatch(object -> object.id().toString().equals("Secret shop/cert"));

        api.put(GATEWAY);
        eventually()
                .untilAsserted(() -> assertThat(replica.topology.routing())
                        .noneMatch(object -> object.id().toString().equals("Secret shop/cert")));
    }

    @Test
    void listenerThatIsGivenAnotherSecret_isServedAllTheWhile() {
        putAll();
        tls("one");
        api.put(usable("one"));
        Replica replica = new Replica().synced();
        assertThat(replica.gateways.view(INGRESS).ports()).hasSize(2);
        Queue<Integer> ports = new ConcurrentLinkedQueue<>();
        replica.gateways.addListener(new GatewayListener() {
            @Override
            public void gatewaysChanged(Set<GatewayKey> changed) {
                ports.add(replica.gateways.view(INGRESS).ports().size());
            }
        });

        api.delayLists(Duration.ofMillis(300));
        api.put(usable("two"));
        tls("two");

        eventually()
                .untilAsserted(() -> assertThat(replica.gateways.certificates(INGRESS))
                        .extracting(Object::toString)
                        .containsExactly("shop/two"));
        assertThat(ports).containsOnly(2);
        eventually()
                .untilAsserted(() -> assertThat(replica.topology.routing())
                        .noneMatch(object -> object.id().toString().equals("Secret shop/one")));
    }

    @Test
    void listenerThatIsGivenASecretThatIsNotListed_isNotAsItWasForEver_andNotClosed() {
        putAll();
        tls("one");
        api.put(usable("one"));
        Replica replica = new Replica().synced();
        api.refuse("secrets", 500);
        tls("two");
        eventually().until(() -> api.lists().stream().anyMatch(list -> list.contains("two")));
        assertThat(replica.gateways.view(INGRESS).ports()).hasSize(2);

        eventually().untilAsserted(() -> {
            skipped.addAndGet(GatewaySource.MAX_HELD.toNanos());
            assertThat(replica.gateways.certificates(INGRESS))
                    .extracting(Object::toString)
                    .containsExactly("shop/two");
        });
        assertThat(replica.gateways.view(INGRESS).ports()).hasSize(2);
        assertThat(replica.gateways.view(INGRESS).ports().get(1).held()).isTrue();
        eventually()
                .untilAsserted(
                        () -> assertThat(replica.topology.clusters().get(0).unlisted())
                                .containsExactly("Secret shop/two: the API server has not listed them yet"));

        api.allow("secrets");
        api.put(usable("two"));
        eventually()
                .untilAsserted(() -> assertThat(
                                replica.gateways.view(INGRESS).ports().get(1).held())
                        .isFalse());
        assertThat(replica.topology.clusters().get(0).unlisted()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"httproutes", "grpcroutes", "gateways", "gatewayclasses"})
    void kindThatCannotBeListed_holdsTheGateways_andNothingElse(String plural, CapturedOutput output) {
        putAll();
        api.refuse(plural, 500);
        Replica replica = new Replica();
        eventually().until(() -> api.lists().stream().anyMatch(list -> list.contains(plural)));
        eventually().untilAsserted(() -> {
            skipped.addAndGet(Absence.UNKNOWN.toNanos());
            assertThat(replica.topology.isSynced()).isTrue();
        });

        assertThat(replica.topology.service(new ServiceKey("shop", "orders"))).isNotNull();
        assertThat(replica.gateways.held(INGRESS)).contains("the API server has not listed them yet");
        assertThat(replica.source.status().problem()).contains("never listed").contains(plural);
        assertThat(replica.topology.skipped())
                .anyMatch(object -> object.reason().contains("what depends on them is as it was"));
        assertThat(output).contains("could not be listed yet; what depends on it is not answered");
        assertThat(api.patches()).noneMatch(patch -> patch.contains("/gateways/") || patch.contains("/httproutes/"));

        api.allow(plural);
        eventually()
                .untilAsserted(() -> assertThat(replica.gateways.held(INGRESS)).isNull());
        assertThat(replica.gateways
                        .view(INGRESS)
                        .ports()
                        .get(0)
                        .sections()
                        .get(0)
                        .hosts())
                .hasSize(1);
        assertThat(replica.topology.skipped()).isEmpty();
        eventually()
                .untilAsserted(() -> assertThat(
                                condition("httproutes", "shop/orders", "/status/parents/0/conditions", "Accepted"))
                        .isEqualTo("True"));
    }

    @Test
    void kindThatMustNotBeRead_holdsTheGateways_fromTheFirstMoment_andIsSaid() {
        putAll();
        api.refuse("httproutes", 403);
        Replica replica = new Replica().synced();

        assertThat(replica.gateways.held(INGRESS)).contains("all HTTPRoutes: 403 Forbidden (expected: list and watch");
        assertThat(replica.topology.clusters().get(0).unlisted())
                .containsExactly("all HTTPRoutes: 403 Forbidden (expected: list and watch on them, as in"
                        + " kubernetes/gateway-api)");

        api.allow("httproutes");
        eventually()
                .untilAsserted(() -> assertThat(replica.gateways.held(INGRESS)).isNull());
    }

    @Test
    void namespacesThatCannotBeListed_holdGatewaysThatSelectThem_andNoOthers() {
        putAll();
        api.put(
                GATEWAY.replace("name: ingress", "name: selecting")
                        .replace(
                                "protocol: HTTP}",
                                "protocol: HTTP, allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {a: b}}}}}"));
        api.refuse("namespaces", 403);
        Replica replica = new Replica().synced();

        assertThat(replica.gateways.held(INGRESS)).isNull();
        assertThat(replica.gateways.held(new GatewayKey("shop", "selecting"))).contains("all Namespaces: 403");
    }

    @Test
    void grantsThatCannotBeListed_holdGatewaysWithReferencesToOtherNamespaces_andNoOthers() {
        putAll();
        api.put(GATEWAY.replace("name: ingress", "name: across"));
        api.put(ROUTE.replace("name: orders, namespace: shop", "name: across, namespace: shop")
                .replace("name: ingress", "name: across")
                .replace("name: orders, port", "name: orders, namespace: other, port"));
        api.refuse("referencegrants", 403);
        Replica replica = new Replica().synced();

        assertThat(replica.gateways.held(INGRESS)).isNull();
        assertThat(replica.gateways.held(new GatewayKey("shop", "across"))).contains("all ReferenceGrants: 403");
    }

    @Test
    void kindThatWasListedOnce_isKeptWhenItCannotBeWatchedAnyMore() {
        putAll();
        Replica replica = new Replica().synced();
        for (String plural : List.of("httproutes", "gateways", "gatewayclasses", "namespaces", "referencegrants")) {
            api.refuse(plural, plural.startsWith("g") ? 403 : 500);
        }
        eventually()
                .untilAsserted(() -> assertThat(replica.source.status().problem())
                        .contains("not watched at the moment")
                        .contains("httproutes"));
        skipped.addAndGet(Duration.ofMinutes(10).toNanos());
        await().pollDelay(Duration.ofMillis(500)).atMost(Duration.ofSeconds(20)).until(() -> true);

        assertThat(replica.gateways.held(INGRESS)).isNull();
        assertThat(replica.gateways
                        .view(INGRESS)
                        .ports()
                        .get(0)
                        .sections()
                        .get(0)
                        .hosts())
                .hasSize(1);
        assertThat(replica.topology.clusters().get(0).unlisted()).isEmpty();
    }

    @Test
    void secretThatCannotBeListedAtTheStart_keepsItsPortAsItIs_andTheOthersAreServed() {
        putAll();
        tls("cert");
        api.put(usable("cert"));
        api.refuse("secrets", 500);
        Replica replica = new Replica();
        eventually().until(() -> api.lists().stream().anyMatch(list -> list.contains("secrets")));
        eventually().untilAsserted(() -> {
            skipped.addAndGet(Absence.UNKNOWN.toNanos());
            assertThat(replica.topology.isSynced()).isTrue();
        });

        assertThat(replica.gateways.view(INGRESS).ports())
                .extracting(port -> port.number() + " " + port.held())
                .containsExactly("80 false", "443 true");
        assertThat(replica.gateways.mayHaveSecret(INGRESS, "shop", "cert")).isTrue();

        api.allow("secrets");
        eventually()
                .untilAsserted(() -> assertThat(replica.gateways.view(INGRESS).ports())
                        .extracting(port -> port.number() + " " + port.held())
                        .containsExactly("80 false", "443 false"));
        assertThat(replica.gateways.secret(INGRESS, "shop", "cert")).isNotNull();
    }

    private static String usable(String secret) {
        SecretObject usable = GatewaySecrets.of("shop", secret);
        Base64.Encoder base64 = Base64.getEncoder();
        return """
                apiVersion: v1
                kind: Secret
                metadata: {name: %s, namespace: shop}
                type: kubernetes.io/tls
                data: {tls.crt: %s, tls.key: %s}
                """.formatted(
                        secret,
                        base64.encodeToString(usable.certificateChain().getBytes(StandardCharsets.US_ASCII)),
                        base64.encodeToString(usable.privateKey().getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void fieldsOfTheGatewaysTls_areNotedByName() {
        Gateway gateway = new KubernetesSerialization()
                .unmarshal(
                        GATEWAY + "  tls: {backend: {clientCertificateRef: {name: a}}, frontend: {}, newer: {}}\n",
                        Gateway.class);

        assertThat(GatewayPruning.prune(gateway, "").unsupported())
                .containsExactly("spec.tls.backend", "spec.tls.frontend", "spec.tls.newer");
    }

    @Test
    void addressFamilyOfAGateway_isThatOfItsAnnotation() {
        assertThat(family("DualStack").dualStack()).isTrue();
        assertThat(family("IPv4").dualStack()).isFalse();
        assertThat(family("both").dualStack()).isNull();
        assertThat(family("both").unsupported())
                .containsExactly("annotation xdslb.dev/ip-family \"both\" (expected: IPv4 or DualStack)");
    }

    private static GatewayObject family(String annotation) {
        return GatewayPruning.prune(
                new KubernetesSerialization()
                        .unmarshal(
                                GATEWAY.replace(
                                        "generation: 1",
                                        "generation: 1, annotations: {xdslb.dev/ip-family: " + annotation + "}"),
                                Gateway.class),
                "");
    }

    @Test
    void secretThatMustNotBeRead_isSaid_andHoldsNothingUp(CapturedOutput output) {
        api.refuse("secrets", 403);
        putAll();
        api.put(tls("cert"));
        Replica replica = new Replica().synced();

        eventually()
                .untilAsserted(
                        () -> assertThat(condition("gateways", "shop/ingress", "/status/conditions", "Programmed"))
                                .isNotEmpty());
        assertThat(replica.topology.clusters().get(0).problem()).isEmpty();
        assertThat(output).contains("secrets cannot be watched");
    }

    @Test
    void routeWithTenThousandRules_isRead() {
        putAll();
        StringBuilder rules = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            rules.append("\n  - {matches: [{path: {value: /")
                    .append(i)
                    .append("}}], backendRefs: [{name: orders, port: 8080}]}");
        }
        api.put(ROUTE.replaceAll("rules: .*", "rules:" + rules));
        Replica replica = new Replica().synced();

        assertThat(replica.gateways.view(INGRESS)).isNotNull();
        eventually().untilAsserted(() -> assertThat(parents()).hasSize(1));
    }

    private void putAll() {
        api.put(SERVICE);
        api.put(CLASS);
        api.put(GATEWAY);
        api.put(ROUTE);
    }

    /** Puts the Gateway with a listener by a Secret, and returns the Secret; what is in it cannot be used. */
    private String tls(String secret) {
        api.put(GATEWAY + "  - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: " + secret
                + "}]}}\n");
        return """
                apiVersion: v1
                kind: Secret
                metadata: {name: %s, namespace: shop}
                type: kubernetes.io/tls
                data: {tls.crt: "", tls.key: ""}
                """.formatted(secret);
    }

    private JsonNode parents() {
        return api.object("httproutes", "shop/orders").at("/status/parents");
    }

    private String condition(String plural, String key, String path, String type) {
        JsonNode object = api.object(plural, key);
        if (object != null) {
            for (JsonNode condition : object.at(path)) {
                if (condition.path("type").asText().equals(type)) {
                    return condition.path("status").asText();
                }
            }
        }
        return "";
    }

    private static ConditionFactory eventually() {
        return await().atMost(Duration.ofSeconds(30));
    }
}
