/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Pool;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The lookup table of Maglev (D. Eisenbud et al., "Maglev: a fast and reliable software network load balancer", 2016,
 * section 3.4): every candidate has an order of preference over all entries, which depends on its identity alone; they take
 * turns in claiming the first one that is still free. Immutable.
 *
 * <p>A candidate of the highest weight claims one in every round, one of weight w in {@code w / highest} of the rounds.
 */
final class MaglevTable implements HashTable {
    private final int[] table; // positions in the pool

    /**
     * Fills the table.
     *
     * @param size a prime number, so that every step visits all entries
     */
    MaglevTable(Pool pool, long[] identities, int size) {
        int n = pool.size();
        // The order of turns is one that every client comes to, whatever the order of its pool.
        int[] order = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingLong(i -> identities[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] next = new int[n]; // 1:1 with order: the entry to be looked at next
        int[] step = new int[n];
        double[] turns = new double[n]; // per round
        double[] due = new double[n]; // turns not yet taken; begins anywhere, so that light ones do not all wait
        double highest = 0;
        for (int i = 0; i < n; i++) {
            long identity = identities[order[i]];
            next[i] = (int) Long.remainderUnsigned(Hash64.mix(identity), size);
            step[i] = (int) Long.remainderUnsigned(Hash64.mix(identity + Hash64.GOLDEN_GAMMA), size - 1) + 1;
            due[i] = (Hash64.mix(identity + 2 * Hash64.GOLDEN_GAMMA) >>> 11) * 0x1.0p-53; // 0 to 1
            highest = Math.max(highest, pool.get(order[i]).weight());
        }
        for (int i = 0; i < n; i++) {
            turns[i] = pool.get(order[i]).weight() / highest;
        }
        table = new int[size];
        Arrays.fill(table, -1);
        int free = size;
        while (free > 0) {
            for (int i = 0; i < n && free > 0; i++) {
                due[i] += turns[i];
                if (due[i] < 1) {
                    continue;
                }
                due[i]--;
                int entry = next[i];
                while (table[entry] >= 0) {
                    entry += step[i];
                    entry -= entry >= size ? size : 0;
                }
                table[entry] = order[i];
                next[i] = entry;
                free--;
            }
        }
    }

    @Override
    public int lookup(long hash) {
        return table[(int) Math.multiplyHigh(hash >>> 1, (long) table.length << 1)];
    }
}
