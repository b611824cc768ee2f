/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Pool;

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

    private final long[] points; // place in the high half, position in the pool in the low half; sorted by place
    private final int[] bucketEnds; // positions in points
    private final int bucketShift;

    HashRing(Pool pool, long[] identities, int maxPoints) {
        int[] counts = counts(pool, maxPoints);
        int total = 0;
        for (int count : counts) {
            total += count;
        }
        int bucketBits =
                Math.max(MIN_BUCKET_BITS, Integer.SIZE - Integer.numberOfLeadingZeros(total / POINTS_PER_BUCKET));
        bucketShift = Integer.SIZE - bucketBits;
        int[] ends = new int[1 << bucketBits];
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
                int place = place(identities[i], k);
                points[ends[place >>> bucketShift]++] = Integer.toUnsignedLong(place) << Integer.SIZE | i;
            }
        }
        bucketEnds = ends; // filling has moved each beginning to the bucket's end
        sortBuckets();
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

    private static int[] counts(Pool pool, int maxPoints) {
        double perWeight = POINTS_PER_WEIGHT;
        while (perWeight > 1 && pool.weight() * perWeight > maxPoints) {
            perWeight /= 2;
        }
        int[] counts = new int[pool.size()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = (int) Math.max(1, Math.round(pool.get(i).weight() * perWeight));
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
