/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.Value;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServicePolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbSubsetConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector;
import io.envoyproxy.envoy.config.cluster.v3.LoadBalancingPolicy;
import io.envoyproxy.envoy.config.core.v3.RuntimeDouble;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest;
import io.envoyproxy.envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin;
import io.envoyproxy.envoy.extensions.load_balancing_policies.wrr_locality.v3.WrrLocality;
import io.envoyproxy.envoy.type.v3.Percent;
import java.time.Duration;

/**
 * Who is picked among the endpoints that may be. Each family is told the nearest that all of its clients accept: of a list of
 * policies gRPC takes the first that it knows, and only {@code WrrLocality} and {@code lb_policy: ROUND_ROBIN} divide the requests
 * among zones as the weights of localities say.
 */
final class BalancerFields {

    /** Of two endpoints by chance the one with fewer requests; else by turns. Node and Python do not know the first one. */
    private static final LoadBalancingPolicy LEAST_REQUEST_WITHIN_ZONES = listOf(WrrLocality.newBuilder()
            .setEndpointPickingPolicy(listOf(LeastRequest.getDefaultInstance(), RoundRobin.getDefaultInstance()))
            .build());

    private BalancerFields() {}

    static void set(Cluster.Builder cluster, ServicePolicy policy, Family family) {
        cluster.setLbPolicy(LbPolicy.ROUND_ROBIN);
        switch (family) {
            case XDS_LB -> setSlowStart(cluster, policy, false); // the strategy has a name in our metadata
            case ENVOY -> setForEnvoy(cluster, policy);
            case GRPC -> setForGrpc(cluster, policy);
        }
    }

    private static void setForGrpc(Cluster.Builder cluster, ServicePolicy policy) {
        setSlowStart(cluster, policy, false); // accepted, whether or not it is obeyed
        if (RequestHash.forGrpc(policy) != null) { // where gRPC cannot read the key, a ring would be a random choice
            cluster.setLbPolicy(LbPolicy.RING_HASH);
            setRingSize(cluster, policy);
        } else if (isByLoad(policy)) {
            cluster.setLoadBalancingPolicy(LEAST_REQUEST_WITHIN_ZONES);
        }
    }

    private static void setForEnvoy(Cluster.Builder cluster, ServicePolicy policy) {
        String strategy = policy.text(PolicyKnob.STRATEGY);
        if (RequestHash.forEnvoy(policy) != null) {
            if ("maglev".equals(strategy)) {
                cluster.setLbPolicy(LbPolicy.MAGLEV);
                Integer size = policy.count(PolicyKnob.HASH_TABLE_SIZE);
                if (size != null) {
                    cluster.setMaglevLbConfig(
                            Cluster.MaglevLbConfig.newBuilder().setTableSize(UInt64Value.of(size)));
                }
            } else {
                cluster.setLbPolicy(LbPolicy.RING_HASH);
                setRingSize(cluster, policy);
            }
        } else if ("random".equals(strategy)) { // without weights, as ours
            cluster.setLbPolicy(LbPolicy.RANDOM);
        } else {
            if (isByLoad(policy)) {
                cluster.setLbPolicy(LbPolicy.LEAST_REQUEST);
            }
            setSlowStart(cluster, policy, true);
        }
        setSubsets(cluster, policy);
    }

    private static boolean isByLoad(ServicePolicy policy) {
        String strategy = policy.text(PolicyKnob.STRATEGY);
        return "p2c-ewma".equals(strategy) || "p2c-least-request".equals(strategy);
    }

    private static void setRingSize(Cluster.Builder cluster, ServicePolicy policy) {
        Integer size = policy.count(PolicyKnob.HASH_RING_SIZE);
        if (size != null) {
            cluster.setRingHashLbConfig(Cluster.RingHashLbConfig.newBuilder().setMaximumRingSize(UInt64Value.of(size)));
        }
    }

    /**
     * Sets slow start.
     *
     * @param needsWindow whether the client has no slow start without a window (Envoy), and no default of its own
     */
    private static void setSlowStart(Cluster.Builder cluster, ServicePolicy policy, boolean needsWindow) {
        Cluster.SlowStartConfig.Builder slowStart = Cluster.SlowStartConfig.newBuilder();
        Duration window = policy.duration(PolicyKnob.SLOW_START);
        if (window != null) {
            slowStart.setSlowStartWindow(Durations.of(window));
        }
        Double minShare = policy.number(PolicyKnob.SLOW_START_MIN_SHARE);
        if (minShare != null) {
            slowStart.setMinWeightPercent(Percent.newBuilder().setValue(minShare * 100));
        }
        Double aggression = policy.number(PolicyKnob.SLOW_START_AGGRESSION);
        if (aggression != null) {
            slowStart.setAggression(RuntimeDouble.newBuilder()
                    .setDefaultValue(aggression)
                    .setRuntimeKey("xdslb.slow_start.aggression"));
        }
        boolean saysNothing = slowStart.build().equals(Cluster.SlowStartConfig.getDefaultInstance());
        if (saysNothing || (needsWindow && (window == null || window.isZero()))) {
            return;
        }
        if (cluster.getLbPolicy() == LbPolicy.LEAST_REQUEST) {
            cluster.setLeastRequestLbConfig(
                    Cluster.LeastRequestLbConfig.newBuilder().setSlowStartConfig(slowStart));
        } else {
            cluster.setRoundRobinLbConfig(
                    Cluster.RoundRobinLbConfig.newBuilder().setSlowStartConfig(slowStart));
        }
    }

    /**
     * Sets subsets for Envoy, which cannot read the request's value by itself: that is up to its route or a filter. Where these say
     * nothing of the label, a request goes to any endpoint, as without subsets; where they do, the policy is obeyed.
     */
    private static void setSubsets(Cluster.Builder cluster, ServicePolicy policy) {
        if (policy.text(PolicyKnob.SUBSET_FROM) == null) {
            return;
        }
        String label = policy.text(PolicyKnob.SUBSET_LABEL);
        String key = label == null ? "shard" : label;
        String useValue = policy.text(PolicyKnob.SUBSET_USE_VALUE);
        LbSubsetConfig.Builder subsets =
                LbSubsetConfig.newBuilder().setFallbackPolicy(LbSubsetConfig.LbSubsetFallbackPolicy.ANY_ENDPOINT);
        LbSubsetSelector.Builder selector = LbSubsetSelector.newBuilder().addKeys(key);
        if (useValue != null) {
            subsets.setDefaultSubset(Struct.newBuilder()
                    .putFields(key, Value.newBuilder().setStringValue(useValue).build()));
            selector.setFallbackPolicy(LbSubsetSelector.LbSubsetSelectorFallbackPolicy.DEFAULT_SUBSET);
        } else {
            selector.setFallbackPolicy(
                    "any".equals(policy.text(PolicyKnob.SUBSET_IF_NONE_MATCHES))
                            ? LbSubsetSelector.LbSubsetSelectorFallbackPolicy.ANY_ENDPOINT
                            : LbSubsetSelector.LbSubsetSelectorFallbackPolicy.NO_FALLBACK);
        }
        cluster.setLbSubsetConfig(subsets.addSubsetSelectors(selector));
    }

    private static LoadBalancingPolicy listOf(Message... policies) {
        LoadBalancingPolicy.Builder list = LoadBalancingPolicy.newBuilder();
        for (Message policy : policies) {
            list.addPolicies(LoadBalancingPolicy.Policy.newBuilder()
                    .setTypedExtensionConfig(TypedExtensionConfig.newBuilder()
                            .setName(policy.getDescriptorForType().getFullName())
                            .setTypedConfig(Any.pack(policy))));
        }
        return list.build();
    }
}
