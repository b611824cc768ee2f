/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import java.util.Arrays;

/** Where the requests of one zone's clients went, second by second. */
public final class ZoneTraffic {
    private final long[] sent;
    private final long[] local;

    ZoneTraffic(int seconds) {
        sent = new long[seconds];
        local = new long[seconds];
    }

    void sent(int second, boolean stayed) {
        sent[second]++;
        local[second] += stayed ? 1 : 0;
    }

    /**
     * Returns the share of the requests that stayed in their zone, 0 to 1.
     *
     * @param from the first second, counted from the start of the simulation
     * @param until the second after the last
     */
    public double localShare(int from, int until) {
        return sum(local, from, until) / (double) Math.max(1, sum(sent, from, until));
    }

    /** Returns by how much the local share of a second differs at most from the share of the whole time, 0 to 1. */
    public double localShareSwing(int from, int until) {
        double whole = localShare(from, until);
        double swing = 0;
        for (int second = from; second < until; second++) {
            if (sent[second] > 0) {
                swing = Math.max(swing, Math.abs(localShare(second, second + 1) - whole));
            }
        }
        return swing;
    }

    private static long sum(long[] values, int from, int until) {
        return Arrays.stream(values, from, until).sum();
    }
}
