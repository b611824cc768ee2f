/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.EndpointLoad;

/** What one reader of an endpoint's running totals has seen of them so far. Used by the tick's thread only. */
final class Meter {
    private long succeeded;
    private long failed;
    private long micros;

    /** Starts at the present totals, so that only what comes from now on is seen. */
    Meter(EndpointLoad load) {
        succeeded = load.succeeded();
        failed = load.failed();
        micros = load.successMicros();
    }

    /** Hands what came since the last time to the receiver. */
    void moveTo(EndpointLoad load, Receiver receiver) {
        long newSucceeded = load.succeeded();
        long newFailed = load.failed();
        long newMicros = load.successMicros();
        receiver.add(newSucceeded - succeeded, newFailed - failed, newMicros - micros);
        succeeded = newSucceeded;
        failed = newFailed;
        micros = newMicros;
    }

    interface Receiver {
        void add(long succeeded, long failed, long micros);
    }
}
