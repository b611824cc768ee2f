/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A ring of 2^32 places, on which each candidate has as many points as its weight says; a hash belongs to the next point
 * clockwise (D. Karger et al., "Consistent hashing and random trees", 1997). Immutable.
 *
 * <p>A candidate's points are the first ones of a sequence that its identity begins: a higher weight adds points, a lower one
 * takes the last ones back, and all others stay where they are. So only keys move that have to.
 *
 * <p>Places are as good as evenly spread, so the points are sorted by their first bits into buckets of about {@value
 * #POINTS_PER_BUCKET}, which makes both building and looking up linear instead of logarithmic.
 */
final class HashRing implements HashTable {
    /**
     * Points of a candidate of mean weight: its part of the ring then differs from its share by 6% (the inverse root). Halved,
     * once and again, where the ring would exceed its size; that moves half of the keys, and happens only where a service
     * grows beyond the size divided by this.
     */
    static final int POINTS_PER_WEIGHT = 256;

    private static final int POINTS_PER_BUCKET = 4;
    private static final int MIN_BUCKET_BITS = 1;

    /** Where so large a part of the points changes, all of them are as soon sorted anew. */
    private static final int FEW = 8;

    private final int[] counts; // of points, by position
    private final long[] points; // place in the high half, position in the low half; sorted by place
    private final int[] bucketEnds; // positions in points
    private final int bucketShift;

    private HashRing(int[] counts, long[] points, int[] bucketEnds, int bucketShift) {
        this.counts = counts;
        this.points = points;
        this.bucketEnds = bucketEnds;
        this.bucketShift = bucketShift;
    }

    private HashRing(int[] counts, long[] identities, int total) {
        this.counts = counts;
        bucketShift = bucketShift(total);
        int[] ends = new int[1 << (Integer.SIZE - bucketShift)];
        for (int i = 0; i < counts.length; i++) {
            for (int k = 1; k <= counts[i]; k++) {
                ends[place(identities[i], k) >>> bucketShift]++;
            }
        }
        for (int bucket = 0, sum = 0; bucket < ends.length; bucket++) { // to where the bucket begins
            int size = ends[bucket];
            ends[bucket] = sum;
            sum += size;
        }
        points = new long[total];
        for (int i = 0; i < counts.length; i++) {
            for (int k = 1; k <= counts[i]; k++) {
                long point = point(identities[i], k, i);
                points[ends[(int) (point >>> Integer.SIZE) >>> bucketShift]++] = point;
            }
        }
        bucketEnds = ends; // filling has moved each beginning to the bucket's end
        sortBuckets();
    }

    /**
     * Makes a ring.
     *
     * @param weights of at least one, finite and above 0
     * @param identities 1:1 with weights
     * @param before the ring of the same identities with other weights, of which most is used; null where there is none
     */
    static HashRing of(double[] weights, long[] identities, int maxPoints, @Nullable HashRing before) {
        int[] counts = counts(weights, maxPoints);
        long total = 0;
        long changed = 0;
        for (int i = 0; i < counts.length; i++) {
            total += counts[i];
            changed += before == null ? counts[i] : Math.abs(counts[i] - before.counts[i]);
        }
        if (before != null && changed < total / FEW) {
            return changed == 0 ? before : before.changedTo(counts, identities, (int) total, (int) changed);
        }
        return new HashRing(counts, identities, (int) total);
    }

    private HashRing changedTo(int[] newCounts, long[] identities, int total, int changed) {
        long[] gone = new long[changed];
        long[] come = new long[changed];
        int goes = 0;
        int comes = 0;
        for (int i = 0; i < newCounts.length; i++) {
            for (int k = newCounts[i] + 1; k <= counts[i]; k++) {
                gone[goes++] = point(identities[i], k, i) ^ Long.MIN_VALUE; // so that sorting by sign is unsigned
            }
            for (int k = counts[i] + 1; k <= newCounts[i]; k++) {
                come[comes++] = point(identities[i], k, i) ^ Long.MIN_VALUE;
            }
        }
        Arrays.sort(gone, 0, goes);
        Arrays.sort(come, 0, comes);
        int newShift = bucketShift(total);
        int[] ends = new int[1 << (Integer.SIZE - newShift)];
        long[] merged = new long[total];
        int at = 0;
        int nextGone = 0;
        int nextCome = 0;
        for (long point : points) {
            long signed = point ^ Long.MIN_VALUE;
            while (nextCome < comes && come[nextCome] < signed) {
                merged[at++] = come[nextCome++] ^ Long.MIN_VALUE;
            }
            if (nextGone < goes && gone[nextGone] == signed) {
                nextGone++;
            } else {
                merged[at++] = point;
            }
        }
        while (nextCome < comes) {
            merged[at++] = come[nextCome++] ^ Long.MIN_VALUE;
        }
        for (int i = 0; i < total; i++) {
            ends[(int) (merged[i] >>> Integer.SIZE) >>> newShift] = i + 1;
        }
        for (int bucket = 1; bucket < ends.length; bucket++) {
            ends[bucket] = Math.max(ends[bucket], ends[bucket - 1]); // an empty one ends where it begins
        }
        return new HashRing(newCounts, merged, ends, newShift);
    }

    private static int bucketShift(int total) {
        return Integer.SIZE
                - Math.max(MIN_BUCKET_BITS, Integer.SIZE - Integer.numberOfLeadingZeros(total / POINTS_PER_BUCKET));
    }

    @Override
    public long bytes() {
        return (long) Long.BYTES * points.length + (long) Integer.BYTES * (bucketEnds.length + counts.length);
    }

    @Override
    public int lookup(long hash) {
        long place = hash >>> Integer.SIZE;
        int bucket = (int) (place >>> bucketShift);
        int at = bucket == 0 ? 0 : bucketEnds[bucket - 1];
        while (at < points.length && points[at] >>> Integer.SIZE < place) {
            at++;
        }
        return (int) points[at < points.length ? at : 0];
    }

    /** Returns the number of points. */
    int size() {
        return points.length;
    }

    private static int place(long identity, int number) {
        return (int) (Hash64.mix(identity + number * Hash64.GOLDEN_GAMMA) >>> Integer.SIZE);
    }

    private static long point(long identity, int number, int position) {
        return Integer.toUnsignedLong(place(identity, number)) << Integer.SIZE | position;
    }

    private static int[] counts(double[] weights, int maxPoints) {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        double perWeight = POINTS_PER_WEIGHT;
        while (perWeight > 1 && sum * perWeight > maxPoints) {
            perWeight /= 2;
        }
        int[] counts = new int[weights.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = (int) Math.max(1, Math.min(maxPoints, Math.round(weights[i] * perWeight)));
        }
        return counts;
    }

    private void sortBuckets() {
        int begin = 0;
        for (int end : bucketEnds) {
            for (int i = begin + 1; i < end; i++) {
                long point = points[i];
                int j = i - 1;
                while (j >= begin && Long.compareUnsigned(points[j], point) > 0) {
                    points[j + 1] = points[j];
                    j--;
                }
                points[j + 1] = point;
            }
            begin = end;
        }
    }
}
