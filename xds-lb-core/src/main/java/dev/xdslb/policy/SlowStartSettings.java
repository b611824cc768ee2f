/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.OutOfRangeException;
import java.time.Duration;
import org.apiguardian.api.API;

/**
 * How a pod that has just become ready is brought up to its full share: {@code max(minShare, (age / window)^(1 /
 * aggression))}, the formula and the default share of Envoy's {@code slow_start_config}.
 *
 * @param window how long it takes, zero to switch it off; counted from the pod's ready time, not from when this process
 *     first saw it; a year at most
 * @param minShare the share of its weight that it starts with, above 0 and at most 1
 * @param aggression 1 for a straight line, more for a faster start, at least {@value #LEAST_AGGRESSION} and finite
 */
@API(status = API.Status.STABLE)
public record SlowStartSettings(Duration window, double minShare, double aggression) {

    /** Thirty seconds from a tenth, in a straight line. */
    public static final SlowStartSettings DEFAULT = new SlowStartSettings(Duration.ofSeconds(30), 0.1, 1);

    /** With less, the start is no ramp any more: all but the last thousandth of the window is spent at the least share. */
    private static final double LEAST_AGGRESSION = 1e-4;

    public SlowStartSettings {
        PolicyTime.require("window", window, Duration.ZERO);
        if (!(minShare > 0 && minShare <= 1)) {
            throw new OutOfRangeException("minShare", minShare, "> 0 and <= 1");
        }
        if (!(aggression >= LEAST_AGGRESSION && aggression <= Double.MAX_VALUE)) {
            throw new OutOfRangeException("aggression", aggression, ">= 0.0001 and finite");
        }
    }

    /** Returns the share of its weight that a pod of this age gets; a negative age counts as zero. */
    double share(Duration age) {
        if (age.compareTo(window) >= 0) {
            return 1;
        }
        if (age.isNegative()) {
            return minShare;
        }
        double progress = age.toNanos() / (double) window.toNanos();
        return Math.max(minShare, Math.pow(progress, 1 / aggression));
    }
}
