/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import dev.xdslb.sample.backend.BackendPod;
import java.time.Instant;

/**
 * A pod as Kubernetes would know it, and the servers that play it. Immutable; the fleet replaces it when its state changes.
 *
 * @param name unique for the time of the demo
 * @param uid unique for ever
 * @param zone {@code a} or {@code b}
 * @param state what became of it
 * @param readyChanged when its readiness changed last
 * @param server the servers; closed where the pod is dead
 */
record DemoPod(String name, String uid, String zone, State state, Instant readyChanged, BackendPod server) {

    /** What became of a pod. */
    enum State {
        /** Serves, and Kubernetes knows it. */
        READY,
        /** Dead, but Kubernetes does not know it yet. */
        DYING,
        /** Dead, and Kubernetes says so. */
        NOT_READY
    }

    /** Returns what the pod's Ready condition says. */
    boolean isReady() {
        return state != State.NOT_READY;
    }

    DemoPod in(State next, Instant now) {
        boolean changes = (next == State.NOT_READY) == isReady();
        return new DemoPod(name, uid, zone, next, changes ? now : readyChanged, server);
    }
}
