/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.pick;

/** A balancer over a number of endpoints, driven from one or more threads. */
public interface MeasuredBalancer extends AutoCloseable {

    /**
     * Does all that the balancer does for one request: picks an endpoint, counts the request in, and counts it out.
     *
     * @return something of what was picked, so that the work cannot be left out
     */
    Object pickAndRelease();

    /** Stops what the balancer runs beside the requests. */
    @Override
    default void close() {}
}
