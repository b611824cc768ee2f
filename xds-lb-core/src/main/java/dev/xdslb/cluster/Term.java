/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * For how long something that an operator has changed is in force. It goes by the clock that is never set; people are told when it ends
 * by the one on the wall.
 *
 * @param from when it began, in nanoseconds of the clock
 * @param nanos how long it is
 * @param until when it is over, by the wall clock as it was at the beginning
 */
record Term(long from, long nanos, Instant until) {
    static Term begin(Duration time, LongSupplier nanoClock, InstantSource wallClock) {
        return new Term(
                nanoClock.getAsLong(), time.toNanos(), wallClock.instant().plus(time));
    }

    /** Returns whether it is over. */
    boolean isOver(long now) {
        return now - from >= nanos;
    }

    /** Returns whether it has been over for as long as it was. */
    boolean isOverForAsLong(long now) {
        return now - from - nanos >= nanos;
    }
}
