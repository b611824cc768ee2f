/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.EndpointLoad;

/**
 * What the tick has seen of one endpoint's requests. Written by the tick, and by {@link OutlierEjection} when a probe has
 * succeeded; {@link #proof()} is read by any thread.
 */
final class OutcomeTally {
    private boolean begun; // the rest is the tick's alone, but for "proof"
    private long succeededSeen;
    private long failedSeen;
    private int connectionFailuresSeen;
    long succeededAt; // when the last success was seen, in nanoseconds of the clock; only where one was
    private volatile Proof proof = Proof.FRESH; // until the first tick
    private Proof proofAtTick = Proof.FRESH;

    OutcomeTally() {}

    /** Returns what its last request says about the next one, as of the last tick or of a probe that has succeeded since. */
    Proof proof() {
        return proof;
    }

    /** Returns the same as of the last tick: what was known when those requests were sent that have ended since. */
    Proof proofAtTick() {
        return proofAtTick;
    }

    /** Lets a tick pass. */
    void tick() {
        proofAtTick = proof;
    }

    /** Returns whether nothing has succeeded yet, or nothing since the last failure. */
    boolean isUnproven() {
        return proof == Proof.NONE || proof == Proof.FAILED;
    }

    void proof(Proof newProof) {
        proof = newProof;
    }

    /**
     * Tells what came since the last time.
     *
     * @param connectionFailures how many there have been in all
     */
    void advance(EndpointLoad load, int connectionFailures, Receiver receiver) {
        long succeeded = load.succeeded();
        long failed = load.failed();
        if (begun) {
            receiver.add(
                    Math.max(0, succeeded - succeededSeen), // below 0 where a stream fails whose success was counted
                    failed - failedSeen,
                    connectionFailures - connectionFailuresSeen);
        }
        begun = true;
        succeededSeen = succeeded;
        failedSeen = failed;
        connectionFailuresSeen = connectionFailures;
    }

    /** What the last request to an endpoint says about the next one. */
    enum Proof {
        /** It succeeded, and since then none has failed where it was likely to succeed. */
        FRESH,
        /** It succeeded, and after it others failed from whom that was not expected. */
        STALE,
        /** None has ended yet. */
        NONE,
        /** It failed. */
        FAILED
    }

    interface Receiver {
        /**
         * Takes what came.
         *
         * @param succeeded how many succeeded, 0 or more
         * @param failed how many failed, those included whose connection failed; 0 or more
         */
        void add(long succeeded, long failed, int connectionFailures);
    }
}
