/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePolicy.ZoneAffinity;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig.ConsistentHashingLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig;
import io.envoyproxy.envoy.type.v3.Percent;

/**
 * What all balancers have in common: zones, panic, and how far a key may overload its endpoint. gRPC obeys none of it, and is told of
 * zones by {@linkplain ZoneWeights weights}.
 */
final class ZoneFields {

    /** Envoy's own is 6; our client looks at zones from one endpoint on. */
    private static final int FROM_THE_FIRST = 1;

    private ZoneFields() {}

    static void set(Cluster.Builder cluster, ServicePolicy policy, Family family) {
        CommonLbConfig.Builder common = CommonLbConfig.newBuilder();
        ZoneAffinity zones = policy.zones();
        if (zones != null) {
            ZoneAwareLbConfig.Builder aware = ZoneAwareLbConfig.newBuilder()
                    .setRoutingEnabled(Percent.newBuilder().setValue(zones == ZoneAffinity.OFF ? 0 : 100));
            if (family == Family.ENVOY) {
                aware.setMinClusterSize(UInt64Value.of(FROM_THE_FIRST));
            }
            common.setZoneAwareLbConfig(aware);
        }
        Double panic = policy.number(PolicyKnob.PANIC_THRESHOLD);
        if (panic != null) {
            common.setHealthyPanicThreshold(Percent.newBuilder().setValue(panic * 100));
        }
        Double factor = policy.number(PolicyKnob.HASH_BALANCE_FACTOR);
        if (family == Family.ENVOY && factor != null && factor > 0 && RequestHash.forEnvoy(policy) != null) {
            common.setConsistentHashingLbConfig(ConsistentHashingLbConfig.newBuilder()
                    .setHashBalanceFactor(UInt32Value.of((int) Math.max(101, Math.round(factor * 100)))));
        }
        if (!common.build().equals(CommonLbConfig.getDefaultInstance())) {
            cluster.setCommonLbConfig(common);
        }
    }
}
