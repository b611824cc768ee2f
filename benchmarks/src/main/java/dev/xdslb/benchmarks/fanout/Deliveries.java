/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * How long the changes of a round took to each stream that subscribes to their service, from when a change was due: a server that
 * falls behind with applying them is late as well. A stream that gets a later state of a service has got the changes before it, too.
 *
 * <p>The event loop adds; whoever waits reads the counts.
 */
final class Deliveries {
    /** A round without changes. */
    static final Deliveries NONE = new Deliveries(new int[0], 0, 0, 0);

    private final int[] previous; // by change, the one before it of the same service
    private final int first;
    private final long startNanos;
    private final long intervalNanos;
    private int[] micros = new int[1024];
    private volatile int count;

    Deliveries(int[] previous, int first, long startNanos, long intervalNanos) {
        this.previous = previous;
        this.first = first;
        this.startNanos = startNanos;
        this.intervalNanos = intervalNanos;
    }

    /**
     * Adds what a state brings.
     *
     * @param change the newest one in it
     * @param seen the newest one that the stream had
     */
    void add(int change, int seen, long nowNanos) {
        if (change >= previous.length) {
            return;
        }
        int added = count;
        for (int brought = change; brought > seen && brought >= first; brought = previous[brought]) {
            if (added == micros.length) {
                micros = Arrays.copyOf(micros, added * 2);
            }
            long nanos = nowNanos - startNanos - (brought - first) * intervalNanos;
            micros[added++] = (int) Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMicros(nanos));
        }
        count = added; // after the values, which whoever has read the count may read
    }

    int count() {
        return count;
    }

    /** Returns the times so far in ms, sorted. */
    double[] sortedMillis() {
        int present = count;
        double[] millis = new double[present];
        int[] values = micros;
        for (int i = 0; i < present; i++) {
            millis[i] = values[i] / 1e3;
        }
        Arrays.sort(millis);
        return millis;
    }
}
