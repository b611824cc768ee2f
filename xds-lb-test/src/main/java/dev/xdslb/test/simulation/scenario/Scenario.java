/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.simulation.scenario;

import dev.xdslb.test.simulation.SimulatedSystem;
import dev.xdslb.test.simulation.peer.Peers;
import java.util.List;

/** A situation to put systems into. Immutable; the seeds are part of it, so that a repeated run measures the same. */
public interface Scenario {

    /** Returns its name in kebab-case, made of its parameters. */
    String name();

    /** Returns in one sentence what happens. */
    String description();

    /** Measures one system. */
    List<Row> run(SimulatedSystem system);

    /** Returns the peers that are worth comparing with in this situation. */
    default List<SimulatedSystem> peers() {
        return Peers.perRequest();
    }
}
