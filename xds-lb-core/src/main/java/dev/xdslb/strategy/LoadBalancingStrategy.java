/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Pool;
import java.util.random.RandomGenerator;
import org.apiguardian.api.API;

/**
 * A way to pick one endpoint among those that are eligible.
 *
 * <p>Health, ejection and weights are decided before: a strategy sees only candidates that may be used. It is shared by
 * all clusters that name it and must be thread-safe.
 */
public interface LoadBalancingStrategy {

    /** Returns the name that selects it in the configuration, in kebab-case and unique. */
    String name();

    /**
     * Makes the picker for one state of a cluster. Called on the slow path, whenever the pool has changed.
     *
     * @param pool at least one candidate; immutable, but the candidates' load goes on changing
     */
    Picker picker(Pool pool);

    /**
     * Returns whether picks look at {@link dev.xdslb.load.MeasuredLoad#costNanos()}. Where they do not, only a few requests a
     * second are timed to each endpoint, because reading the clock twice costs more than most picks.
     */
    default boolean usesResponseTimes() {
        return true;
    }

    /**
     * Returns whether its pickers call {@link Pool#inFlight()}. Where they do, the cluster counts its requests in flight once
     * more, in one place. Asked once per cluster.
     */
    default boolean usesPoolLoad() {
        return false;
    }

    /**
     * Returns whether it is of no use where a client uses only a part of a service's endpoints, as one that sends equal requests to the
     * same endpoint whichever client they come from. Such a strategy is refused together with a subset.
     */
    @API(status = API.Status.EXPERIMENTAL)
    default boolean needsAllEndpoints() {
        return false;
    }

    /**
     * Returns by which draws a request gets its group, where priorities or zones divide the requests: those of {@code
     * chance} unless overridden. A strategy that sends equal requests to the same endpoint returns draws that depend on the
     * request alone.
     */
    default RandomGenerator groupDraws(RequestAttributes request, RandomGenerator chance) {
        return chance;
    }
}
