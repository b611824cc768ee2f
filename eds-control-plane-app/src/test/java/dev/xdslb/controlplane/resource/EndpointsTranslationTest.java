/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.EndpointView.Health;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.ZoneKey;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The bytes that are written by hand are those that protobuf writes. */
class EndpointsTranslationTest {
    private static final List<Health> HEALTHS = List.of(Health.values());
    private static final KubernetesClusterName CLUSTER = new KubernetesClusterName("default");

    @Test
    void bytes_areThoseOfTheMessage_whateverTheEndpointsAre() throws InvalidProtocolBufferException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            List<EndpointView> endpoints = new ArrayList<>();
            for (int i = random.nextInt(20); i > 0; i--) {
                endpoints.add(endpoint(random, i));
            }
            ByteString bytes = EndpointsTranslation.encode(
                    text(random),
                    endpoints,
                    true,
                    new ClientPlace("", ""),
                    false,
                    Map.of(new ZoneKey("", "b"), random.nextInt()));

            ClusterLoadAssignment read = ClusterLoadAssignment.parseFrom(bytes);
            assertThat(ByteString.copyFrom(ResourceEncoding.deterministicBytes(read)))
                    .as("seed %d, round %d: %s", seed, round, read)
                    .isEqualTo(bytes);
            assertThat(read.getUnknownFields().asMap()).isEmpty();
            assertThat(read.getEndpointsList().stream()
                            .mapToInt(locality -> locality.getLbEndpointsCount())
                            .sum())
                    .isEqualTo(endpoints.size());
        }
    }

    @Test
    void bytesThatAreShared_areThoseThatAreNot_andOnlyWeightsAreMadeAnew() {
        Random random = new Random(7);
        List<EndpointView> endpoints = new ArrayList<>();
        for (int i = 1; i <= 200; i++) {
            endpoints.add(endpoint(random, i));
        }
        SharedBlocks blocks = new SharedBlocks();
        for (int weight = 1; weight < 4; weight++) {
            Map<ZoneKey, Integer> weights =
                    Map.of(new ZoneKey("west", "a"), 9_000 + weight, new ZoneKey("", "b"), weight);
            ClientPlace near = new ClientPlace(weight == 3 ? "west" : "", "");
            SharedBlocks.Use use = blocks.use();
            ByteString shared =
                    EndpointsTranslation.encode("web.shop:80", endpoints, true, near, false, weights, use, 80);

            assertThat(shared)
                    .isEqualTo(EndpointsTranslation.encode("web.shop:80", endpoints, true, near, false, weights));
            assertThat(shared.size() - use.bytes()).isLessThan(500);
        }
    }

    @Test
    void everythingThatIsKnownOfAnEndpoint_isTold() throws InvalidProtocolBufferException {
        EndpointView known = new EndpointView(
                CLUSTER,
                "10.0.0.1",
                8080,
                Health.DRAINING,
                "west",
                "west-1",
                "n1",
                "web-1",
                "u1",
                300,
                "s1",
                Instant.parse("2026-01-01T00:00:00Z"),
                Map.of("größe", "groß", "empty", ""));

        LbEndpoint told = ClusterLoadAssignment.parseFrom(EndpointsTranslation.encode(
                        "web.shop:80", List.of(known), true, new ClientPlace("", ""), false, Map.of()))
                .getEndpoints(0)
                .getLbEndpoints(0);

        assertThat(told.getHealthStatus()).isEqualTo(HealthStatus.DRAINING);
        assertThat(told.getLoadBalancingWeight().getValue()).isEqualTo(300);
        assertThat(told.getEndpoint().getAddress().getSocketAddress().getAddress())
                .isEqualTo("10.0.0.1");
        assertThat(told.getEndpoint().getAddress().getSocketAddress().getPortValue())
                .isEqualTo(8080);
        Struct ours = told.getMetadata().getFilterMetadataOrThrow("dev.xdslb");
        assertThat(ours.getFieldsMap().keySet())
                .containsExactlyInAnyOrder("pod", "uid", "ready_since", "shard", "labels");
        assertThat(ours.getFieldsOrThrow("ready_since").getStringValue()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(ours.getFieldsOrThrow("labels").getStructValue().getFieldsMap())
                .containsExactly(Map.entry("größe", value("groß")));
        assertThat(told.getMetadata().getFilterMetadataOrThrow("envoy.lb").getFieldsMap())
                .containsOnly(Map.entry("größe", value("groß")), Map.entry("shard", value("s1")));
    }

    private static Value value(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static EndpointView endpoint(Random random, int number) {
        Map<String, String> labels = new TreeMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            labels.put(random.nextInt(5) == 0 ? "shard" : "l" + text(random), text(random));
        }
        return new EndpointView(
                CLUSTER,
                "10.0.0." + number,
                random.nextInt(65_536),
                HEALTHS.get(random.nextInt(HEALTHS.size())),
                List.of("", "west", "öst").get(random.nextInt(3)),
                List.of("", "a", "b").get(random.nextInt(3)),
                "",
                text(random),
                text(random),
                1 + random.nextInt(1_000_000),
                text(random),
                random.nextBoolean() ? null : Instant.ofEpochMilli(random.nextInt()),
                labels);
    }

    /** Returns a text of up to 300 characters, not all of which are ASCII. */
    private static String text(Random random) {
        return List.of("", "web", "ä", "web-ß", "ß-web", "x".repeat(random.nextInt(300)), "€" + "y".repeat(130))
                .get(random.nextInt(7));
    }
}
