/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

/** What a picker has made at some expense, and a later picker of the same endpoints may use: see {@link Pool#reuse}. Immutable. */
public interface ReusableTable {

    /** Returns about how much memory it takes, 0 or more and always the same: the more, the fewer are kept. */
    long bytes();
}
