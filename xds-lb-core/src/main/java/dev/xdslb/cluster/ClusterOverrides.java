/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.strategy.LoadBalancingStrategy;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * What an operator has changed about one cluster in this process. All of it ends by itself, within half a second after its time is up, and
 * with the process. While anything is changed, the cluster does not fall asleep for not being used.
 *
 * <p>Thread-safe, and without state of its own: {@link ClusterPublication} and {@link ClusterPolicy} keep it.
 */
@API(status = API.Status.INTERNAL)
public final class ClusterOverrides {
    private final ClusterPublication publication;
    private final ClusterPolicy policy;
    private final ClusterContext context;

    ClusterOverrides(ClusterPublication publication, ClusterPolicy policy, ClusterContext context) {
        this.publication = publication;
        this.policy = policy;
        this.context = context;
    }

    /**
     * Lets an endpoint get no new request, as if the control plane had said that it drains. What is under way ends in peace. The drain outlives
     * updates of the endpoint and is forgotten with it. It is not obeyed while no other endpoint is ready.
     *
     * @param time for how long, above zero; counted anew where it is drained already
     * @throws IllegalArgumentException when there is no such endpoint
     * @throws IllegalStateException when no other endpoint is ready
     */
    public void drain(EndpointKey endpoint, Duration time) {
        requirePositive(time);
        publication.drain(endpoint, time);
    }

    /** Lets an endpoint get requests again; returns whether it was drained. */
    public boolean undrain(EndpointKey endpoint) {
        return publication.undrain(endpoint);
    }

    /** Returns the endpoints that get no request because they are drained, each with the time at which that ends. */
    public Map<EndpointKey, Instant> drained() {
        return publication.drained();
    }

    /** Returns all endpoints that are drained, those that are used all the same included, each with the time at which that ends. */
    public Map<EndpointKey, Instant> drains() {
        return publication.drains();
    }

    /**
     * Puts a strategy over whatever the configuration and the control plane say, now and later.
     *
     * @param time for how long, above zero; counted anew where one is put over them already
     * @throws IllegalArgumentException when it does not go together with the other settings
     */
    public void strategy(LoadBalancingStrategy strategy, Duration time) {
        requirePositive(time);
        publication.override(
                new StrategyOverride(strategy, term(time), strategy.usesResponseTimes(), strategy.usesPoolLoad()));
    }

    /** Lets the strategy be what it is set to; returns whether it was another one. */
    public boolean endStrategy() {
        return publication.endOverride(any -> true);
    }

    /** Returns until when the strategy is another one than it is set to; null where it is not. */
    public @Nullable Instant strategyUntil() {
        StrategyOverride override = policy.override();
        return override == null ? null : override.term().until();
    }

    /**
     * Begins to explain some picks, as {@link Cluster#startSampling} does, for a while. The explanations are kept as long again. What the
     * application samples itself waits meanwhile, and goes on afterwards.
     *
     * @param time for how long, above zero
     */
    public void sample(int oneIn, int keep, Duration time) {
        requirePositive(time);
        publication.sampleForAWhile(new PickSamples(oneIn, keep, context.random(), term(time)));
    }

    /** Returns until when picks are sampled; null where they are not, or without end. */
    public @Nullable Instant samplingUntil() {
        PickSamples samples = publication.samples();
        return samples == null || samples.isOver() ? null : samples.until();
    }

    /** Drops the samples of {@link #sample}; returns whether there were any. What the application samples itself goes on. */
    public boolean endSampling() {
        return publication.endSampling(any -> true);
    }

    /** Returns whether anything is changed at present, or samples are kept for whoever asked for them. */
    boolean isAny() {
        PickSamples samples = publication.samples();
        return policy.override() != null || !drains().isEmpty() || (samples != null && samples.isTimed());
    }

    private Term term(Duration time) {
        return Term.begin(time, context.nanoClock(), context.wallClock());
    }

    private static void requirePositive(Duration time) {
        if (time.isZero() || time.isNegative()) {
            throw new IllegalArgumentException("time: " + time + " (expected: > 0)");
        }
    }
}
