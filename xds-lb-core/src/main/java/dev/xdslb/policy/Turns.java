/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import org.apiguardian.api.API;

/**
 * Gives the candidates of one pool their turns, one after the other. Thread-safe, without a lock; made by {@link
 * Pool#turns} and {@link Pool#turnsByWeight}.
 *
 * <p>The turns outlive the pool. Whoever asks a later pool of the same endpoints goes on where this one stands, whatever has
 * changed besides, and whichever order the endpoints came in; and pickers of the same endpoints that are in use at the same
 * time, such as those of several channels, share their turns.
 */
@API(status = API.Status.STABLE)
@FunctionalInterface
public interface Turns {

    /** Returns the candidate whose turn it is, and takes the turn. */
    Candidate next();
}
