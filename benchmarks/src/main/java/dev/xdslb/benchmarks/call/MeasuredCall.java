/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.call;

/** A client that is ready to call. */
interface MeasuredCall extends AutoCloseable {

    /**
     * Calls once, and waits for the whole answer.
     *
     * @return the answer
     */
    Object call();

    @Override
    void close();
}
