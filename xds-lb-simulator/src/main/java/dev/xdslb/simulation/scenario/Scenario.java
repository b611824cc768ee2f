/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.peer.Peers;
import java.util.List;

/**
 * A situation to put systems into. Immutable; it is run with as many seeds as it needs, one after the other from the first
 * one on, so that a repeated run measures the same.
 */
public interface Scenario {
    /** The first seed where none is named: that of the published figures. */
    long FIRST_SEED = 1;

    /** Returns its name in kebab-case, made of its parameters. */
    String name();

    /** Returns in one sentence what happens. */
    String description();

    /** Measures one system with the seeds of the published figures. */
    default List<Row> run(SimulatedSystem system) {
        return run(system, FIRST_SEED);
    }

    /**
     * Measures one system.
     *
     * @param firstSeed any number. With n seeds these are {@code firstSeed} to {@code firstSeed + n - 1}: two runs have none in
     *     common where their first seeds are further apart than that
     */
    List<Row> run(SimulatedSystem system, long firstSeed);

    /** Returns the peers that are worth comparing with in this situation. */
    default List<SimulatedSystem> peers() {
        return Peers.perRequest();
    }

    /** Returns whether it is among those that are run where none is named: of many that differ in a parameter only, some. */
    default boolean isRepresentative() {
        return true;
    }
}
