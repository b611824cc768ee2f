/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

/**
 * How many requests and streams have ended in which way, and how long some of them took. Whoever counts them says since when.
 *
 * @param succeeded how many were answered with a success
 * @param failed how many failed
 * @param refused how many the endpoint refused
 * @param cancelled how many their caller gave up before anything was known of them
 * @param timed how many of those that succeeded were timed
 * @param timedMicros how long the timed ones took together, in microseconds
 */
public record RequestCounts(long succeeded, long failed, long refused, long cancelled, long timed, long timedMicros) {
    /** None. */
    public static final RequestCounts NONE = new RequestCounts(0, 0, 0, 0, 0, 0);

    /** Returns those of both. */
    public RequestCounts plus(RequestCounts other) {
        return new RequestCounts(
                succeeded + other.succeeded,
                failed + other.failed,
                refused + other.refused,
                cancelled + other.cancelled,
                timed + other.timed,
                timedMicros + other.timedMicros);
    }

    /** Returns those that have come since. */
    public RequestCounts minus(RequestCounts earlier) {
        return new RequestCounts(
                succeeded - earlier.succeeded,
                failed - earlier.failed,
                refused - earlier.refused,
                cancelled - earlier.cancelled,
                timed - earlier.timed,
                timedMicros - earlier.timedMicros);
    }
}
