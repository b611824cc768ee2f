/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.EndpointLoad;

/**
 * What the tick has seen of one endpoint's requests. Written by the tick, and by {@link OutlierEjection} when a probe has
 * succeeded; {@link #isUnproven()} is read by any thread.
 */
final class OutcomeTally {
    private boolean begun; // the rest is the tick's alone
    private long succeededSeen;
    private int failedSeen;
    private int connectionFailuresSeen;
    boolean failedLast; // whether its last request failed, as of the last tick
    private volatile boolean unproven;

    OutcomeTally() {}

    /** Returns whether nothing has succeeded yet, or nothing since the last failure, as of the last tick. */
    boolean isUnproven() {
        return unproven;
    }

    void unproven(boolean now) {
        unproven = now;
    }

    /**
     * Tells what came since the last time.
     *
     * @param connectionFailures how many there have been in all
     */
    void advance(EndpointLoad load, int connectionFailures, Receiver receiver) {
        long succeeded = load.succeeded();
        int failed = (int) load.failed();
        if (begun) {
            receiver.add(succeeded - succeededSeen, failed - failedSeen, connectionFailures - connectionFailuresSeen);
        }
        begun = true;
        succeededSeen = succeeded;
        failedSeen = failed;
        connectionFailuresSeen = connectionFailures;
    }

    interface Receiver {
        /**
         * Takes what came.
         *
         * @param failed how many failed, those included whose connection failed
         */
        void add(long succeeded, int failed, int connectionFailures);
    }
}
