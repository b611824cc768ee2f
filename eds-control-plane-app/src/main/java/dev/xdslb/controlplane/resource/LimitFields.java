/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.UInt32Value;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePort;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.type.v3.Percent;

/**
 * How many requests may be in flight, and how many of them retries. Envoy and gRPC apply {@code thresholds} to the whole cluster, so
 * the limit per endpoint never goes there. Envoy limits an endpoint by connections only, which is the same thing for
 * HTTP/1.1, and refuses a cluster whose {@code per_host_thresholds} say anything else.
 */
final class LimitFields {

    private LimitFields() {}

    static void set(Cluster.Builder cluster, ServicePolicy policy, Family family, ServicePort port) {
        CircuitBreakers.Builder breakers = CircuitBreakers.newBuilder();
        Thresholds.Builder ofAll = Thresholds.newBuilder();
        Integer total = policy.count(PolicyKnob.MAX_IN_FLIGHT);
        if (total != null) {
            ofAll.setMaxRequests(UInt32Value.of(total));
        }
        Double retries = policy.number(PolicyKnob.RETRY_BUDGET_SHARE);
        boolean isLimited = !Boolean.FALSE.equals(policy.said().get(PolicyKnob.RETRY_BUDGET_ENABLED));
        if (retries != null && isLimited && family != Family.XDS_LB) { // ours is of a window, not of a moment
            ofAll.setRetryBudget(Thresholds.RetryBudget.newBuilder()
                    .setBudgetPercent(Percent.newBuilder().setValue(retries * 100)));
        }
        if (!ofAll.build().equals(Thresholds.getDefaultInstance())) {
            breakers.addThresholds(ofAll);
        }
        Integer perEndpoint = policy.count(PolicyKnob.MAX_IN_FLIGHT_PER_ENDPOINT);
        if (perEndpoint != null) {
            Thresholds.Builder ofOne = Thresholds.newBuilder();
            if (family != Family.ENVOY) {
                ofOne.setMaxRequests(UInt32Value.of(perEndpoint));
            } else if (!port.http2()) {
                ofOne.setMaxConnections(UInt32Value.of(perEndpoint));
            }
            if (!ofOne.build().equals(Thresholds.getDefaultInstance())) {
                breakers.addPerHostThresholds(ofOne);
            }
        }
        if (!breakers.build().equals(CircuitBreakers.getDefaultInstance())) {
            cluster.setCircuitBreakers(breakers);
        }
    }
}
