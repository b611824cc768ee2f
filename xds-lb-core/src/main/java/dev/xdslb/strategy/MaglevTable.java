/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import java.util.Arrays;

/**
 * The lookup table of Maglev (D. Eisenbud et al., "Maglev: a fast and reliable software network load balancer", 2016,
 * section 3.4): every candidate has an order of preference over all entries, which depends on its identity alone; they take
 * turns in claiming the first one that is still free. Immutable.
 *
 * <p>A candidate of the highest weight claims one in every round, one of weight w in {@code w / highest} of the rounds.
 */
final class MaglevTable implements HashTable {
    private final int[] table; // positions

    /**
     * Fills the table.
     *
     * @param weights of at least one, finite and above 0
     * @param identities ascending: the order of turns is one that every client comes to; 1:1 with weights
     * @param size a prime number, so that every step visits all entries
     */
    MaglevTable(double[] weights, long[] identities, int size) {
        int n = weights.length;
        int[] next = new int[n]; // the entry to be looked at next
        int[] step = new int[n];
        double[] turns = new double[n]; // per round
        double[] due = new double[n]; // turns not yet taken; begins anywhere, so that light ones do not all wait
        double highest = 0;
        for (int i = 0; i < n; i++) {
            long identity = identities[i];
            next[i] = (int) Long.remainderUnsigned(Hash64.mix(identity), size);
            step[i] = (int) Long.remainderUnsigned(Hash64.mix(identity + Hash64.GOLDEN_GAMMA), size - 1) + 1;
            due[i] = (Hash64.mix(identity + 2 * Hash64.GOLDEN_GAMMA) >>> 11) * 0x1.0p-53; // 0 to 1
            highest = Math.max(highest, weights[i]);
        }
        for (int i = 0; i < n; i++) {
            turns[i] = weights[i] / highest;
        }
        table = new int[size];
        Arrays.fill(table, -1);
        Rounds rounds = new Rounds(n);
        int free = size;
        for (int round = 0; round < size && free > 0; round++) { // the heaviest claims one in each
            int following;
            for (int i = rounds.next(); i >= 0 && free > 0; i = following) {
                following = rounds.after(i);
                due[i] += turns[i] * rounds.waited(i);
                if (due[i] >= 1) {
                    due[i]--;
                    int entry = next[i];
                    while (table[entry] >= 0) {
                        entry += step[i];
                        entry -= entry >= size ? size : 0;
                    }
                    table[entry] = i;
                    next[i] = entry;
                    free--;
                }
                rounds.await(i, (1 - due[i]) / turns[i]);
            }
        }
        if (free > 0) {
            throw new IllegalArgumentException("weights: " + Arrays.toString(weights) + " leave " + free + " of " + size
                    + " entries free (expected: all finite and above 0)");
        }
    }

    @Override
    public int lookup(long hash) {
        return table[(int) Math.multiplyHigh(hash >>> 1, (long) table.length << 1)];
    }

    @Override
    public long bytes() {
        return (long) Integer.BYTES * table.length;
    }

    /**
     * In which rounds each candidate is looked at: the one in which its turn comes, or one before it that is as many rounds
     * ahead as there are candidates. With all looked at in every round, ten thousand candidates of which one is much heavier
     * would take seconds.
     */
    private static final class Rounds {
        private final int[] first; // by round, modulo n: the first candidate to be looked at, -1 for none
        private final int[] after; // by candidate: the next one of the same round, -1 for none
        private final int[] waited; // by candidate: how many rounds it is not looked at, and the one in which it is
        private int round = -1;

        Rounds(int n) {
            first = new int[n];
            after = new int[n];
            waited = new int[n];
            Arrays.fill(first, -1);
            Arrays.fill(waited, 1);
            for (int i = 0; i < n; i++) {
                after[i] = i + 1 < n ? i + 1 : -1;
            }
            first[0] = 0;
        }

        /** Begins the next round and returns its first candidate, -1 for none. */
        int next() {
            round = round + 1 < first.length ? round + 1 : 0;
            int candidate = first[round];
            first[round] = -1;
            return candidate;
        }

        int after(int candidate) {
            return after[candidate];
        }

        int waited(int candidate) {
            return waited[candidate];
        }

        /** Looks at a candidate again after this number of rounds, rounded up. */
        void await(int candidate, double rounds) {
            int n = first.length;
            int wait = (int) Math.min(n, Math.max(1, Math.ceil(rounds)));
            int then = (round + wait) % n;
            waited[candidate] = wait;
            after[candidate] = first[then];
            first[then] = candidate;
        }
    }
}
