/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

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
    private final @Nullable Term term; // null where it has no end
    private volatile boolean over; // the term is; written by the tick
    private volatile @Nullable PickSamples under; // goes on when the term is over; null for none

    /**
     * Makes an empty ring.
     *
     * @param oneIn how many picks there are for each that is explained, at least 1
     * @param keep how many explanations are kept, at least 1
     */
    PickSamples(int oneIn, int keep, RandomGenerator random) {
        this(oneIn, keep, random, null);
    }

    /**
     * Makes an empty ring.
     *
     * @param term in which picks are explained, null for one without end
     */
    PickSamples(int oneIn, int keep, RandomGenerator random, @Nullable Term term) {
        if (oneIn < 1) {
            throw new IllegalArgumentException("oneIn: " + oneIn + " (expected: >= 1)");
        }
        if (keep < 1) {
            throw new IllegalArgumentException("keep: " + keep + " (expected: >= 1)");
        }
        this.oneIn = oneIn;
        this.random = random;
        this.term = term;
        this.ring = new AtomicReferenceArray<>(keep);
    }

    /** Returns whether this pick is to be explained. */
    boolean isDue() {
        PickSamples next = under;
        if (over) {
            return next != null && next.isDue();
        }
        return oneIn == 1 || random.nextInt(oneIn) == 0;
    }

    /** Returns whether it has an end. */
    boolean isTimed() {
        return term != null;
    }

    /** Returns what goes on when the term is over, null for nothing. */
    @Nullable
    PickSamples under() {
        return under;
    }

    /**
     * Lets samples without end go on when the term is over.
     *
     * @param endless null for none
     */
    void over(@Nullable PickSamples endless) {
        under = endless;
    }

    /** Returns whether its term is over. */
    boolean isOver() {
        return over;
    }

    /** Returns when that will be, null for never. */
    @Nullable
    Instant until() {
        return term == null ? null : term.until();
    }

    /**
     * Lets the time pass.
     *
     * @return whether the explanations are of no use any more, because nobody came for them
     */
    boolean endInTime(long now) {
        if (term == null) {
            return false;
        }
        over = term.isOver(now);
        return term.isOverForAsLong(now);
    }

    void add(PickExplanation explanation) {
        PickSamples next = under;
        if (over && next != null) {
            next.add(explanation);
            return;
        }
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
