/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.xds.shaded.io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.grpc.xds.shaded.io.envoyproxy.envoy.service.status.v3.ClientConfig.GenericXdsConfig;
import io.grpc.xds.shaded.io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.grpc.xds.shaded.io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.grpc.xds.shaded.io.envoyproxy.envoy.type.matcher.v3.NodeMatcher;
import io.grpc.xds.shaded.io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What Envoy says of itself on its admin page is what the control plane says of that Envoy, and of the endpoints. */
@ExtendWith(TestBed.class)
class ExistingToolsIT {

    private static final String NODE = "envoy-tools";
    private static final String CLUSTER_TYPE = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    private static final String ORDERS = "orders.shop:8080";
    private static final int ENVOY_PORT = 10_085;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final OrdersDeployment orders;
    private final ControlPlane controlPlane;

    ExistingToolsIT(TestBed.Parts parts) {
        orders = parts.orders;
        controlPlane = parts.controlPlane;
    }

    @BeforeEach
    void somePods() {
        orders.scaleTo(4);
    }

    @Test
    void adminPageOfEnvoy_debugPages_andClientStatus_agree() {
        assumeTrue(Envoy.isAtHand(), Envoy.howToGet());
        try (Envoy envoy = Envoy.startFor(ORDERS, ENVOY_PORT, NODE, Envoy.Protocol.DELTA, ControlPlane.XDS_PORT)) {
            awaitSameEndpoints(envoy);
            assertThat(envoy.endpoints(ORDERS)).hasSize(4);
            Pod pod = orders.pods().get(0);
            orders.reportReady(pod, false);
            try {
                await("one endpoint less")
                        .atMost(LIMIT)
                        .until(() -> envoy.endpoints(ORDERS).size() == 3);
                awaitSameEndpoints(envoy);
            } finally {
                orders.reportReady(pod, true);
            }

            await("the same versions of the clusters")
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(versionsByEnvoy(envoy))
                            .containsKey(ORDERS)
                            .isEqualTo(versionsByDebugPage())
                            .isEqualTo(versionsByClientStatus()));
        }
    }

    private void awaitSameEndpoints(Envoy envoy) {
        await("the same endpoints")
                .atMost(LIMIT)
                .untilAsserted(() -> assertThat(envoy.endpoints(ORDERS))
                        .isEqualTo(controlPlane.servedEndpoints("orders.shop", ORDERS)));
    }

    private static Map<String, String> versionsByEnvoy(Envoy envoy) {
        Map<String, String> versions = new TreeMap<>();
        for (JsonNode config : envoy.configDump().path("configs")) {
            for (JsonNode cluster : config.path("dynamic_active_clusters")) {
                versions.put(
                        cluster.at("/cluster/name").asText(),
                        cluster.path("version_info").asText());
            }
        }
        return versions;
    }

    private Map<String, String> versionsByDebugPage() {
        Map<String, String> versions = new TreeMap<>();
        for (JsonNode stream : controlPlane.streams(NODE)) {
            for (JsonNode type : stream.path("types")) {
                if (type.path("typeUrl").asText().equals(CLUSTER_TYPE)) {
                    type.path("sent")
                            .properties()
                            .forEach(sent ->
                                    versions.put(sent.getKey(), sent.getValue().asText()));
                }
            }
        }
        return versions;
    }

    private static Map<String, String> versionsByClientStatus() {
        ManagedChannel channel = Grpc.newChannelBuilder(ControlPlane.XDS_ADDRESS, InsecureChannelCredentials.create())
                .build();
        try {
            var request = ClientStatusRequest.newBuilder()
                    .addNodeMatchers(NodeMatcher.newBuilder()
                            .setNodeId(StringMatcher.newBuilder().setExact(NODE)))
                    .build();
            Map<String, String> versions = new TreeMap<>();
            for (ClientConfig config : ClientStatusDiscoveryServiceGrpc.newBlockingStub(channel)
                    .fetchClientStatus(request)
                    .getConfigList()) {
                for (GenericXdsConfig resource : config.getGenericXdsConfigsList()) {
                    if (resource.getTypeUrl().equals(CLUSTER_TYPE)) {
                        versions.put(resource.getName(), resource.getVersionInfo());
                    }
                }
            }
            return versions;
        } finally {
            channel.shutdownNow();
        }
    }
}
