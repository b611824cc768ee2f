/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.util.ArrayList;
import java.util.List;

/** What a budget's counters showed in the last window, so that what came before it can be taken off. Immutable. */
final class RetryHistory {
    /** Parts of a window that are told apart: what is older than the window counts for a tenth of it more, at most. */
    private static final int PARTS = 10;

    private final List<Mark> marks; // oldest first, at least one

    private RetryHistory(List<Mark> marks) {
        this.marks = marks;
    }

    /** Makes one that begins. */
    static RetryHistory from(Mark mark) {
        return new RetryHistory(List.of(mark));
    }

    /** Returns what the counters showed when the window began, or when the history did. */
    Mark start() {
        return marks.get(0);
    }

    /** Returns whether nothing has been counted since the window began. */
    boolean isIdle(long attempts, long retries) {
        return marks.size() == 1 && start().attempts == attempts && start().retries == retries;
    }

    /** Returns whether it is time for another mark. */
    boolean isDue(long nanos, long windowNanos) {
        return nanos - newest().nanos >= windowNanos / PARTS;
    }

    /** Returns the same with another mark. Where nobody has looked for a whole window, all from before is over. */
    RetryHistory with(Mark mark, long windowNanos) {
        long begin = mark.nanos - windowNanos;
        Mark newest = newest();
        if (newest.nanos - begin <= 0) {
            return from(
                    marks.size() == 1
                            ? newest.at(mark.nanos)
                            : mark); // one: it was quiet, and what is new has just come
        }
        List<Mark> kept = new ArrayList<>(PARTS + 2);
        for (int i = 0; i < marks.size(); i++) {
            boolean nextBeginsTheWindow = i + 1 < marks.size() && marks.get(i + 1).nanos - begin <= 0;
            if (!nextBeginsTheWindow) {
                kept.add(marks.get(i));
            }
        }
        if (kept.get(0).hasSameCounts(mark)) {
            return from(mark); // it has become quiet
        }
        kept.add(mark);
        return new RetryHistory(List.copyOf(kept));
    }

    private Mark newest() {
        return marks.get(marks.size() - 1);
    }

    /**
     * What the counters showed.
     *
     * @param nanos of the clock
     */
    record Mark(long nanos, long attempts, long retries) {
        private Mark at(long otherNanos) {
            return new Mark(otherNanos, attempts, retries);
        }

        private boolean hasSameCounts(Mark other) {
            return attempts == other.attempts && retries == other.retries;
        }
    }
}
