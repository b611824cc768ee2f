/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import java.time.Duration;

/** Reads values that have a range; one that is out of it is named with its field, the value and the range. */
final class Ranges {
    /** Longer than any time a policy is about, and short enough to be counted in nanoseconds. */
    private static final Duration MAX = Duration.ofDays(365);

    private Ranges() {}

    static Duration duration(String field, com.google.protobuf.Duration value, boolean mayBeZero)
            throws UnusableResourceException {
        boolean isWithin = value.getNanos() >= 0
                && value.getNanos() < 1_000_000_000
                && value.getSeconds() >= 0
                && value.getSeconds() < MAX.toSeconds()
                && (mayBeZero || value.getSeconds() + value.getNanos() > 0);
        if (!isWithin) {
            throw new UnusableResourceException(field + ": " + value.getSeconds() + " s " + value.getNanos()
                    + " ns (expected: " + (mayBeZero ? "0" : "more than 0") + " to " + MAX.toDays() + " days)");
        }
        return Duration.ofSeconds(value.getSeconds(), value.getNanos());
    }

    /** Returns a percentage as a share. */
    static double share(String field, double percent, boolean mayBeZero) throws UnusableResourceException {
        if (!(percent <= 100 && (percent > 0 || (mayBeZero && percent == 0)))) {
            throw new UnusableResourceException(field + ": " + percent + " (expected: "
                    + (mayBeZero ? "0" : "more than 0") + " to 100, in percent)");
        }
        return percent / 100;
    }

    static double positive(String field, double value) throws UnusableResourceException {
        if (!(value > 0 && value <= Double.MAX_VALUE)) {
            throw new UnusableResourceException(field + ": " + value + " (expected: above 0)");
        }
        return value;
    }

    /** Reads a number that travels as an unsigned one. */
    static int count(String field, int value, int max) throws UnusableResourceException {
        if (value < 1 || value > max) {
            throw new UnusableResourceException(
                    field + ": " + Integer.toUnsignedString(value) + " (expected: 1 to " + max + ')');
        }
        return value;
    }
}
