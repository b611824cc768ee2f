/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Candidate;

/** Learns what one pick looked at, in the order in which it did. Called on the thread that picks, during the pick. */
public interface PickObserver {

    /**
     * A candidate was drawn and compared with others.
     *
     * @param cost what a request costs there, as the score was computed with: in nanoseconds where it is a time
     * @param score the lowest one is picked
     */
    void compared(Candidate candidate, double cost, double score);

    /**
     * A candidate was drawn and passed over without a comparison.
     *
     * @param why a few words for people, such as {@code at its bound of 12 requests in flight}
     */
    void passedOver(Candidate candidate, String why);
}
