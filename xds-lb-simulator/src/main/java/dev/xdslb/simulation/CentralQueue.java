/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import dev.xdslb.load.Outcome;
import java.util.List;

/** Stands for the one queue that all clients share; the run itself, which knows the pods' workers, hands the requests out. */
final class CentralQueue implements SimulatedBalancer {
    static final CentralQueue INSTANCE = new CentralQueue();

    private CentralQueue() {}

    @Override
    public void podsChanged(long now, List<SimulatedPod> pods) {}

    @Override
    public int pick(long now, int request) {
        throw new IllegalStateException("the central queue picks a worker, not a pod");
    }

    @Override
    public void ended(long now, int request, int pod, Outcome outcome, long latencyNanos) {}
}
