/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;

/**
 * The last of those picks of a cluster that were chosen by chance to be explained.
 *
 * <p>A ring. <b>Writers:</b> any picking thread, without a lock: it takes a number by an atomic addition, and writes to that
 * number's place. <b>Readers:</b> any thread. Of two writers that are a whole round apart, which takes as many samples in
 * between as the ring has places, the older may win; a reader that runs beside writers may see a newer sample in the place
 * of an older one.
 */
final class PickSamples {
    private final int oneIn;
    private final RandomGenerator random;
    private final AtomicReferenceArray<PickExplanation> ring;
    private final AtomicLong written = new AtomicLong();

    /**
     * Makes an empty ring.
     *
     * @param oneIn how many picks there are for each that is explained, at least 1
     * @param keep how many explanations are kept, at least 1
     */
    PickSamples(int oneIn, int keep, RandomGenerator random) {
        if (oneIn < 1) {
            throw new IllegalArgumentException("oneIn: " + oneIn + " (expected: >= 1)");
        }
        if (keep < 1) {
            throw new IllegalArgumentException("keep: " + keep + " (expected: >= 1)");
        }
        this.oneIn = oneIn;
        this.random = random;
        this.ring = new AtomicReferenceArray<>(keep);
    }

    /** Returns whether this pick is to be explained. */
    boolean isDue() {
        return oneIn == 1 || random.nextInt(oneIn) == 0;
    }

    void add(PickExplanation explanation) {
        ring.set(place(written.getAndIncrement()), explanation);
    }

    List<PickExplanation> newestFirst() {
        long end = written.get();
        List<PickExplanation> samples = new ArrayList<>();
        for (long number = end - 1; number >= Math.max(0, end - ring.length()); number--) {
            PickExplanation sample = ring.get(place(number));
            if (sample != null) { // a writer has taken the number and not written yet
                samples.add(sample);
            }
        }
        return samples;
    }

    private int place(long number) {
        return (int) (number % ring.length());
    }
}
