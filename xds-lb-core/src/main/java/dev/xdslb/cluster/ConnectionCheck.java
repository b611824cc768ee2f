/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.ConnectionResult;
import java.util.function.Consumer;

/** Finds out beside the requests whether a connection to an endpoint can be made. Thread-safe. */
@FunctionalInterface
public interface ConnectionCheck {
    /** Knows nothing. */
    ConnectionCheck NONE = (endpoint, result) -> result.accept(ConnectionResult.UNKNOWN);

    /**
     * Starts to find out, and does not wait for it.
     *
     * @param result to be told once, by any thread, after a bounded time; it neither throws nor blocks
     */
    void start(Endpoint endpoint, Consumer<ConnectionResult> result);
}
