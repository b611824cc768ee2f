/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads what Envoy's published messages write. */
class EndpointDecoderTest {
    private static final String NAME = "orders.shop:8080";

    @Test
    void readsEverythingThatOurControlPlaneSays() throws Exception {
        Struct said = Struct.newBuilder()
                .putFields("pod", text("orders-5d9f"))
                .putFields("uid", text("5f0c"))
                .putFields("ready_since", text("2026-01-02T03:04:05Z"))
                .putFields("shard", text("7"))
                .putFields(
                        "labels",
                        Value.newBuilder()
                                .setStructValue(Struct.newBuilder().putFields("version", text("blue")))
                                .build())
                .build();
        LocalityLbEndpoints group = LocalityLbEndpoints.newBuilder()
                .setLocality(io.envoyproxy.envoy.config.core.v3.Locality.newBuilder()
                        .setRegion("eu")
                        .setZone("eu-a")
                        .setSubZone("rack-1"))
                .setLoadBalancingWeight(UInt32Value.of(3))
                .setPriority(1)
                .addLbEndpoints(endpoint("10.0.0.1", 8080)
                        .setLoadBalancingWeight(UInt32Value.of(3))
                        .setHealthStatus(HealthStatus.HEALTHY)
                        .setMetadata(Metadata.newBuilder()
                                .putFilterMetadata("dev.xdslb", said)
                                .putFilterMetadata("envoy.lb", Struct.getDefaultInstance())))
                .build();

        List<Endpoint> endpoints = decode(list(group));

        assertThat(endpoints)
                .containsExactly(Endpoint.builder("10.0.0.1", 8080)
                        .locality(new Locality("eu", "eu-a", "rack-1"))
                        .priority(1)
                        .weight(3)
                        .pod("orders-5d9f", "5f0c")
                        .readySince(Instant.parse("2026-01-02T03:04:05Z"))
                        .shard("7")
                        .labels(Map.of("version", "blue"))
                        .build());
    }

    @Test
    void readsAnEndpointOfWhichNothingElseIsKnown() throws Exception {
        assertThat(decode(list(endpoint("fd00::1", 8080))))
                .containsExactly(Endpoint.builder("fd00::1", 8080).build());
    }

    @Test
    void readsAnEmptyList() throws Exception {
        assertThat(decode(list(new LbEndpoint.Builder[0]))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "UNKNOWN, HEALTHY",
        "HEALTHY, HEALTHY",
        "DEGRADED, DEGRADED",
        "DRAINING, DRAINING",
        "UNHEALTHY, UNHEALTHY",
        "TIMEOUT, UNHEALTHY"
    })
    void readsHealth(HealthStatus sent, EndpointHealth expected) throws Exception {
        List<Endpoint> endpoints = decode(list(endpoint("10.0.0.1", 8080).setHealthStatus(sent)));

        assertThat(endpoints.get(0).health()).isEqualTo(expected);
    }

    @Test
    void healthThatIsNewerThanThisClient_isNotTakenForHealthy() throws Exception {
        List<Endpoint> endpoints = decode(list(endpoint("10.0.0.1", 8080).setHealthStatusValue(99)));

        assertThat(endpoints.get(0).health()).isEqualTo(EndpointHealth.UNHEALTHY);
    }

    @Test
    void metadataOfAnotherForm_countsAsUnknown() throws Exception {
        Value number = Value.newBuilder().setNumberValue(7).build();
        Struct said = Struct.newBuilder()
                .putFields("pod", number)
                .putFields("ready_since", text("yesterday"))
                .putFields("labels", text("version=blue"))
                .build();

        List<Endpoint> endpoints = decode(list(
                endpoint("10.0.0.1", 8080).setMetadata(Metadata.newBuilder().putFilterMetadata("dev.xdslb", said))));

        assertThat(endpoints).containsExactly(Endpoint.builder("10.0.0.1", 8080).build());
    }

    @Test
    void labelThatIsNoText_isLeftOut() throws Exception {
        Struct labels = Struct.newBuilder()
                .putFields("version", text("blue"))
                .putFields("generation", Value.newBuilder().setNumberValue(7).build())
                .build();
        Struct said = Struct.newBuilder()
                .putFields("labels", Value.newBuilder().setStructValue(labels).build())
                .build();

        List<Endpoint> endpoints = decode(list(
                endpoint("10.0.0.1", 8080).setMetadata(Metadata.newBuilder().putFilterMetadata("dev.xdslb", said))));

        assertThat(endpoints.get(0).labels()).containsExactly(Map.entry("version", "blue"));
    }

    @Test
    void refusesBytesThatAreNoList() {
        assertRefused(
                Any.newBuilder()
                        .setTypeUrl(AdsMethods.ENDPOINTS_TYPE_URL)
                        .setValue(ByteString.copyFrom(new byte[] {10, 100, 1}))
                        .build(),
                "3 bytes that are no ClusterLoadAssignment: ");
    }

    @Test
    void refusesAnotherType() {
        assertRefused(
                Any.newBuilder().setTypeUrl("type.googleapis.com/a.B").build(),
                "type_url: \"type.googleapis.com/a.B\" (expected: \"" + AdsMethods.ENDPOINTS_TYPE_URL + "\")");
    }

    @Test
    void saysTheNameOfTheList() throws UnusableResourceException { // whether it is the right one, the table knows
        assertThat(new EndpointDecoder()
                        .parse(pack(list(endpoint("10.0.0.1", 8080))))
                        .name())
                .isEqualTo(NAME);
    }

    @Test
    void refusesAHostName() {
        assertRefused(
                list(endpoint("orders-0.orders", 8080)),
                "endpoints[0].lb_endpoints[0].address: \"orders-0.orders\" (expected: an IP address)");
    }

    @Test
    void refusesAnEndpointWithoutAnAddress() {
        assertRefused(
                list(LbEndpoint.newBuilder()), "endpoints[0].lb_endpoints[0].address: \"\" (expected: an IP address)");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "65536, 65536", "-1, 4294967295"})
    void refusesAPortOutOfRange(int sent, String shown) {
        assertRefused(
                list(endpoint("10.0.0.1", sent)),
                "endpoints[0].lb_endpoints[0].port: " + shown + " (expected: 1 to 65535)");
    }

    @Test
    void refusesAPortByName() {
        assertRefused(
                list(endpoint(SocketAddress.newBuilder().setAddress("10.0.0.1").setNamedPort("http"))),
                "endpoints[0].lb_endpoints[0].port: \"http\" (expected: 1 to 65535)");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "-2147483648, 2147483648"})
    void refusesAWeightOutOfRange(int sent, String shown) {
        assertRefused(
                list(endpoint("10.0.0.1", 8080).setLoadBalancingWeight(UInt32Value.of(sent))),
                "endpoints[0].lb_endpoints[0].load_balancing_weight: " + shown + " (expected: 1 to 2147483647)");
    }

    @Test
    void refusesAnAddressThatComesTwice() {
        assertRefused(
                list(endpoint("10.0.0.1", 8080), endpoint("10.0.0.1", 8080)),
                "endpoints[0].lb_endpoints[1].address: 10.0.0.1 port 8080 twice (expected: distinct addresses)");
    }

    @Test
    void refusesAnAddressThatComesTwiceInTwoLocalitiesAndSpellings() {
        LocalityLbEndpoints first = LocalityLbEndpoints.newBuilder()
                .addLbEndpoints(endpoint("fd00::1", 8080))
                .build();
        LocalityLbEndpoints second = LocalityLbEndpoints.newBuilder()
                .addLbEndpoints(endpoint("fd00:0::1", 8080))
                .build();

        assertRefused(
                pack(list(first, second)),
                "endpoints[1].lb_endpoints[0].address: fd00:0::1 port 8080 twice (expected: distinct addresses)");
    }

    @Test
    void takesOnePodOnTwoPorts() throws Exception {
        assertThat(decode(list(endpoint("10.0.0.1", 8080), endpoint("10.0.0.1", 8081))))
                .hasSize(2);
    }

    @Test
    void refusesAPriorityOutOfRange() {
        assertRefused(
                pack(list(LocalityLbEndpoints.newBuilder().setPriority(129).build())),
                "endpoints[0].priority: 129 (expected: 0 to 128)");
    }

    private static void assertRefused(ClusterLoadAssignment.Builder list, String reason) {
        assertRefused(pack(list), reason);
    }

    private static void assertRefused(Any resource, String reason) {
        assertThatExceptionOfType(UnusableResourceException.class)
                .isThrownBy(
                        () -> new EndpointDecoder().parse(resource).content().read())
                .withMessageStartingWith(reason);
    }

    private static List<Endpoint> decode(ClusterLoadAssignment.Builder list) throws UnusableResourceException {
        return new EndpointDecoder().parse(pack(list)).content().read();
    }

    private static Any pack(ClusterLoadAssignment.Builder list) {
        return Any.pack(list.build());
    }

    private static ClusterLoadAssignment.Builder list(LbEndpoint.Builder... endpoints) {
        LocalityLbEndpoints.Builder group = LocalityLbEndpoints.newBuilder();
        for (LbEndpoint.Builder endpoint : endpoints) {
            group.addLbEndpoints(endpoint);
        }
        return list(group.build());
    }

    private static ClusterLoadAssignment.Builder list(LocalityLbEndpoints... groups) {
        return ClusterLoadAssignment.newBuilder().setClusterName(NAME).addAllEndpoints(List.of(groups));
    }

    private static LbEndpoint.Builder endpoint(String host, int port) {
        return endpoint(SocketAddress.newBuilder().setAddress(host).setPortValue(port));
    }

    private static LbEndpoint.Builder endpoint(SocketAddress.Builder address) {
        return LbEndpoint.newBuilder()
                .setEndpoint(io.envoyproxy.envoy.config.endpoint.v3.Endpoint.newBuilder()
                        .setAddress(Address.newBuilder().setSocketAddress(address)));
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }
}
