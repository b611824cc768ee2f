/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one cluster that pickers have made at some expense, for the pickers of later pools of the same endpoints: see {@link
 * Pool#reuse}. One for each owner and set of endpoints, because one group has pools of different endpoints at the same time, as {@link
 * TurnSequences} has turns; the last used ones, up to {@link #MAX_BYTES}.
 *
 * <p>Asked where a picker is made, under the lock of this object, which is not held while a table is being made. Belongs to its
 * cluster and goes with it.
 */
final class ReusedTables {
    /** How much they take together, beside those that are in use anyhow: four of the largest rings of the default size. */
    static final long MAX_BYTES = 32L << 20;

    /** So many are kept however large they are: with and without an endpoint that is ejected and comes back. */
    static final int ALWAYS_KEPT = 2;

    private final LinkedHashMap<Key, ReusableTable> tables = new LinkedHashMap<>(16, 0.75f, true); // oldest use first
    private long bytes; // of all tables

    /**
     * Returns a table.
     *
     * @param next told the one before, null where there is none; what it returns is kept
     * @param kept false where nothing is to be kept
     */
    <T extends ReusableTable> T next(
            Object owner, EndpointSet endpoints, Class<T> type, Function<@Nullable T, T> next, boolean kept) {
        Key key = new Key(new Identity(owner), endpoints);
        ReusableTable found = find(key);
        T before = type.isInstance(found) ? type.cast(found) : null;
        T table = next.apply(before);
        if (kept && table != before) {
            keep(key, table);
        }
        return table;
    }

    /** Returns how many are kept. */
    synchronized int size() {
        return tables.size();
    }

    private synchronized @Nullable ReusableTable find(Key key) {
        return tables.get(key);
    }

    private synchronized void keep(Key key, ReusableTable table) {
        ReusableTable replaced = tables.put(key, table);
        bytes += table.bytes() - (replaced == null ? 0 : replaced.bytes());
        Iterator<ReusableTable> oldest = tables.values().iterator();
        while (bytes > MAX_BYTES && tables.size() > ALWAYS_KEPT) {
            bytes -= oldest.next().bytes();
            oldest.remove();
        }
    }

    private record Key(Identity owner, EndpointSet endpoints) {}

    /** Two strategies are different ones even where they say that they are equal: their tables may be of different sizes. */
    private record Identity(Object object) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Identity identity && identity.object == object;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(object);
        }
    }
}
