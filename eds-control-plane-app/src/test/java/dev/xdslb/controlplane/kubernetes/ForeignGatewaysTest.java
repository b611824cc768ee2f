/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.SkippedObject;
import dev.xdslb.controlplane.topology.Topology;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A Gateway of our class in a further Kubernetes cluster: it does not count, and that is said. */
@ExtendWith(OutputCaptureExtension.class)
class ForeignGatewaysTest {
    private static final KubernetesClusterName EAST = new KubernetesClusterName("east");
    private static final String CLASS = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: GatewayClass
            metadata: {name: xds-lb, generation: 1}
            spec: {controllerName: xdslb.dev/gateway-controller}
            """;
    private static final String GATEWAY = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: ingress, namespace: shop, generation: 1, uid: u1}
            spec:
              gatewayClassName: xds-lb
              listeners:
              - {name: http, port: 80, protocol: HTTP}
            """;
    private static final String ACCEPTED = """
            status:
              conditions:
              - {type: Accepted, status: "True", reason: Accepted, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}
            """;

    private final AtomicLong skipped = new AtomicLong(); // nanoseconds that the clock is ahead
    private final ScriptedApiServer api = new ScriptedApiServer();
    private final Topology topology = new Topology(List.of(EAST));
    private final InformerSource source = new InformerSource(
                    new KubernetesClientBuilder().withConfig(api.config()).build(),
                    true,
                    true,
                    List.of(),
                    new ObjectPruning(List.of()),
                    null,
                    topology.feed(EAST),
                    new Faults(),
                    () -> System.nanoTime() + skipped.get(),
                    Duration.ofMillis(20))
            .sayingForeignGateways("west");

    @AfterEach
    void close() {
        source.close();
        topology.close();
        api.close();
    }

    @Test
    void gatewayThatNobodyHasAccepted_isSaid_whereItsOwnerLooks() {
        api.put(CLASS);
        api.put(GATEWAY);
        start();
        await().during(Duration.ofMillis(300)).until(() -> topology.skipped().isEmpty());

        afterAWhile()
                .untilAsserted(() -> assertThat(topology.skipped())
                        .containsExactly(new SkippedObject(
                                "Gateway shop/ingress of Kubernetes cluster east",
                                "does not count, as Gateways of Kubernetes cluster west alone do, whether that has one of this"
                                        + " name or not")));
        eventually()
                .untilAsserted(() -> assertThat(api.posts())
                        .singleElement()
                        .asString()
                        .startsWith("/api/v1/namespaces/shop/events")
                        .contains("GatewayOfAnotherCluster", "\"uid\":\"u1\"", "west"));
        assertThat(topology.routing()).isEmpty();

        api.put(GATEWAY + ACCEPTED);
        eventually().until(() -> topology.skipped().isEmpty());
    }

    @Test
    void gatewayThatHasAControlPlaneOfItsOwn_orIsOfAnotherClass_isNobodysBusiness() {
        api.put(CLASS);
        api.put(GATEWAY + ACCEPTED);
        api.put(GATEWAY.replace("name: ingress", "name: theirs").replace("xds-lb", "theirs"));
        start();
        eventually().until(() -> api.lists().stream().anyMatch(list -> list.contains("gateways")));
        skipped.addAndGet(ForeignGateways.ACCEPTED_WITHIN.toNanos());
        await().during(Duration.ofMillis(500)).until(() -> topology.skipped().isEmpty());

        assertThat(api.posts()).isEmpty();
    }

    @Test
    void clusterWithoutGateways_orThatKeepsThemToItself_isServedWithoutAWord(CapturedOutput output) {
        api.withdraw("gatewayclasses");
        api.refuse("gateways", 403);
        start();
        eventually()
                .until(() -> api.lists().stream()
                        .anyMatch(list -> list.contains("gateways") || list.contains("gatewayclasses")));
        await().during(Duration.ofMillis(300)).until(() -> true);

        assertThat(source.status().problem()).isEmpty();
        assertThat(topology.clusters().get(0).unlisted()).isEmpty();
        assertThat(output).doesNotContain("cannot be watched", "does not exist");
    }

    private void start() {
        topology.start();
        source.start();
        eventually().until(topology::isSynced);
    }

    private ConditionFactory afterAWhile() {
        skipped.addAndGet(ForeignGateways.ACCEPTED_WITHIN.toNanos());
        return eventually();
    }

    private static ConditionFactory eventually() {
        return await().atMost(Duration.ofSeconds(30));
    }
}
