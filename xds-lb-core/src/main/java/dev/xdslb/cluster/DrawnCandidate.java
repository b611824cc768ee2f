/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.WeightFactors;
import java.util.Locale;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * A candidate that a strategy looked at for one pick.
 *
 * @param endpoint which one
 * @param inFlight its requests in flight right then
 * @param failuresOfLate requests that failed a moment ago, one after the other; a comparison counts them as if they were in flight
 * @param weight what its weight is made of
 * @param cost what the strategy took a request to cost there, in nanoseconds where it is a time; null where it compared nothing
 * @param score what was compared, the lowest being picked; null where nothing was
 * @param passedOver why it was not even compared, empty where it was
 * @param picked whether it was picked
 */
@API(status = API.Status.STABLE)
public record DrawnCandidate(
        Endpoint endpoint,
        int inFlight,
        int failuresOfLate,
        WeightFactors weight,
        @Nullable Double cost,
        @Nullable Double score,
        String passedOver,
        boolean picked) {

    public DrawnCandidate {
        requireNonNull(endpoint, "endpoint");
        requireNonNull(weight, "weight");
        requireNonNull(passedOver, "passedOver");
    }

    static DrawnCandidate of(
            Candidate candidate, @Nullable Double cost, @Nullable Double score, String passedOver, boolean picked) {
        int inFlight = candidate.endpointLoad().inFlight();
        return new DrawnCandidate(
                candidate.endpoint(),
                inFlight,
                Math.max(0, candidate.endpointLoad().inFlightOrFailed() - inFlight),
                candidate.weightFactors(),
                cost,
                score,
                passedOver,
                picked);
    }

    @Override
    public String toString() {
        String judged = score == null
                ? ""
                : String.format(Locale.ROOT, "score %s, cost %s, ", number(score), cost == null ? "-" : number(cost));
        return String.format(
                Locale.ROOT,
                "%s: %s%d in flight%s, weight %s = %s control plane × %s slow start × %s error bias × %s refusals%s%s",
                endpoint.address(),
                judged,
                inFlight,
                failuresOfLate == 0 ? "" : " and " + failuresOfLate + " failed of late",
                number(weight.product()),
                number(weight.controlPlane()),
                number(weight.slowStart()),
                number(weight.errorBias()),
                number(weight.refusals()),
                passedOver.isEmpty() ? "" : "; passed over: " + passedOver,
                picked ? "; picked" : "");
    }

    /** Costs may be nanoseconds, weights are around 1. */
    private static String number(double value) {
        return String.format(Locale.ROOT, value < 1000 ? "%.2f" : "%.0f", value);
    }
}
