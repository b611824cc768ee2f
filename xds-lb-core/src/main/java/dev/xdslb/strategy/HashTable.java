/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

/** Maps hashes to positions in some order of endpoints. Immutable. */
interface HashTable {

    /** Returns the position that a hash belongs to; all 64 bits of the hash are random. */
    int lookup(long hash);

    /** Returns about how much memory it takes. */
    long bytes();
}
