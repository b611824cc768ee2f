/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.cluster.LimitExceededException;
import dev.xdslb.cluster.NoEndpointException;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.policy.Candidate;
import dev.xdslb.strategy.RequestAttributes;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

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
    private final Predicate<Endpoint> isReady;
    private final Predicate<Endpoint> isAwaited;
    private final ConcurrentHashMap<Candidate, Results> results = new ConcurrentHashMap<>(); // of each that was picked
    private final FailureCodes failures;

    /**
     * Makes the picker of one state of the cluster and the connections.
     *
     * @param ready not changed any more
     * @param awaited to whom there will be a connection soon; not changed any more
     */
    CallPicker(
            Cluster cluster,
            ClusterPicker picker,
            Map<EndpointKey, Subchannel> ready,
            Set<EndpointKey> awaited,
            FailureCodes failures) {
        this.cluster = cluster;
        this.picker = picker;
        this.ready = ready;
        this.failures = failures;
        this.isReady = endpoint -> ready.containsKey(endpoint.key());
        this.isAwaited = endpoint -> awaited.contains(endpoint.key());
    }

    @Override
    public PickResult pickSubchannel(PickSubchannelArgs args) {
        Candidate candidate;
        try {
            RequestAttributes call = new CallAttributes(args);
            candidate = picker.pick(call, isReady, isAwaited);
            if (candidate == null) {
                throw picker.noneUsableFor(call);
            }
        } catch (LimitExceededException e) { // dropped, so that not even a call that would wait for a connection waits
            return PickResult.withDrop(Status.UNAVAILABLE.withDescription(e.getMessage()));
        } catch (NoEndpointException e) {
            return PickResult.withError(Status.UNAVAILABLE.withDescription(e.getMessage()));
        } catch (RuntimeException e) { // of the strategy's; thrown on, it would end the channel
            return PickResult.withError(strategyFailed(cluster, e));
        }
        Results known = results.get(candidate);
        Results used = known == null ? results.computeIfAbsent(candidate, this::resultsOf) : known;
        return args.getMethodDescriptor().getType() == MethodType.UNARY ? used.unary : used.stream;
    }

    /** Returns what calls fail with while the cluster's strategy, which may be anybody's code, throws. */
    static Status strategyFailed(Cluster cluster, RuntimeException failure) {
        String strategy = cluster.settings().strategy().name();
        return Status.INTERNAL
                .withDescription("strategy " + strategy + " of " + cluster.resource() + " failed: " + failure)
                .withCause(failure);
    }

    private Results resultsOf(Candidate candidate) {
        return new Results(resultOf(candidate, false), resultOf(candidate, true));
    }

    private PickResult resultOf(Candidate candidate, boolean streams) {
        Subchannel subchannel = ready.get(candidate.endpoint().key());
        return subchannel == null
                ? PickResult.withNoResult()
                : PickResult.withSubchannel(subchannel, new LeasedCalls(cluster, candidate, streams, failures));
    }

    /** What a pick of one candidate gives, so that picking makes nothing new. */
    private record Results(PickResult unary, PickResult stream) {}
}
