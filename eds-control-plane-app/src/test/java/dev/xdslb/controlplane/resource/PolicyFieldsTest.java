/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePort;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbSubsetConfig;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import io.envoyproxy.envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which field of CDS each knob is, for each family of clients. */
class PolicyFieldsTest {
    private static final ServicePort PORT = new ServicePort("http", 8080, false);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    p2c-ewma             |                | LEAST_REQUEST | ROUND_ROBIN
                    p2c-least-request    |                | LEAST_REQUEST | ROUND_ROBIN
                    weighted-round-robin |                | ROUND_ROBIN   | ROUND_ROBIN
                    weighted-random      |                | ROUND_ROBIN   | ROUND_ROBIN
                    round-robin          |                | ROUND_ROBIN   | ROUND_ROBIN
                    random               |                | RANDOM        | ROUND_ROBIN
                    of-their-own         |                | ROUND_ROBIN   | ROUND_ROBIN
                    ring-hash            |                | ROUND_ROBIN   | ROUND_ROBIN
                    ring-hash            | header:X-User  | RING_HASH     | RING_HASH
                    ring-hash            | metadata:user  | RING_HASH     | RING_HASH
                    ring-hash            | cookie:sid     | RING_HASH     | ROUND_ROBIN
                    ring-hash            | path           | RING_HASH     | ROUND_ROBIN
                    ring-hash            | bean:tenant    | ROUND_ROBIN   | ROUND_ROBIN
                    maglev               | header:X-User  | MAGLEV        | RING_HASH
                    maglev               | cookie:sid     | MAGLEV        | ROUND_ROBIN
                    random               | header:X-User  | RANDOM        | ROUND_ROBIN
                    """)
    void strategy_isTheNearestThatAllOfAFamilyTake(
            String strategy, @Nullable String key, LbPolicy envoy, LbPolicy grpc) {
        ServicePolicy policy = key == null
                ? policy(PolicyKnob.STRATEGY, strategy)
                : policy(PolicyKnob.STRATEGY, strategy, PolicyKnob.HASH_KEY, key);

        assertThat(translate(policy, Family.ENVOY).getLbPolicy()).isEqualTo(envoy);
        assertThat(translate(policy, Family.ENVOY).hasLoadBalancingPolicy()).isFalse();
        assertThat(translate(policy, Family.GRPC).getLbPolicy()).isEqualTo(grpc);
        assertThat(translate(policy, Family.XDS_LB).getLbPolicy()).isEqualTo(LbPolicy.ROUND_ROBIN);
        assertThat(text(ours(policy), "strategy")).isEqualTo(strategy);
    }

    /** Outside of WrrLocality, gRPC would give each endpoint the same, whatever the weights of zones say. */
    @Test
    void leastRequest_isWithinTheZones_forGrpc() throws Exception {
        Cluster cluster = translate(policy(PolicyKnob.STRATEGY, "p2c-ewma"), Family.GRPC);

        WrrLocality zones = only(cluster.getLoadBalancingPolicy())
                .getTypedExtensionConfig()
                .getTypedConfig()
                .unpack(WrrLocality.class);
        assertThat(zones.getEndpointPickingPolicy().getPoliciesList())
                .extracting(policy ->
                        policy.getTypedExtensionConfig().getTypedConfig().getTypeUrl())
                .containsExactly(
                        "type.googleapis.com/envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest",
                        "type.googleapis.com/envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin");
    }

    @Test
    void sizesOfHashing_areThoseOfThePolicyThatIsUsed() {
        ServicePolicy ring = policy(
                PolicyKnob.STRATEGY, "ring-hash", PolicyKnob.HASH_KEY, "header:a", PolicyKnob.HASH_RING_SIZE, 4096);
        assertThat(translate(ring, Family.ENVOY)
                        .getRingHashLbConfig()
                        .getMaximumRingSize()
                        .getValue())
                .isEqualTo(4096);
        assertThat(translate(ring, Family.GRPC)
                        .getRingHashLbConfig()
                        .getMaximumRingSize()
                        .getValue())
                .isEqualTo(4096);

        ServicePolicy maglev =
                policy(PolicyKnob.STRATEGY, "maglev", PolicyKnob.HASH_KEY, "path", PolicyKnob.HASH_TABLE_SIZE, 1009);
        assertThat(translate(maglev, Family.ENVOY)
                        .getMaglevLbConfig()
                        .getTableSize()
                        .getValue())
                .isEqualTo(1009);
        assertThat(ours(maglev).getFieldsOrThrow("hash_table_size").getNumberValue())
                .isEqualTo(1009);

        assertThat(factor(policy(
                        PolicyKnob.STRATEGY,
                        "maglev",
                        PolicyKnob.HASH_KEY,
                        "path",
                        PolicyKnob.HASH_BALANCE_FACTOR,
                        1.25)))
                .isEqualTo(125);
        assertThat(factor(policy(
                        PolicyKnob.STRATEGY,
                        "maglev",
                        PolicyKnob.HASH_KEY,
                        "path",
                        PolicyKnob.HASH_BALANCE_FACTOR,
                        1.001)))
                .as("at 100 no endpoint could get more than the mean")
                .isEqualTo(101);
        assertThat(factor(policy(
                        PolicyKnob.STRATEGY,
                        "maglev",
                        PolicyKnob.HASH_KEY,
                        "path",
                        PolicyKnob.HASH_BALANCE_FACTOR,
                        0.0)))
                .isZero();
    }

    @Test
    void longestEjectionBelowTheBaseThatNobodySays_bringsTheBaseAlong() {
        ServicePolicy policy = policy(PolicyKnob.EJECTION_MAX_TIME, java.time.Duration.ofSeconds(10));

        for (Family family : List.of(Family.ENVOY, Family.GRPC)) {
            OutlierDetection detection = translate(policy, family).getOutlierDetection();
            assertThat(detection.getMaxEjectionTime()).isEqualTo(seconds(10));
            assertThat(detection.getBaseEjectionTime()).isEqualTo(seconds(10));
        }
        assertThat(translate(policy, Family.XDS_LB).getOutlierDetection().hasBaseEjectionTime())
                .isFalse();
    }

    @Test
    void slowStart_isThatOfThePolicy_andNothingForEnvoyWithoutAWindow() {
        ServicePolicy policy = policy(
                PolicyKnob.STRATEGY,
                "p2c-ewma",
                PolicyKnob.SLOW_START,
                java.time.Duration.ofSeconds(20),
                PolicyKnob.SLOW_START_MIN_SHARE,
                0.25,
                PolicyKnob.SLOW_START_AGGRESSION,
                2.0);
        Cluster.SlowStartConfig slowStart =
                translate(policy, Family.ENVOY).getLeastRequestLbConfig().getSlowStartConfig();
        assertThat(slowStart.getSlowStartWindow()).isEqualTo(seconds(20));
        assertThat(slowStart.getMinWeightPercent().getValue()).isEqualTo(25);
        assertThat(slowStart.getAggression().getDefaultValue()).isEqualTo(2);
        assertThat(translate(policy, Family.XDS_LB).getRoundRobinLbConfig().getSlowStartConfig())
                .isEqualTo(slowStart);

        ServicePolicy shareAlone = policy(PolicyKnob.SLOW_START_MIN_SHARE, 0.25);
        assertThat(translate(shareAlone, Family.ENVOY).hasRoundRobinLbConfig()).isFalse();
        assertThat(translate(shareAlone, Family.XDS_LB).hasRoundRobinLbConfig()).isTrue();
    }

    @Test
    void ejection_forEnvoyAndGrpc_isWhatIsSaid_andNoRuleBeside() {
        ServicePolicy policy = policy(
                PolicyKnob.EJECTION_CONSECUTIVE_FAILURES,
                3,
                PolicyKnob.EJECTION_BASE_TIME,
                java.time.Duration.ofSeconds(5),
                PolicyKnob.EJECTION_INTERVAL,
                java.time.Duration.ofSeconds(2));
        OutlierDetection expected = OutlierDetection.newBuilder()
                .setConsecutive5Xx(UInt32Value.of(3))
                .setBaseEjectionTime(seconds(5))
                .setInterval(seconds(2))
                .setEnforcingSuccessRate(UInt32Value.of(0))
                .build();

        assertThat(translate(policy, Family.ENVOY).getOutlierDetection()).isEqualTo(expected);
        assertThat(translate(policy, Family.GRPC).getOutlierDetection()).isEqualTo(expected);
        assertThat(translate(policy, Family.XDS_LB).getOutlierDetection())
                .isEqualTo(expected.toBuilder()
                        .clearInterval()
                        .clearEnforcingSuccessRate()
                        .build());
    }

    @Test
    void ejectionByRatio_isEnforced_fromTwoEndpointsOn_andOneIsNoRule() {
        OutlierDetection envoy = translate(policy(PolicyKnob.EJECTION_FAILURE_RATIO, 0.4), Family.ENVOY)
                .getOutlierDetection();
        assertThat(envoy.getFailurePercentageThreshold().getValue()).isEqualTo(40);
        assertThat(envoy.getEnforcingFailurePercentage().getValue()).isEqualTo(100);
        assertThat(envoy.getFailurePercentageRequestVolume().getValue()).isEqualTo(10);
        assertThat(envoy.getFailurePercentageMinimumHosts().getValue()).isEqualTo(2);

        OutlierDetection never = translate(policy(PolicyKnob.EJECTION_FAILURE_RATIO, 1.0), Family.GRPC)
                .getOutlierDetection();
        assertThat(never.hasEnforcingFailurePercentage()).isFalse();
        assertThat(translate(policy(PolicyKnob.EJECTION_FAILURE_RATIO, 1.0), Family.XDS_LB)
                        .getOutlierDetection()
                        .getFailurePercentageThreshold()
                        .getValue())
                .isEqualTo(100);
    }

    @Test
    void ejectedShare_isNeverRoundedToNone_butNoneIsNone() {
        assertThat(maxEjected(0.001)).isEqualTo(1);
        assertThat(maxEjected(0.5)).isEqualTo(50);
        for (Family family : Family.values()) {
            assertThat(translate(
                                    policy(
                                            PolicyKnob.EJECTION_MAX_SHARE,
                                            0.0,
                                            PolicyKnob.EJECTION_CONSECUTIVE_FAILURES,
                                            3),
                                    family)
                            .hasOutlierDetection())
                    .as("others eject one whatever the share is")
                    .isEqualTo(family == Family.XDS_LB);
        }
    }

    /** Two Kubernetes clusters may each have said one of the two times. */
    @Test
    void longestTime_isNeverBelowTheShortest() {
        ServicePolicy policy = policy(
                PolicyKnob.EJECTION_BASE_TIME,
                java.time.Duration.ofSeconds(50),
                PolicyKnob.EJECTION_MAX_TIME,
                java.time.Duration.ofSeconds(5));
        assertThat(translate(policy, Family.XDS_LB).getOutlierDetection().getMaxEjectionTime())
                .isEqualTo(seconds(50));
    }

    @Test
    void limits_ofTheClusterAndOfAnEndpoint_areNotMixedUp() {
        ServicePolicy policy = policy(
                PolicyKnob.MAX_IN_FLIGHT,
                200,
                PolicyKnob.MAX_IN_FLIGHT_PER_ENDPOINT,
                20,
                PolicyKnob.RETRY_BUDGET_SHARE,
                0.1);
        for (Family family : Family.values()) {
            Cluster cluster = translate(policy, family);
            Thresholds ofAll = cluster.getCircuitBreakers().getThresholds(0);
            assertThat(ofAll.getMaxRequests().getValue()).isEqualTo(200);
            assertThat(ofAll.hasRetryBudget()).isEqualTo(family == Family.ENVOY);
            assertThat(cluster.getCircuitBreakers().getThresholdsCount()).isOne();
            Thresholds ofOne = cluster.getCircuitBreakers().getPerHostThresholds(0);
            assertThat(family == Family.ENVOY ? ofOne.getMaxConnections() : ofOne.getMaxRequests())
                    .isEqualTo(UInt32Value.of(20));
            assertThat(ofOne.getAllFields())
                    .as("Envoy 1.40 refuses a cluster with more")
                    .hasSize(1);
        }
        ServicePort http2 = new ServicePort("grpc", 8080, true);
        assertThat(ClusterTranslation.translate(
                                "orders.shop:8080",
                                http2,
                                policy(PolicyKnob.MAX_IN_FLIGHT_PER_ENDPOINT, 20),
                                Family.ENVOY)
                        .getCircuitBreakers()
                        .getPerHostThresholdsList())
                .as("over HTTP/2 many requests share a connection")
                .isEmpty();
        assertThat(translate(policy, Family.ENVOY)
                        .getCircuitBreakers()
                        .getThresholds(0)
                        .getRetryBudget()
                        .getBudgetPercent()
                        .getValue())
                .isEqualTo(10);
    }

    /** Envoy and gRPC have limits of their own where a cluster says nothing. */
    @Test
    void nothingSaid_isNoLimit() {
        Thresholds envoy =
                translate(ServicePolicy.NONE, Family.ENVOY).getCircuitBreakers().getThresholds(0);
        UInt32Value none = UInt32Value.of(Integer.MAX_VALUE);
        assertThat(envoy.getMaxRequests()).isEqualTo(none);
        assertThat(envoy.getMaxConnections()).isEqualTo(none);
        assertThat(envoy.getMaxPendingRequests()).isEqualTo(none);
        assertThat(envoy.getRetryBudget().getBudgetPercent().getValue())
                .as("as of our own client")
                .isEqualTo(20);
        assertThat(translate(ServicePolicy.NONE, Family.GRPC)
                        .getCircuitBreakers()
                        .getThresholds(0))
                .isEqualTo(Thresholds.newBuilder().setMaxRequests(none).build());
        assertThat(translate(ServicePolicy.NONE, Family.XDS_LB).hasCircuitBreakers())
                .isFalse();
    }

    @Test
    void limitOfRequests_isTheOnlyOne() {
        Thresholds envoy = translate(policy(PolicyKnob.MAX_IN_FLIGHT, 5000), Family.ENVOY)
                .getCircuitBreakers()
                .getThresholds(0);
        assertThat(envoy.getMaxRequests().getValue()).isEqualTo(5000);
        assertThat(envoy.getMaxConnections()).as("over HTTP/1.1").isEqualTo(UInt32Value.of(Integer.MAX_VALUE));
        assertThat(envoy.getMaxPendingRequests()).isEqualTo(UInt32Value.of(Integer.MAX_VALUE));
    }

    @Test
    void retryBudgetThatIsSwitchedOff_isNoBudget() {
        ServicePolicy policy = policy(PolicyKnob.RETRY_BUDGET_SHARE, 0.1, PolicyKnob.RETRY_BUDGET_ENABLED, false);
        Thresholds envoy = translate(policy, Family.ENVOY).getCircuitBreakers().getThresholds(0);
        assertThat(envoy.hasRetryBudget()).isFalse();
        assertThat(envoy.getMaxRetries()).isEqualTo(UInt32Value.of(Integer.MAX_VALUE));
        assertThat(ours(policy).getFieldsOrThrow("retry_budget_enabled").getBoolValue())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"off,0", "spill,100", "forced,100"})
    void zones_comeBeforeTheSpecOfTheService(String affinity, double percent) {
        ServicePolicy policy =
                policy(PolicyKnob.ZONE_AFFINITY, affinity).with(ServicePolicy.TrafficDistribution.SAME_ZONE, false);
        Cluster.CommonLbConfig.ZoneAwareLbConfig envoy =
                translate(policy, Family.ENVOY).getCommonLbConfig().getZoneAwareLbConfig();

        assertThat(envoy.getRoutingEnabled().getValue()).isEqualTo(percent);
        assertThat(envoy.getMinClusterSize().getValue()).isOne();
        assertThat(text(ours(policy), "zone_affinity")).isEqualTo(affinity);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void panicThreshold_isThatOfEveryFamily(Family family) {
        assertThat(translate(policy(PolicyKnob.PANIC_THRESHOLD, 0.0), family)
                        .getCommonLbConfig()
                        .hasHealthyPanicThreshold())
                .as("0 is said")
                .isTrue();
    }

    /** Without a filter of its own that reads the label, an ingress would otherwise have nowhere to send anything. */
    @Test
    void subset_ofEnvoy_bindsOnlyRequestsThatSayTheLabel() {
        LbSubsetConfig fail = translate(policy(PolicyKnob.SUBSET_FROM, "header:shard"), Family.ENVOY)
                .getLbSubsetConfig();
        assertThat(fail.getFallbackPolicy()).isEqualTo(LbSubsetConfig.LbSubsetFallbackPolicy.ANY_ENDPOINT);
        assertThat(fail.getSubsetSelectors(0).getKeysList()).containsExactly("shard");
        assertThat(fail.getSubsetSelectors(0).getFallbackPolicy())
                .isEqualTo(LbSubsetConfig.LbSubsetSelector.LbSubsetSelectorFallbackPolicy.NO_FALLBACK);

        LbSubsetConfig use = translate(
                        policy(
                                PolicyKnob.SUBSET_FROM,
                                "header:v",
                                PolicyKnob.SUBSET_LABEL,
                                "version",
                                PolicyKnob.SUBSET_USE_VALUE,
                                "v1"),
                        Family.ENVOY)
                .getLbSubsetConfig();
        assertThat(text(use.getDefaultSubset(), "version")).isEqualTo("v1");
        assertThat(translate(policy(PolicyKnob.SUBSET_FROM, "header:shard"), Family.GRPC)
                        .hasLbSubsetConfig())
                .isFalse();
        assertThat(text(ours(policy(PolicyKnob.SUBSET_FROM, "header:shard")), "subset_from"))
                .isEqualTo("header:shard");
    }

    @Test
    void whatOnlyOurClientKnows_isForItAlone() {
        ServicePolicy policy = policy(
                PolicyKnob.AVOIDANCE,
                java.time.Duration.ofMillis(1_500),
                PolicyKnob.FAILURE_STATUSES,
                "500-599,429",
                PolicyKnob.ENDPOINTS_PER_CLIENT,
                "auto",
                PolicyKnob.EJECTION_TCP_HEALTH_CHECK,
                false);
        Struct ours = ours(policy);

        assertThat(ours.getFieldsOrThrow("avoidance_ms").getNumberValue()).isEqualTo(1_500);
        assertThat(text(ours, "failure_statuses")).isEqualTo("500-599,429");
        assertThat(text(ours, "endpoints_per_client")).isEqualTo("auto");
        assertThat(ours.getFieldsOrThrow("ejection_tcp_health_check").getBoolValue())
                .isFalse();
        assertThat(translate(policy, Family.ENVOY)).isEqualTo(translate(ServicePolicy.NONE, Family.ENVOY));
        assertThat(translate(policy, Family.GRPC)).isEqualTo(translate(ServicePolicy.NONE, Family.GRPC));
    }

    @Test
    void hashOfARoute_isAHeaderForGrpc_inLowerCaseAsItsMetadataIs() {
        assertThat(RequestHash.forGrpc(policy(PolicyKnob.STRATEGY, "maglev", PolicyKnob.HASH_KEY, "metadata:User"))
                        .getHeader()
                        .getHeaderName())
                .isEqualTo("user");
        assertThat(RequestHash.forGrpc(policy(PolicyKnob.HASH_KEY, "header:user")))
                .isNull();
        assertThat(RequestHash.forEnvoy(policy(PolicyKnob.STRATEGY, "maglev", PolicyKnob.HASH_KEY, "cookie:sid"))
                        .getCookie()
                        .getName())
                .isEqualTo("sid");
    }

    private static int factor(ServicePolicy policy) {
        return translate(policy, Family.ENVOY)
                .getCommonLbConfig()
                .getConsistentHashingLbConfig()
                .getHashBalanceFactor()
                .getValue();
    }

    private static int maxEjected(double share) {
        return translate(policy(PolicyKnob.EJECTION_MAX_SHARE, share), Family.ENVOY)
                .getOutlierDetection()
                .getMaxEjectionPercent()
                .getValue();
    }

    private static LoadBalancingPolicy.Policy only(LoadBalancingPolicy list) {
        assertThat(list.getPoliciesList()).hasSize(1);
        return list.getPolicies(0);
    }

    private static Struct ours(ServicePolicy policy) {
        return translate(policy, Family.XDS_LB).getMetadata().getFilterMetadataOrThrow("dev.xdslb");
    }

    private static String text(Struct struct, String field) {
        return struct.getFieldsOrDefault(field, Value.getDefaultInstance()).getStringValue();
    }

    private static Cluster translate(ServicePolicy policy, Family family) {
        return ClusterTranslation.translate("orders.shop:8080", PORT, policy, family);
    }

    private static ServicePolicy policy(PolicyKnob knob, Object value) {
        return new ServicePolicy(Map.of(knob, value));
    }

    private static ServicePolicy policy(PolicyKnob knob, Object value, PolicyKnob other, Object otherValue) {
        return new ServicePolicy(Map.of(knob, value, other, otherValue));
    }

    private static ServicePolicy policy(
            PolicyKnob knob, Object value, PolicyKnob other, Object otherValue, PolicyKnob third, Object thirdValue) {
        return new ServicePolicy(Map.of(knob, value, other, otherValue, third, thirdValue));
    }

    private static ServicePolicy policy(
            PolicyKnob knob,
            Object value,
            PolicyKnob other,
            Object otherValue,
            PolicyKnob third,
            Object thirdValue,
            PolicyKnob fourth,
            Object fourthValue) {
        return new ServicePolicy(Map.of(knob, value, other, otherValue, third, thirdValue, fourth, fourthValue));
    }

    private static Duration seconds(long seconds) {
        return Duration.newBuilder().setSeconds(seconds).build();
    }
}
