/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import dev.xdslb.endpoint.Endpoint;
import java.util.List;

/**
 * A pod as the clients see it.
 *
 * @param index its position among the simulation's pods, the same for as long as the simulation runs
 * @param endpoint what a control plane would announce, with its port made from the index
 */
public record SimulatedPod(int index, Endpoint endpoint) {
    private static final int FIRST_PORT = 1024;

    /** The most pods that a simulation can have. */
    static final int MAX_PODS = 65535 - FIRST_PORT;

    /** Whether it may get requests. */
    public boolean isReady() {
        return endpoint.health().receivesRequests();
    }

    /** Starts the endpoint of the pod with this index, healthy and of weight 1. */
    public static Endpoint.Builder endpoint(int index) {
        return Endpoint.builder("10.0." + (index >> 8) + '.' + (index & 0xFF), FIRST_PORT + index);
    }

    /** Returns the index of the pod that was announced as this endpoint: one subtraction, in place of a map. */
    static int indexOf(Endpoint endpoint) {
        return endpoint.key().port() - FIRST_PORT;
    }

    /** Returns the indexes of those that may get requests. */
    public static int[] readyIndexes(List<SimulatedPod> pods) {
        return pods.stream()
                .filter(SimulatedPod::isReady)
                .mapToInt(SimulatedPod::index)
                .toArray();
    }
}
