/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.Value;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.cluster.SubsetSettings.IfNoneMatches;
import dev.xdslb.policy.EndpointsPerClient;
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
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality;
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
        assertRefused(cluster().setMetadata(ours("strategy", number(1))), place + "1.0 (expected: ");
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
                .setLbSubsetConfig(Cluster.LbSubsetConfig.getDefaultInstance())
                .setOutlierDetection(OutlierDetection.newBuilder().setInterval(seconds(10)))
                .setCommonLbConfig(CommonLbConfig.newBuilder()
                        .setHealthyPanicThreshold(percent(10))
                        .setLocalityWeightedLbConfig(CommonLbConfig.LocalityWeightedLbConfig.getDefaultInstance())));

        assertThat(content.endpointsName()).isEqualTo("backend");
        assertThat(content.notObeyed())
                .containsExactlyInAnyOrder(
                        "type STRICT_DNS", "field 22", "field common_lb_config.3", "field outlier_detection.2");
    }

    @ParameterizedTest
    @CsvSource({
        "least_request.v3.LeastRequest,p2c-least-request",
        "round_robin.v3.RoundRobin,weighted-round-robin",
        "ring_hash.v3.RingHash,ring-hash",
        "maglev.v3.Maglev,maglev",
        "random.v3.Random,random"
    })
    void listOfPolicies_isTheFirstThatIsKnown_alsoWithinZones(String type, String strategy)
            throws UnusableResourceException {
        LoadBalancingPolicy list = LoadBalancingPolicy.newBuilder()
                .addPolicies(listed("some.vendor.Policy", ByteString.EMPTY))
                .addPolicies(listed("envoy.extensions.load_balancing_policies." + type, ByteString.EMPTY))
                .build();
        assertThat(decode(cluster().setLoadBalancingPolicy(list)).policy().strategy())
                .isEqualTo(strategy);

        LoadBalancingPolicy zones = LoadBalancingPolicy.newBuilder()
                .addPolicies(listed(
                        "envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality",
                        WrrLocality.newBuilder()
                                .setEndpointPickingPolicy(list)
                                .build()
                                .toByteString()))
                .build();
        ClusterContent content = decode(cluster().setLoadBalancingPolicy(zones));
        assertThat(content.policy().strategy()).isEqualTo(strategy);
        assertThat(content.notObeyed()).isEmpty();
    }

    @Test
    void listOfPolicies_thatIsDamagedOrWithoutEnd_isNamedAndRefusesNothing() throws UnusableResourceException {
        String zones = "envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality";
        LoadBalancingPolicy list = LoadBalancingPolicy.newBuilder()
                .addPolicies(listed(zones, ByteString.copyFromUtf8("no message")))
                .build();
        assertThat(decode(cluster().setLoadBalancingPolicy(list)).notObeyed()).containsExactly("load_balancing_policy");
        for (int level = 0; level < 40; level++) {
            list = LoadBalancingPolicy.newBuilder()
                    .addPolicies(listed(
                            zones,
                            WrrLocality.newBuilder()
                                    .setEndpointPickingPolicy(list)
                                    .build()
                                    .toByteString()))
                    .build();
        }
        assertThat(decode(cluster().setLoadBalancingPolicy(list)).notObeyed()).containsExactly("load_balancing_policy");
    }

    @Test
    void panicThreshold_retryBudget_andSizesOfHashing_areObeyed() throws UnusableResourceException {
        ServicePolicy policy = decode(cluster()
                        .setCommonLbConfig(CommonLbConfig.newBuilder()
                                .setHealthyPanicThreshold(percent(10))
                                .setConsistentHashingLbConfig(CommonLbConfig.ConsistentHashingLbConfig.newBuilder()
                                        .setHashBalanceFactor(UInt32Value.of(150))))
                        .setCircuitBreakers(CircuitBreakers.newBuilder()
                                .addThresholds(Thresholds.newBuilder()
                                        .setRetryBudget(Thresholds.RetryBudget.newBuilder()
                                                .setBudgetPercent(percent(30)))))
                        .setRingHashLbConfig(
                                Cluster.RingHashLbConfig.newBuilder().setMaximumRingSize(UInt64Value.of(4096))))
                .policy();

        assertThat(policy.panicThreshold()).isEqualTo(0.1);
        assertThat(policy.over(PolicySettings.DEFAULT).panicThreshold()).isEqualTo(0.1);
        assertThat(policy.retryBudget().share()).isEqualTo(0.3);
        assertThat(policy.hash()).isEqualTo(new ServicePolicy.Hash(null, 1.5, 4096, null));
        assertRefused(
                cluster().setCommonLbConfig(CommonLbConfig.newBuilder().setHealthyPanicThreshold(percent(101))),
                "common_lb_config.healthy_panic_threshold: 101.0 (expected: 0 to 100");
    }

    /** Envoy takes rings and factors that ours does not have: a client may ignore them, and says so. */
    @Test
    void sizesOfHashing_thatAreRightForOthersOnly_areNamedAndRefuseNothing() throws UnusableResourceException {
        ClusterContent content = decode(cluster()
                .setCommonLbConfig(CommonLbConfig.newBuilder()
                        .setConsistentHashingLbConfig(CommonLbConfig.ConsistentHashingLbConfig.newBuilder()
                                .setHashBalanceFactor(UInt32Value.of(100))))
                .setRingHashLbConfig(Cluster.RingHashLbConfig.newBuilder().setMaximumRingSize(UInt64Value.of(16))));

        assertThat(content.policy().hash()).isEqualTo(ServicePolicy.Hash.NONE);
        assertThat(content.notObeyed())
                .containsExactlyInAnyOrder(
                        "common_lb_config.consistent_hashing_lb_config.hash_balance_factor of 1.0",
                        "ring_hash_lb_config.maximum_ring_size of 16");
        assertThat(decode(cluster()
                                .setMaglevLbConfig(
                                        Cluster.MaglevLbConfig.newBuilder().setTableSize(UInt64Value.of(-1))))
                        .notObeyed())
                .hasSize(1);
    }

    @Test
    void whatOnlyOurMetadataSays_isThePolicy() throws UnusableResourceException {
        Struct ours = Struct.newBuilder()
                .putFields("hash_key", text("header:x-user"))
                .putFields("hash_balance_factor", number(2))
                .putFields("hash_table_size", number(1009))
                .putFields("subset_from", text("cookie:shard"))
                .putFields("subset_label", text("version"))
                .putFields("subset_if_none_matches", text("use"))
                .putFields("subset_use_value", text("v1"))
                .putFields(
                        "retry_budget_enabled",
                        Value.newBuilder().setBoolValue(true).build())
                .putFields("retry_budget_share", number(0.5))
                .putFields("retry_budget_min_per_second", number(0))
                .putFields("retry_budget_window_ms", number(5_000))
                .putFields("error_bias_exponent", number(2))
                .putFields("error_bias_min_share", number(0.1))
                .putFields("avoidance_ms", number(250))
                .putFields("failure_statuses", text("500-599,429"))
                .putFields("endpoints_per_client", text("auto"))
                .putFields("zone_affinity", text("forced"))
                .putFields("zone_min_local_endpoints", number(3))
                .putFields("ejection_probe_budget", number(0.1))
                .putFields(
                        "ejection_tcp_health_check",
                        Value.newBuilder().setBoolValue(false).build())
                .build();
        ClusterContent content =
                decode(cluster().setMetadata(Metadata.newBuilder().putFilterMetadata("dev.xdslb", ours)));
        ServicePolicy policy = content.policy();

        assertThat(policy.hash()).isEqualTo(new ServicePolicy.Hash("header:x-user", 2.0, null, 1009));
        assertThat(policy.subset())
                .isEqualTo(new ServicePolicy.Subset("version", "cookie:shard", IfNoneMatches.USE, "v1"));
        assertThat(policy.retryBudget())
                .isEqualTo(new ServicePolicy.RetryBudget(true, 0.5, 0, java.time.Duration.ofSeconds(5)));
        assertThat(policy.errorBias()).isEqualTo(new ServicePolicy.ErrorBias(2.0, 0.1));
        assertThat(policy.avoidance()).hasMillis(250);
        assertThat(policy.failureStatuses()).hasToString("500-599, 429");
        assertThat(policy.endpointsPerClient()).isEqualTo(EndpointsPerClient.AUTO);
        assertThat(policy.zones()).isEqualTo(new ServicePolicy.Zones(Affinity.FORCED, 3));
        assertThat(policy.ejection().probeBudget()).isEqualTo(0.1);
        assertThat(policy.ejection().tcpHealthCheck()).isFalse();
        assertThat(content.notObeyed()).isEmpty();
    }

    /** A newer control plane may say more than this client knows. */
    @Test
    void metadataOfOurOwn_thatIsNotKnown_isNamedAndRefusesNothing() throws UnusableResourceException {
        assertThat(decode(cluster().setMetadata(ours("colour", text("red")))).notObeyed())
                .containsExactly("metadata.filter_metadata[\"dev.xdslb\"].colour");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    hash_balance_factor    | 1        | balanceFactor: 1.0 (expected:
                    hash_table_size        | 1010     | tableSize: 1010 (expected:
                    retry_budget_window_ms | 1        | window: PT0.001S (expected:
                    retry_budget_share     | 2        | share: 2.0 (expected:
                    error_bias_exponent    | -1       | exponent: -1.0 (expected:
                    ejection_probe_budget  | 0        | probeBudget: 0.0 (expected:
                    """)
    void metadataOfOurOwn_outOfRange_isRefused(String field, double value, String reason) {
        assertRefused(cluster().setMetadata(ours(field, number(value))), "the policy's " + reason);
    }

    @ParameterizedTest
    @CsvSource({
        "zone_affinity,near",
        "subset_if_none_matches,maybe",
        "endpoints_per_client,many",
        "hash_ring_size,large",
        "avoidance_ms,1s",
        "retry_budget_enabled,true"
    })
    void metadataOfOurOwn_ofAnotherKind_isRefused(String field, String value) {
        assertRefused(
                cluster().setMetadata(ours(field, text(value))),
                "metadata.filter_metadata[\"dev.xdslb\"]." + field + ": \"" + value + "\" (expected: ");
    }

    private static LoadBalancingPolicy.Policy listed(String type, ByteString value) {
        return LoadBalancingPolicy.Policy.newBuilder()
                .setTypedExtensionConfig(TypedExtensionConfig.newBuilder()
                        .setTypedConfig(Any.newBuilder()
                                .setTypeUrl("type.googleapis.com/" + type)
                                .setValue(value)))
                .build();
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
