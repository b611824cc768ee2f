/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import java.util.Map;

/** A control plane in a process of its own, fed with the synthetic services. */
interface ServerUnderTest {

    /**
     * Begins to serve.
     *
     * @param bystanders services that never change, after those that do
     * @param later changes that were made before the server started, by service
     * @param port 0 for any free one
     * @return the port
     */
    int start(Changes changes, int bystanders, SyntheticData data, Map<Integer, Integer> later, int port)
            throws Exception;

    /** Applies a change. Called by one thread, change after change. */
    void apply(int change);
}
