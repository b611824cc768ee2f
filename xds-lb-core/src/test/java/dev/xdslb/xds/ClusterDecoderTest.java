/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.ZoneSettings.Affinity;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LeastRequestLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.RoundRobinLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.SlowStartConfig;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.config.core.v3.RuntimeDouble;
import io.envoyproxy.envoy.type.v3.Percent;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** What the published cluster message means to this client. */
class ClusterDecoderTest {
    private static final String NAME = "orders.shop:8080";

    @Test
    void clusterOfAControlPlaneWithoutPolicies_saysNothing() throws UnusableResourceException {
        ClusterContent content = decode(cluster()
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder()
                        .setEdsConfig(ConfigSource.newBuilder().setAds(AggregatedConfigSource.getDefaultInstance())))
                .setLbPolicy(LbPolicy.ROUND_ROBIN)
                .setConnectTimeout(seconds(5)));

        assertThat(content.policy()).isEqualTo(ServicePolicy.NONE);
        assertThat(content.endpointsName()).isEqualTo(NAME);
        assertThat(content.notObeyed()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"LEAST_REQUEST,p2c-least-request", "RING_HASH,ring-hash", "RANDOM,random", "MAGLEV,maglev"})
    void policyThatTheWireCanTellFromNothing_isTheStrategy(LbPolicy policy, String strategy)
            throws UnusableResourceException {
        assertThat(decode(cluster().setLbPolicy(policy)).policy().strategy()).isEqualTo(strategy);
    }

    @ParameterizedTest
    @EnumSource(
            value = LbPolicy.class,
            names = {"CLUSTER_PROVIDED", "LOAD_BALANCING_POLICY_CONFIG"},
            mode = Mode.INCLUDE)
    void policyWithoutCounterpart_isNamedAndRefusesNothing(LbPolicy policy) throws UnusableResourceException {
        ClusterContent content = decode(cluster().setLbPolicy(policy));

        assertThat(content.policy()).isEqualTo(ServicePolicy.NONE);
        assertThat(content.notObeyed()).containsExactly("lb_policy " + policy);
    }

    @Test
    void policyOfANewerApi_isNamedAndRefusesNothing() throws UnusableResourceException {
        assertThat(decode(cluster().setLbPolicyValue(99)).notObeyed()).hasSize(1);
        assertThat(decode(cluster().setTypeValue(99)).notObeyed()).hasSize(1);
    }

    @Test
    void loadBalancingPolicy_comesBeforeTheOldField_soThatIsNotMisread() throws UnusableResourceException {
        ClusterContent content = decode(cluster()
                .setLbPolicy(LbPolicy.RANDOM)
                .setLoadBalancingPolicy(
                        LoadBalancingPolicy.newBuilder().addPolicies(LoadBalancingPolicy.Policy.getDefaultInstance())));

        assertThat(content.policy().strategy()).isNull();
        assertThat(content.notObeyed()).contains("load_balancing_policy");
    }

    @Test
    void strategyOfOurOwn_comesBeforeTheStandardField() throws UnusableResourceException {
        ClusterContent content =
                decode(cluster().setLbPolicy(LbPolicy.RANDOM).setMetadata(ours("strategy", text("p2c-ewma"))));

        assertThat(content.policy().strategy()).isEqualTo("p2c-ewma");
    }

    @Test
    void strategyThatIsNoName_isRefused() {
        String place = "metadata.filter_metadata[\"dev.xdslb\"].strategy: ";
        assertRefused(cluster().setMetadata(ours("strategy", text(" "))), place + "\" \" (expected: ");
        assertRefused(cluster().setMetadata(ours("strategy", number(1))), place + "NUMBER_VALUE (expected: ");
        assertRefused(cluster().setMetadata(ours("strategy", text("x".repeat(101)))), place);
    }

    @Test
    void slowStart_ofEitherPolicy() throws UnusableResourceException {
        SlowStartConfig config = SlowStartConfig.newBuilder()
                .setSlowStartWindow(seconds(60))
                .setMinWeightPercent(percent(20))
                .setAggression(RuntimeDouble.newBuilder().setDefaultValue(2))
                .build();
        ServicePolicy.SlowStart expected = new ServicePolicy.SlowStart(java.time.Duration.ofSeconds(60), 0.2, 2.0);

        assertThat(decode(cluster()
                                .setLeastRequestLbConfig(
                                        LeastRequestLbConfig.newBuilder().setSlowStartConfig(config)))
                        .policy()
                        .slowStart())
                .isEqualTo(expected);
        assertThat(decode(slowStart(config)).policy().slowStart()).isEqualTo(expected);
    }

    @Test
    void slowStart_ofNoLength_switchesItOff_andWhatIsUnsetSaysNothing() throws UnusableResourceException {
        SlowStartConfig config = SlowStartConfig.newBuilder()
                .setSlowStartWindow(Duration.getDefaultInstance())
                .setAggression(RuntimeDouble.getDefaultInstance())
                .build();

        assertThat(decode(slowStart(config)).policy().slowStart())
                .isEqualTo(new ServicePolicy.SlowStart(java.time.Duration.ZERO, null, null));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
    void slowStart_aggressionOutOfRange_isRefused(double value) {
        assertRefused(
                slowStart(SlowStartConfig.newBuilder()
                        .setAggression(RuntimeDouble.newBuilder().setDefaultValue(value))
                        .build()),
                "round_robin_lb_config.slow_start_config.aggression: " + value + " (expected: above 0)");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, 0, 100.5, Double.NaN})
    void slowStart_shareOutOfRange_isRefused(double value) {
        assertRefused(
                slowStart(SlowStartConfig.newBuilder()
                        .setMinWeightPercent(percent(value))
                        .build()),
                "round_robin_lb_config.slow_start_config.min_weight_percent: " + value
                        + " (expected: more than 0 to 100");
    }

    @ParameterizedTest
    @CsvSource({"-1,0", "0,-1", "1,1000000000", "9223372036854775807,0", "315576000000,0"})
    void slowStart_windowOutOfRange_isRefused(long seconds, int nanos) {
        assertRefused(
                slowStart(SlowStartConfig.newBuilder()
                        .setSlowStartWindow(
                                Duration.newBuilder().setSeconds(seconds).setNanos(nanos))
                        .build()),
                "round_robin_lb_config.slow_start_config.slow_start_window: " + seconds + " s " + nanos
                        + " ns (expected: 0 to 365 days)");
    }

    @Test
    void outlierDetection_isTheEjection() throws UnusableResourceException {
        ClusterContent content = decode(outliers(OutlierDetection.newBuilder()
                .setConsecutive5Xx(UInt32Value.of(7))
                .setBaseEjectionTime(seconds(30))
                .setMaxEjectionTime(seconds(300))
                .setMaxEjectionPercent(UInt32Value.of(10))
                .setEnforcingFailurePercentage(UInt32Value.of(100))
                .setFailurePercentageThreshold(UInt32Value.of(85))
                .setFailurePercentageRequestVolume(UInt32Value.of(50))));

        assertThat(content.policy().ejection())
                .isEqualTo(new ServicePolicy.Ejection(
                        7,
                        0.85,
                        50,
                        java.time.Duration.ofSeconds(30),
                        java.time.Duration.ofSeconds(300),
                        0.1,
                        null,
                        null));
        assertThat(content.notObeyed()).isEmpty();
    }

    @Test
    void outlierDetection_withoutAnything_saysNothing() throws UnusableResourceException {
        assertThat(decode(outliers(OutlierDetection.newBuilder())).policy()).isEqualTo(ServicePolicy.NONE);
    }

    @Test
    void outlierDetection_longTimeAlone_canBeCompletedByTheDefaults() throws UnusableResourceException {
        ServicePolicy policy = decode(outliers(OutlierDetection.newBuilder().setBaseEjectionTime(seconds(600))))
                .policy();

        assertThat(policy.over(PolicySettings.DEFAULT).ejection().baseTime())
                .isEqualTo(java.time.Duration.ofMinutes(10));
    }

    @Test
    void outlierDetection_ruleThatIsNotEnforced_saysNothing() throws UnusableResourceException {
        ClusterContent content = decode(outliers(OutlierDetection.newBuilder()
                .setConsecutive5Xx(UInt32Value.of(0))
                .setEnforcingConsecutive5Xx(UInt32Value.of(0))
                .setFailurePercentageThreshold(UInt32Value.of(0))));

        assertThat(content.policy()).isEqualTo(ServicePolicy.NONE);
        assertThat(content.notObeyed()).hasSize(2);
    }

    @Test
    void outlierDetection_outOfRange_isRefused() {
        assertRefused(
                outliers(OutlierDetection.newBuilder().setConsecutive5Xx(UInt32Value.of(0))),
                "outlier_detection.consecutive_5xx: 0 (expected: 1 to 2147483647)");
        assertRefused(
                outliers(OutlierDetection.newBuilder().setConsecutive5Xx(UInt32Value.of(-1))),
                "outlier_detection.consecutive_5xx: 4294967295 (expected: ");
        assertRefused(
                outliers(OutlierDetection.newBuilder().setMaxEjectionPercent(UInt32Value.of(101))),
                "outlier_detection.max_ejection_percent: 101.0 (expected: 0 to 100");
        assertRefused(
                outliers(OutlierDetection.newBuilder().setBaseEjectionTime(seconds(0))),
                "outlier_detection.base_ejection_time: 0 s 0 ns (expected: more than 0");
        assertRefused(
                outliers(OutlierDetection.newBuilder()
                        .setBaseEjectionTime(seconds(2))
                        .setMaxEjectionTime(seconds(1))),
                "outlier_detection.max_ejection_time: PT1S (expected: at least base_ejection_time, PT2S)");
    }

    @Test
    void limits_perClusterAndPerEndpoint() throws UnusableResourceException {
        ServicePolicy.Limits limits = decode(cluster()
                        .setCircuitBreakers(CircuitBreakers.newBuilder()
                                .addThresholds(maxRequests(100))
                                .addThresholds(maxRequests(5).setPriority(RoutingPriority.HIGH))
                                .addPerHostThresholds(maxRequests(10))))
                .policy()
                .limits();

        assertThat(limits).isEqualTo(new ServicePolicy.Limits(10, 100));
    }

    @Test
    void limits_ofOurOwn_comeFirst_andZeroIsNone() throws UnusableResourceException {
        ServicePolicy.Limits limits = decode(cluster()
                        .setCircuitBreakers(CircuitBreakers.newBuilder().addPerHostThresholds(maxRequests(10)))
                        .setMetadata(ours("max_in_flight_per_endpoint", number(0))))
                .policy()
                .limits();

        assertThat(limits).isEqualTo(new ServicePolicy.Limits(0, null));
    }

    @Test
    void limits_largestNumberOfTheWire_isNone_andZeroIsRefusedForItWouldMeanTheOpposite()
            throws UnusableResourceException {
        assertThat(decode(breakers(-1)).policy().limits()).isEqualTo(new ServicePolicy.Limits(null, 0));
        assertRefused(
                breakers(0), "circuit_breakers.thresholds.max_requests: 0 (expected: 1 to " + Integer.MAX_VALUE + ')');
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, 0.5, 1e9, Double.NaN})
    void limits_ofOurOwn_outOfRange_areRefused(double value) {
        assertRefused(
                cluster().setMetadata(ours("max_in_flight_per_endpoint", number(value))),
                "metadata.filter_metadata[\"dev.xdslb\"].max_in_flight_per_endpoint: " + value);
    }

    @ParameterizedTest
    @CsvSource({"0,OFF", "100,SPILL", "50,"})
    void zones_onOrOff_andNothingBetween(double percent, @Nullable Affinity affinity) throws UnusableResourceException {
        ClusterContent content = decode(cluster()
                .setCommonLbConfig(CommonLbConfig.newBuilder()
                        .setZoneAwareLbConfig(
                                CommonLbConfig.ZoneAwareLbConfig.newBuilder().setRoutingEnabled(percent(percent)))));

        assertThat(content.policy().zones()).isEqualTo(new ServicePolicy.Zones(affinity, null));
        assertThat(content.notObeyed()).hasSize(affinity == null ? 1 : 0);
    }

    @Test
    void endpointsUnderAnotherName_andFieldsThatAreNotObeyed_areSaid() throws UnusableResourceException {
        ClusterContent content = decode(cluster()
                .setType(Cluster.DiscoveryType.STRICT_DNS)
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setServiceName("backend"))
                .setRingHashLbConfig(Cluster.RingHashLbConfig.getDefaultInstance())
                .setOutlierDetection(OutlierDetection.newBuilder().setInterval(seconds(10)))
                .setCommonLbConfig(CommonLbConfig.newBuilder()
                        .setHealthyPanicThreshold(percent(10))
                        .setLocalityWeightedLbConfig(CommonLbConfig.LocalityWeightedLbConfig.getDefaultInstance())));

        assertThat(content.endpointsName()).isEqualTo("backend");
        assertThat(content.notObeyed())
                .containsExactlyInAnyOrder(
                        "type STRICT_DNS",
                        "common_lb_config.healthy_panic_threshold",
                        "field 23",
                        "field common_lb_config.3",
                        "field outlier_detection.2");
    }

    private static void assertRefused(Cluster.Builder cluster, String reason) {
        assertThatExceptionOfType(UnusableResourceException.class)
                .isThrownBy(() -> decode(cluster))
                .withMessageStartingWith(reason);
    }

    private static ClusterContent decode(Cluster.Builder cluster) throws UnusableResourceException {
        return new ClusterDecoder().parse(Any.pack(cluster.build())).content().read();
    }

    private static Cluster.Builder cluster() {
        return Cluster.newBuilder().setName(NAME).setType(Cluster.DiscoveryType.EDS);
    }

    private static Cluster.Builder slowStart(SlowStartConfig config) {
        return cluster().setRoundRobinLbConfig(RoundRobinLbConfig.newBuilder().setSlowStartConfig(config));
    }

    private static Cluster.Builder outliers(OutlierDetection.Builder detection) {
        return cluster().setOutlierDetection(detection);
    }

    private static Cluster.Builder breakers(int maxRequests) {
        return cluster().setCircuitBreakers(CircuitBreakers.newBuilder().addThresholds(maxRequests(maxRequests)));
    }

    private static Thresholds.Builder maxRequests(int value) {
        return Thresholds.newBuilder().setMaxRequests(UInt32Value.of(value));
    }

    private static Metadata.Builder ours(String field, Value value) {
        return Metadata.newBuilder()
                .putFilterMetadata(
                        "dev.xdslb", Struct.newBuilder().putFields(field, value).build());
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static Value number(double number) {
        return Value.newBuilder().setNumberValue(number).build();
    }

    private static Percent percent(double value) {
        return Percent.newBuilder().setValue(value).build();
    }

    private static Duration seconds(long seconds) {
        return Duration.newBuilder().setSeconds(seconds).build();
    }
}
