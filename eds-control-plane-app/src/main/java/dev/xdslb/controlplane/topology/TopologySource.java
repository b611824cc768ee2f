/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.util.List;

/** Submits the objects of one Kubernetes cluster to the topology. */
public interface TopologySource extends AutoCloseable {

    /** Begins to read; returns without waiting for it. */
    void start();

    /** Returns what a person wants to know: where the objects come from, and what is wrong there at the moment. */
    Status status();

    /** Returns what of it has ended for good though it was not closed; empty when nothing has. */
    default List<String> ended() {
        return List.of();
    }

    @Override
    void close();

    /**
     * How a source is.
     *
     * @param source what it reads
     * @param problem what is wrong; empty when nothing is. Meanwhile the last good state is served
     */
    record Status(String source, String problem) {}
}
