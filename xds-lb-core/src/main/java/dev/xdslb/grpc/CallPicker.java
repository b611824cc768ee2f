/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.cluster.LimitExceededException;
import dev.xdslb.cluster.NoEndpointException;
import dev.xdslb.cluster.RetryBudget;
import dev.xdslb.cluster.StrategyException;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.policy.Candidate;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKeyException;
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
 * Picks an endpoint for one call by the cluster's newest picker, among those that this channel has a ready connection to. A
 * publication of the cluster costs the channel nothing: it is published to the channel only where calls wait.
 *
 * <p>Where nobody who may be picked is ready, calls wait for those that have begun to connect a moment ago; after that they go to
 * whom is ready, though it is left out. Where that is nobody either, they wait for any connection that is being made.
 *
 * <p>The state of the connections does not change. {@code prepared} is replaced by the first pick after each publication, by any
 * thread; of two at the same moment one is lost, which costs nothing but its making.
 *
 * <p>A pick counts nothing: grpc-java may drop it when the connection has gone in the meantime, and then picks again. The
 * lease starts when the call's stream is made, see {@link LeasedCalls}.
 */
final class CallPicker extends SubchannelPicker {
    private final Cluster cluster;
    private final Map<EndpointKey, Subchannel> ready;
    private final Predicate<Endpoint> isReady;
    private final Predicate<Endpoint> isAwaited;
    private final Predicate<Endpoint> isPending;
    private final boolean connecting;
    private final FailureCodes failures;
    private volatile Prepared prepared;
    private volatile boolean waitedFor; // a call may wait for another picker; set by picks

    /** Makes the picker of one state of the connections. */
    CallPicker(Cluster cluster, ChannelView view, FailureCodes failures) {
        Set<EndpointKey> awaited = view.awaited();
        Set<EndpointKey> pending = view.pending();
        this.cluster = cluster;
        this.ready = view.ready();
        this.isReady = endpoint -> ready.containsKey(endpoint.key());
        this.isAwaited = endpoint -> awaited.contains(endpoint.key());
        this.isPending = endpoint -> pending.contains(endpoint.key());
        this.connecting = !pending.isEmpty();
        this.failures = failures;
        this.prepared = new Prepared(cluster.picker());
    }

    @Override
    public PickResult pickSubchannel(PickSubchannelArgs args) {
        while (true) {
            Prepared present = prepared();
            PickResult result = pick(present, args);
            if (result.getSubchannel() != null || result.isDrop()) {
                return result;
            }
            waitedFor = true;
            if (cluster.picker() == present.picker) { // who publishes the next one sees that it is waited for
                return result;
            }
        }
    }

    /** Returns whether a call may wait for another picker than the cluster's present one. */
    boolean isWaitedFor() {
        return waitedFor;
    }

    private Prepared prepared() {
        Prepared present = prepared;
        ClusterPicker newest = cluster.picker();
        if (present.picker != newest) {
            present = new Prepared(newest);
            prepared = present;
        }
        return present;
    }

    private PickResult pick(Prepared present, PickSubchannelArgs args) {
        if (CallAttempts.isRetry(args) && !cluster.retryBudget().hasRoom()) {
            return notTriedAgain(args);
        }
        RequestAttributes call = new CallAttributes(args);
        Candidate candidate;
        try {
            candidate = present.picker.pick(call, isReady, isAwaited);
            if (candidate == null) {
                if (connecting && present.picker.hasEndpointFor(call, isPending)) {
                    return PickResult.withNoResult();
                }
                throw present.picker.noneUsableFor(call);
            }
        } catch (LimitExceededException e) { // dropped, so that not even a call that would wait for a connection waits
            return PickResult.withDrop(Status.UNAVAILABLE.withDescription(e.getMessage()));
        } catch (NoEndpointException e) {
            return PickResult.withError(Status.UNAVAILABLE.withDescription(e.getMessage()));
        } catch (Throwable e) { // of the strategy's, an Error too; thrown on, it would end the channel
            return PickResult.withError(strategyFailed(e));
        }
        Results known = present.results.get(candidate);
        Results used = known == null ? present.results.computeIfAbsent(candidate, this::resultsOf) : known;
        return args.getMethodDescriptor().getType() == MethodType.UNARY ? used.unary : used.stream;
    }

    /** Dropped, so that grpc-java tries no more: the call ends with this. */
    private PickResult notTriedAgain(PickSubchannelArgs args) {
        RetryBudget budget = cluster.retryBudget();
        budget.refuse();
        return PickResult.withDrop(CallAttempts.notTriedAgain(
                args.getCallOptions(), String.valueOf(budget.exceeded().getMessage())));
    }

    /** Returns what calls fail with while the cluster's strategy, which may be anybody's code, throws. */
    private Status strategyFailed(Throwable failure) {
        if (failure instanceof StrategyException said) {
            return Status.INTERNAL.withDescription(said.getMessage()).withCause(said.getCause());
        }
        if (failure instanceof RequestKeyException) {
            return Status.INTERNAL
                    .withDescription(cluster.resource() + ": " + failure.getMessage())
                    .withCause(failure);
        }
        return Status.INTERNAL
                .withDescription(cluster.resource() + ": picking an endpoint failed: " + failure)
                .withCause(failure);
    }

    private Results resultsOf(Candidate candidate) {
        return new Results(resultOf(candidate, false), resultOf(candidate, true));
    }

    /** One that is only awaited has no connection yet: the call waits. */
    private PickResult resultOf(Candidate candidate, boolean streams) {
        Subchannel subchannel = ready.get(candidate.endpoint().key());
        return subchannel == null
                ? PickResult.withNoResult()
                : PickResult.withSubchannel(subchannel, new LeasedCalls(cluster, candidate, streams, failures));
    }

    /** What a pick of one candidate gives, so that picking makes nothing new. */
    private record Results(PickResult unary, PickResult stream) {}

    /** What was made for the candidates of one of the cluster's pickers, each when it was first picked. */
    private static final class Prepared {
        private final ClusterPicker picker;
        private final ConcurrentHashMap<Candidate, Results> results = new ConcurrentHashMap<>();

        private Prepared(ClusterPicker picker) {
            this.picker = picker;
        }
    }
}
