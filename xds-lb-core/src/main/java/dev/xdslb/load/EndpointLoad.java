/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import dev.xdslb.endpoint.EndpointKey;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * What this process has in flight to one endpoint and how its last requests ended. One object per endpoint, shared by
 * every cluster and every kind of client that reaches the endpoint, and by all snapshots.
 *
 * <p><b>Writers:</b> any thread that starts or ends a {@link Lease}. <b>Readers:</b> any thread that picks. There is no
 * lock: the number in flight is exact, because each lease adds one and takes away one exactly once. The run of failures
 * is lossy on purpose: a success that ends at the same moment as a failure may be overwritten by it, so a run can be
 * counted one too long or too short, which moves an ejection by one request and is never read as anything but a
 * threshold.
 */
public final class EndpointLoad {
    private static final AtomicIntegerFieldUpdater<EndpointLoad> IN_FLIGHT =
            AtomicIntegerFieldUpdater.newUpdater(EndpointLoad.class, "inFlight");

    private final EndpointKey key;
    private volatile int inFlight;
    private volatile int consecutiveFailures;

    /** Starts with nothing in flight and no failure. */
    public EndpointLoad(EndpointKey key) {
        this.key = key;
    }

    /** Returns whose load it is. */
    public EndpointKey key() {
        return key;
    }

    /** Returns the number of requests that were started and have not ended, 0 or more. */
    public int inFlight() {
        return inFlight;
    }

    /** Returns how many of the last requests failed since one succeeded. Cancelled ones do not count. */
    public int consecutiveFailures() {
        return consecutiveFailures;
    }

    /** Forgets the run of failures, as after a decision has been drawn from it. */
    public void clearConsecutiveFailures() {
        consecutiveFailures = 0;
    }

    void started() {
        IN_FLIGHT.incrementAndGet(this);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // lossy on purpose, see the class comment
    void ended(Outcome outcome) {
        IN_FLIGHT.decrementAndGet(this);
        if (outcome.isFailure()) {
            consecutiveFailures++;
        } else if (outcome == Outcome.SUCCESS && consecutiveFailures != 0) {
            consecutiveFailures = 0;
        }
    }
}
