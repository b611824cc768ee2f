/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.OutOfRangeException;
import java.time.Duration;
import org.apiguardian.api.API;

/**
 * When an endpoint that fails is left out, and for how long.
 *
 * <p>The default of five failures is that of Envoy's {@code outlier_detection.consecutive_5xx} and of Finagle's failure
 * accrual; half of at least ten requests that of Armeria's outlier detection. The times are shorter than theirs (Envoy: 30 s, at most 300 s), because here a single probe, and not the
 * full share of the requests, decides about the return.
 *
 * @param consecutiveFailures failures in a row after which an endpoint is ejected, at least 1; more are needed where so many
 *     in a row are to be expected by chance, and none suffice while most of the other endpoints fail too
 * @param failureRatio the share of its requests within the last ten seconds above which an endpoint is ejected, where the
 *     others' all succeed; where they do not, its success ratio is divided by theirs first. Above 0, at most 1, which
 *     switches the rule off
 * @param minRequests with fewer requests than this within the ten seconds the ratio says nothing, at least 1
 * @param baseTime for how long it is ejected the first time, above zero; doubled each further time
 * @param maxTime for how long it is ejected at most, at least {@code baseTime} and at most a year
 * @param maxShare the share of the endpoints that may be ejected at once, 0 (never eject) to 1; at least one endpoint is
 *     always left, and, where it is above 0, one of several may always be ejected
 * @param probeBudget the share of the requests that may be probes, above 0, at most 1
 * @param tcpHealthCheck whether an endpoint that refused or reset a connection is connected to beside the requests, and left
 *     out for as long as that fails. The name is that of Envoy's {@code tcp_health_check} without payload
 */
@API(status = API.Status.STABLE)
public record EjectionSettings(
        int consecutiveFailures,
        double failureRatio,
        int minRequests,
        Duration baseTime,
        Duration maxTime,
        double maxShare,
        double probeBudget,
        boolean tcpHealthCheck) {
    /** Of a hundred requests, two may fail to find out who works again. */
    private static final double DEFAULT_PROBE_BUDGET = 0.02;

    /**
     * Five failures or half of ten requests, one second doubled up to thirty, at most half of the endpoints; two percent of
     * the requests are probes; connections are checked.
     */
    public static final EjectionSettings DEFAULT =
            new EjectionSettings(5, 0.5, 10, Duration.ofSeconds(1), Duration.ofSeconds(30), 0.5);

    public EjectionSettings {
        if (consecutiveFailures < 1) {
            throw new OutOfRangeException("consecutiveFailures", consecutiveFailures, ">= 1");
        }
        if (!(failureRatio > 0 && failureRatio <= 1)) {
            throw new OutOfRangeException("failureRatio", failureRatio, "> 0 and <= 1");
        }
        if (minRequests < 1) {
            throw new OutOfRangeException("minRequests", minRequests, ">= 1");
        }
        PolicyTime.require("baseTime", baseTime, Duration.ofNanos(1));
        PolicyTime.require("maxTime", maxTime, Duration.ZERO);
        if (maxTime.compareTo(baseTime) < 0) {
            throw new OutOfRangeException("maxTime", maxTime, ">= baseTime " + baseTime);
        }
        if (!(maxShare >= 0 && maxShare <= 1)) {
            throw new OutOfRangeException("maxShare", maxShare, "0 to 1");
        }
        if (!(probeBudget > 0 && probeBudget <= 1)) {
            throw new OutOfRangeException("probeBudget", probeBudget, "> 0 and <= 1");
        }
    }

    /** Makes settings with the default budget for probes, and with checks of connections. */
    public EjectionSettings(
            int consecutiveFailures,
            double failureRatio,
            int minRequests,
            Duration baseTime,
            Duration maxTime,
            double maxShare) {
        this(consecutiveFailures, failureRatio, minRequests, baseTime, maxTime, maxShare, DEFAULT_PROBE_BUDGET, true);
    }

    /** Returns how many of this many endpoints may be ejected at once. */
    int maxEjected(int endpoints) {
        if (maxShare == 0 || endpoints < 2) {
            return 0;
        }
        return Math.min(endpoints - 1, Math.max(1, (int) (endpoints * maxShare)));
    }
}
