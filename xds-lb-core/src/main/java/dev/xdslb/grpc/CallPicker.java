/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.cluster.NoEndpointException;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.Status;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Picks an endpoint for one call, among those that this channel has a ready connection to. Immutable.
 *
 * <p>A pick counts nothing: grpc-java may drop it when the connection has gone in the meantime, and then picks again. The
 * lease starts when the call's stream is made, see {@link LeasedCalls}.
 */
final class CallPicker extends SubchannelPicker {
    private final Cluster cluster;
    private final ClusterPicker picker;
    private final Map<EndpointKey, Subchannel> ready;
    private final IdentityHashMap<Candidate, PickResult> results; // of every candidate but the probes
    private final FailureCodes failures;

    /**
     * Makes the picker of one state of the cluster and the connections.
     *
     * @param picker picks among the endpoints of {@code ready} only
     * @param ready not changed any more
     */
    CallPicker(Cluster cluster, ClusterPicker picker, Map<EndpointKey, Subchannel> ready, FailureCodes failures) {
        this.cluster = cluster;
        this.picker = picker;
        this.ready = ready;
        this.failures = failures;
        this.results = new IdentityHashMap<>(ready.size());
        for (Pool group : picker.plan().groups()) {
            for (int i = 0; i < group.size(); i++) {
                results.computeIfAbsent(group.get(i), this::resultOf);
            }
        }
    }

    @Override
    public PickResult pickSubchannel(PickSubchannelArgs args) {
        Candidate candidate;
        try {
            candidate = picker.pick(new CallAttributes(args));
        } catch (NoEndpointException e) {
            return PickResult.withError(Status.UNAVAILABLE.withDescription(e.getMessage()));
        }
        @Nullable PickResult result = results.get(candidate);
        return result == null ? resultOf(candidate) : result;
    }

    private PickResult resultOf(Candidate candidate) {
        Subchannel subchannel = ready.get(candidate.endpoint().key());
        return subchannel == null
                ? PickResult.withNoResult()
                : PickResult.withSubchannel(subchannel, new LeasedCalls(cluster, candidate, failures));
    }
}
