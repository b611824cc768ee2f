/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import java.util.List;
import java.util.Map;

/** What became of one run of a simulation. */
public final class SimulationResult {
    private final List<PhaseResult> phases;
    private final Map<String, ZoneTraffic> traffic;
    private final long events;

    SimulationResult(List<PhaseResult> phases, Map<String, ZoneTraffic> traffic, long events) {
        this.phases = List.copyOf(phases);
        this.traffic = Map.copyOf(traffic);
        this.events = events;
    }

    /** Returns the phases in their order; there is at least one. */
    public List<PhaseResult> phases() {
        return phases;
    }

    /**
     * Returns a phase.
     *
     * @param index 0 for the time from the start to the first cut, 1 for the time from there to the next, …
     */
    public PhaseResult phase(int index) {
        return phases.get(index);
    }

    /** Returns the last phase: all of the simulation where it was not cut. */
    public PhaseResult last() {
        return phases.get(phases.size() - 1);
    }

    /**
     * Returns where the requests of a zone's clients went.
     *
     * @throws IllegalArgumentException when no client runs there
     */
    public ZoneTraffic trafficFrom(String zone) {
        ZoneTraffic found = traffic.get(zone);
        if (found == null) {
            throw new IllegalArgumentException("zone: \"" + zone + "\" (expected: one of " + traffic.keySet() + ")");
        }
        return found;
    }

    /** Returns how many events were simulated. */
    public long events() {
        return events;
    }
}
