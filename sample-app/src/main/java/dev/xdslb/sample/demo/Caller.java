/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

/** A way to call the service {@code orders}. Called by one thread. */
interface Caller extends AutoCloseable {

    /** Who calls. */
    ClientKind kind();

    /** Sends a request without waiting for the answer, and tells the request what becomes of it. */
    void send(MeasuredRequest request);

    @Override
    default void close() {}
}
