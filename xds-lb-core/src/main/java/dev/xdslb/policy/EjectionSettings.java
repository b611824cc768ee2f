/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.time.Duration;

/**
 * When an endpoint that fails is left out, and for how long.
 *
 * <p>The default of five failures is that of Envoy's {@code outlier_detection.consecutive_5xx} and of Finagle's failure
 * accrual. The times are shorter than theirs (Envoy: 30 s, at most 300 s), because here a single probe, and not the
 * full share of the requests, decides about the return.
 *
 * @param consecutiveFailures failures in a row after which an endpoint is ejected, at least 1
 * @param baseTime for how long it is ejected the first time, above zero; doubled each further time
 * @param maxTime for how long it is ejected at most, at least {@code baseTime}
 * @param maxShare the share of the endpoints that may be ejected at once, 0 (never eject) to 1; at least one endpoint is
 *     always left, and, where it is above 0, one of several may always be ejected
 */
public record EjectionSettings(int consecutiveFailures, Duration baseTime, Duration maxTime, double maxShare) {

    /** Five failures, one second doubled up to thirty, at most half of the endpoints. */
    public static final EjectionSettings DEFAULT =
            new EjectionSettings(5, Duration.ofSeconds(1), Duration.ofSeconds(30), 0.5);

    public EjectionSettings {
        if (consecutiveFailures < 1) {
            throw new OutOfRangeException("consecutiveFailures", consecutiveFailures, ">= 1");
        }
        if (baseTime.isZero() || baseTime.isNegative()) {
            throw new OutOfRangeException("baseTime", baseTime, "> 0");
        }
        if (maxTime.compareTo(baseTime) < 0) {
            throw new OutOfRangeException("maxTime", maxTime, ">= baseTime " + baseTime);
        }
        if (!(maxShare >= 0 && maxShare <= 1)) {
            throw new OutOfRangeException("maxShare", maxShare, "0 to 1");
        }
    }

    /** Returns how many of this many endpoints may be ejected at once. */
    int maxEjected(int endpoints) {
        if (maxShare == 0 || endpoints < 2) {
            return 0;
        }
        return Math.min(endpoints - 1, Math.max(1, (int) (endpoints * maxShare)));
    }
}
