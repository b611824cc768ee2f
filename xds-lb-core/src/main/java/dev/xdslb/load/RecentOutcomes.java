/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import org.apiguardian.api.API;

/**
 * How many requests ended within the last ten seconds, of one endpoint or of several together, and how many of them failed. Both
 * numbers are of one moment: a failed share of more than all, or of less than nothing, cannot be read.
 *
 * @param completed how many ended as a success or a failure, 0 or more
 * @param failed how many of them failed, 0 to {@code completed}
 */
@API(status = API.Status.STABLE)
public record RecentOutcomes(long completed, long failed) {
    /** Nothing has ended. */
    public static final RecentOutcomes NONE = new RecentOutcomes(0, 0);

    public RecentOutcomes {
        if (failed < 0 || failed > completed) {
            throw new IllegalArgumentException("failed: " + failed + " (expected: 0 to completed, " + completed + ')');
        }
    }

    /** Returns those of both together. */
    public RecentOutcomes plus(RecentOutcomes other) {
        return new RecentOutcomes(completed + other.completed, failed + other.failed);
    }

    /** Returns these without some of them. Where more are to be taken away than there are, as of a later moment, none are left. */
    public RecentOutcomes without(RecentOutcomes some) {
        long failedLeft = Math.max(0, failed - some.failed);
        return new RecentOutcomes(Math.max(failedLeft, completed - some.completed), failedLeft);
    }

    /**
     * Returns the share that succeeded, with one success more than there were: so an endpoint that is idle is trusted, and one
     * failure alone is not the end. Above 0, at most 1.
     */
    public double successRatio() {
        return (completed - failed + 1) / (completed + 1.0);
    }
}
