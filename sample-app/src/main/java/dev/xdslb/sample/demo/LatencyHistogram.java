/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.Arrays;

/**
 * Counts times in buckets that grow by 3%, so that a percentile is off by at most that. Fixed size, whatever it is fed. Not
 * thread-safe.
 */
final class LatencyHistogram {
    private static final double GROWTH = 1.03;
    private static final double SMALLEST_MILLIS = 0.1;
    private static final double LARGEST_MILLIS = 60_000;
    private static final int BUCKETS = bucketOf(LARGEST_MILLIS) + 1;

    private final int[] counts = new int[BUCKETS];
    private int total;

    void record(double millis) {
        counts[Math.min(bucketOf(millis), BUCKETS - 1)]++;
        total++;
    }

    void add(LatencyHistogram other) {
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] += other.counts[i];
        }
        total += other.total;
    }

    int count() {
        return total;
    }

    void clear() {
        Arrays.fill(counts, 0);
        total = 0;
    }

    /**
     * Returns the time in ms that so many percent of the requests did not exceed; NaN where there were none.
     *
     * @param percentile above 0, up to 100
     */
    double percentile(double percentile) {
        long rank = (long) Math.ceil(total * percentile / 100);
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += counts[i];
            if (counts[i] > 0 && seen >= rank) {
                return SMALLEST_MILLIS * Math.pow(GROWTH, i + 0.5);
            }
        }
        return Double.NaN;
    }

    private static int bucketOf(double millis) {
        return millis <= SMALLEST_MILLIS ? 0 : (int) (Math.log(millis / SMALLEST_MILLIS) / Math.log(GROWTH));
    }
}
