/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.OutOfRangeException;
import java.time.Duration;

/** The times that a policy may be given. One of three hundred years could not be told in nanoseconds: the tick would throw. */
final class PolicyTime {
    private static final Duration LONGEST = Duration.ofDays(365);

    private PolicyTime() {}

    /**
     * Looks whether a setting is in its range.
     *
     * @param setting its name
     * @throws OutOfRangeException where it is below the least, or longer than a year
     */
    static void require(String setting, Duration time, Duration least) {
        if (time.compareTo(least) < 0) {
            throw new OutOfRangeException(setting, time, least.isZero() ? ">= 0" : "> 0");
        }
        if (time.compareTo(LONGEST) > 0) {
            throw new OutOfRangeException(setting, time, "<= " + LONGEST.toDays() + " days");
        }
    }
}
