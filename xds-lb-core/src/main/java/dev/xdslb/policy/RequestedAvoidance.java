/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.time.Duration;
import java.util.Collection;

/**
 * Passes over an endpoint that refused a request and said for how long it wants to be left alone ({@code Retry-After}, gRPC's
 * pushback). Obeyed for {@link #LONGEST} at most and by at most half of the endpoints, because whoever is left gets what the
 * others do not; and not where the others refuse as well: then it is the service that is full, and leaving out one after the
 * other would only fill the rest.
 *
 * <p><b>Writers:</b> the slow tick counts; any thread that ends a request avoids, one at a time. Refusals are few: what is
 * avoided gets none.
 */
final class RequestedAvoidance {
    /** Longer than this nobody is believed: the value is that of the longest ejection. */
    static final Duration LONGEST = Duration.ofSeconds(30);

    /** From this share of refused requests on, the others refuse as well. */
    private static final double OTHERS_REFUSE = 0.1;

    // guarded by this
    private int ready;
    private int avoided;
    private double refused;
    private double answered;

    /**
     * Begins an avoidance where it may be obeyed.
     *
     * @return whether it was not avoided before
     */
    boolean avoid(Candidate candidate, Duration retryAfter, long now) {
        if (retryAfter.isNegative() || retryAfter.isZero()) {
            return false;
        }
        long nanos = (retryAfter.compareTo(LONGEST) > 0 ? LONGEST : retryAfter).toNanos();
        EjectionState state = candidate.ejection();
        synchronized (this) {
            if (state.isAvoided()) {
                if (state.avoidedUntil() - (now + nanos) < 0) {
                    state.avoid(now, nanos);
                }
                return false;
            }
            if (2 * (avoided + 1) > ready || othersRefuse(candidate)) {
                return false;
            }
            avoided++;
            return state.avoid(now, nanos);
        }
    }

    private boolean othersRefuse(Candidate candidate) {
        double othersRefused = refused - candidate.load().recentlyRefused();
        double othersAnswered = answered - candidate.load().recentlyAnswered();
        return othersRefused > OTHERS_REFUSE * othersAnswered;
    }

    /** Lets half a second pass, after the members' load and after avoidances have ended. */
    synchronized void slowTick(Collection<Member> members) {
        ready = 0;
        avoided = 0;
        refused = 0;
        answered = 0;
        for (Member member : members) {
            if (member.endpoint().health().receivesRequests()) {
                ready++;
                avoided += member.ejection().isAvoided() ? 1 : 0;
                refused += member.load().recentlyRefused();
                answered += member.load().recentlyAnswered();
            }
        }
    }
}
