/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.EndpointLoad;

/** What one reader of an endpoint's running totals has seen of them so far. Used by the tick's thread only. */
final class TotalsSeen {
    private long succeeded;
    private long failed;
    private long timed;
    private long micros;

    /** Starts at the present totals, so that only what comes from now on is seen. */
    TotalsSeen(EndpointLoad load) {
        advanceTo(load);
    }

    /** Hands what came since the last time to the receiver. */
    void takeNew(EndpointLoad load, Receiver receiver) {
        long lastSucceeded = succeeded;
        long lastFailed = failed;
        long lastTimed = timed;
        long lastMicros = micros;
        advanceTo(load);
        receiver.add(succeeded - lastSucceeded, failed - lastFailed, timed - lastTimed, micros - lastMicros);
    }

    private void advanceTo(EndpointLoad load) {
        succeeded = load.succeeded();
        failed = load.failed();
        timed = load.timed();
        micros = load.successMicros();
    }

    interface Receiver {
        /**
         * Takes what came.
         *
         * @param timed how many of those that succeeded have a time that says something
         * @param micros how long these took together
         */
        void add(long succeeded, long failed, long timed, long micros);
    }
}
