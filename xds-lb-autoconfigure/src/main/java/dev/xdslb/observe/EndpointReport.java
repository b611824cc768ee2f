/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.RecentOutcomes;
import dev.xdslb.load.RequestCounts;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Exclusion;
import dev.xdslb.policy.Member;
import dev.xdslb.policy.WeightFactors;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint, as the actuator shows it.
 *
 * @param state {@code eligible}, or why it may not be picked
 * @param until when that ends by itself, null where it does not
 * @param weight what its weight is made of; null where it may not be picked
 * @param inFlight requests and streams
 * @param responseTimeMillis what a request to it is taken to cost; null where nothing was measured
 * @param successRatio of the last ten seconds; null where no request has ended
 * @param picks requests and streams that were sent to it, those in flight as well
 */
record EndpointReport(
        String address,
        String pod,
        String region,
        String zone,
        int priority,
        String health,
        @Nullable Instant readySince,
        String state,
        @Nullable Instant until,
        @Nullable Weight weight,
        int inFlight,
        @Nullable Double responseTimeMillis,
        @Nullable Double successRatio,
        int consecutiveFailures,
        long picks,
        RequestCounts ended) {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final RequestCounts NOTHING = new RequestCounts(0, 0, 0, 0, 0, 0);

    static EndpointReport of(Member member, @Nullable Candidate candidate, @Nullable Exclusion exclusion) {
        Endpoint endpoint = member.endpoint();
        EndpointLoad load = member.load();
        RequestCounts ended = load.counts();
        RecentOutcomes recent = load.recentOutcomes();
        int inFlight = load.inFlight();
        double cost = load.costNanos();
        return new EndpointReport(
                endpoint.address(),
                endpoint.podName(),
                endpoint.locality().region(),
                endpoint.locality().zone(),
                endpoint.priority(),
                endpoint.health().name(),
                endpoint.readySince(),
                exclusion == null ? Standing.ELIGIBLE.word() : word(exclusion.reason()),
                exclusion == null ? null : exclusion.until(),
                candidate == null ? null : Weight.of(endpoint.weight(), candidate.weightFactors()),
                inFlight,
                cost > 0 ? cost / NANOS_PER_MILLI : null,
                recent.completed() > 0 ? 1 - recent.failed() / (double) recent.completed() : null,
                load.consecutiveFailures(),
                ended.succeeded() + ended.failed() + ended.refused() + ended.cancelled() + inFlight + load.abandoned(),
                ended);
    }

    /** Returns that of one which this client does not use, and so has measured nothing of. */
    static EndpointReport outside(Endpoint endpoint) {
        return new EndpointReport(
                endpoint.address(),
                endpoint.podName(),
                endpoint.locality().region(),
                endpoint.locality().zone(),
                endpoint.priority(),
                endpoint.health().name(),
                endpoint.readySince(),
                word(Exclusion.Reason.OUTSIDE_CLIENT_SUBSET),
                null,
                null,
                0,
                null,
                null,
                0,
                0,
                NOTHING);
    }

    private static String word(Exclusion.Reason reason) {
        return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * What a weight is the product of.
     *
     * @param given what the control plane gives it, 1 or more
     * @param relative the same, and that of those it stands for where this client does not use all, relative to the mean of its pool
     * @param total the product of all but {@code given}
     */
    record Weight(int given, double relative, double slowStart, double errorBias, double refusals, double total) {
        private static Weight of(int given, WeightFactors factors) {
            return new Weight(
                    given,
                    factors.controlPlane(),
                    factors.slowStart(),
                    factors.errorBias(),
                    factors.refusals(),
                    factors.product());
        }
    }
}
