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
 *
 * <p>Where nothing is said there is no limit, and 20% of the requests may be retries, as with our own client. Both take 1,024 requests
 * otherwise (Envoy's {@code circuit_breakers}, gRFC A32), and Envoy as many connections and waiting requests, and 3 retries.
 */
final class LimitFields {
    /** The largest number would be none, but versions of grpc-java before 1.70 read it as -1 and drop every call (grpc-java issue 11695). */
    private static final UInt32Value NO_LIMIT = UInt32Value.of(Integer.MAX_VALUE);

    /** Of our own client where nobody says another. */
    private static final double USUAL_RETRY_SHARE = 0.2;

    private LimitFields() {}

    static void set(Cluster.Builder cluster, ServicePolicy policy, Family family, ServicePort port) {
        CircuitBreakers.Builder breakers = CircuitBreakers.newBuilder();
        Thresholds.Builder ofAll = Thresholds.newBuilder();
        Integer total = policy.count(PolicyKnob.MAX_IN_FLIGHT);
        if (total != null) {
            ofAll.setMaxRequests(UInt32Value.of(total));
        } else if (family != Family.XDS_LB) {
            ofAll.setMaxRequests(NO_LIMIT);
        }
        if (family == Family.ENVOY) {
            ofAll.setMaxConnections(NO_LIMIT).setMaxPendingRequests(NO_LIMIT);
            setRetries(ofAll, policy);
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

    /** Of what is in flight at the moment; our own client's is of a window. */
    private static void setRetries(Thresholds.Builder ofAll, ServicePolicy policy) {
        if (Boolean.FALSE.equals(policy.said().get(PolicyKnob.RETRY_BUDGET_ENABLED))) {
            ofAll.setMaxRetries(NO_LIMIT);
            return;
        }
        Double share = policy.number(PolicyKnob.RETRY_BUDGET_SHARE);
        ofAll.setRetryBudget(Thresholds.RetryBudget.newBuilder()
                .setBudgetPercent(Percent.newBuilder().setValue((share == null ? USUAL_RETRY_SHARE : share) * 100)));
    }
}
