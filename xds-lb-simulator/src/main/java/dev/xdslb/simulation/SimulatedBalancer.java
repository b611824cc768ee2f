/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import dev.xdslb.load.Outcome;
import java.time.Duration;
import java.util.List;

/**
 * The balancer of one simulated client. Called by one thread; times are nanoseconds since the start of the simulation.
 */
public interface SimulatedBalancer {
    /** What {@link #pick} returns where there is no pod to send to. */
    int NO_POD = -1;

    /**
     * Learns which pods there are, ready or not. Called before the first pick and after each change.
     *
     * @param pods all that are announced
     */
    void podsChanged(long now, List<SimulatedPod> pods);

    /**
     * Picks the pod for a request that is sent at once.
     *
     * @param request names the request until it has ended; a small number that is used again afterwards
     * @return the pod's index, or {@link #NO_POD}
     */
    int pick(long now, int request);

    /** Learns how a request ended, for which {@link #pick} returned this pod. */
    void ended(long now, int request, int pod, Outcome outcome, long latencyNanos);

    /** Returns whether a request that has failed may be sent once more; {@link #pick} follows. */
    default boolean tryRetry(long now) {
        return true;
    }

    /** How often {@link #tick} is called; zero for never. */
    default Duration tickInterval() {
        return Duration.ZERO;
    }

    /** Lets the time pass. */
    default void tick(long now) {}
}
