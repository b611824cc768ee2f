/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.RecentAnswers;
import java.time.Duration;
import java.util.Collection;
import java.util.function.LongSupplier;

/**
 * Passes over an endpoint that refused a request and said for how long it wants to be left alone ({@code Retry-After}, gRPC's
 * pushback), or that has refused several in a row: for a second, then two, up to {@link #LONGEST_UNASKED}. A lower weight alone
 * does not do for callers with a request a second, and not where a strategy compares all endpoints.
 *
 * <p>At most half of the endpoints are passed over, because whoever is left gets what the others do not; and none where the others
 * refuse as well: then it is the service that is full, and leaving out one after the other would only fill the rest.
 *
 * <p><b>Writers:</b> the slow tick counts; any thread that ends a request avoids, one at a time. Refusals are few: what is
 * avoided gets none.
 */
final class RefusingAvoidance {
    /** Longer than this nobody is believed: the value is that of the longest ejection. */
    static final Duration LONGEST = Duration.ofSeconds(30);

    /** How long at most where the endpoint said nothing: how late its recovery may be seen. */
    private static final Duration LONGEST_UNASKED = Duration.ofSeconds(16);

    /**
     * So many refusals in a row are no chance. An endpoint that refuses one request of five has four in a row once in 800
     * requests, and keeps what it can take; with three it would be passed over for half of the time.
     */
    private static final int RUN = 4;

    /** From this share of refused requests on, the others refuse as well. */
    private static final double OTHERS_REFUSE = 0.1;

    private final Censuses censuses; // guarded by this

    // Written under the lock, and read without it to see whether to take it.
    private volatile int ready;
    private volatile int avoided;
    private volatile double refused;
    private volatile double answered;

    /**
     * Makes the rule of one cluster.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     */
    RefusingAvoidance(LongSupplier nanoClock) {
        this.censuses = new Censuses(nanoClock);
    }

    /**
     * Begins an avoidance where there is to be one.
     *
     * @param retryAfter for how long the endpoint asked to be left alone; zero or less for not at all
     * @param members those that stand in for it, and itself
     * @return whether it was not avoided before
     */
    boolean onRefused(Candidate candidate, Duration retryAfter, Collection<Member> members, long now) {
        long nanos = Math.max(nanos(retryAfter), unaskedNanos(candidate.endpointLoad()));
        if (nanos <= 0) {
            return false;
        }
        if (ready == 0) { // not counted yet: a new cluster's first half second, or nobody was ready at the last tick
            slowTick(members);
        }
        EjectionState state = candidate.ejection();
        if (!state.isAvoided() && (isFull() || othersRefuse(candidate.endpointLoad()))) {
            return false; // where all refuse, every request comes here
        }
        synchronized (this) {
            if (state.isAvoided()) {
                if (state.avoidedUntil() - (now + nanos) < 0) {
                    state.avoid(now, nanos);
                }
                return false;
            }
            if (isFull()
                    || othersRefuse(candidate.endpointLoad())
                    || othersRefuseNow(candidate.endpointLoad(), members)) {
                return false;
            }
            avoided = avoided + 1;
            return state.avoid(now, nanos);
        }
    }

    private static long nanos(Duration asked) {
        return (asked.compareTo(LONGEST) > 0 ? LONGEST : asked.isNegative() ? Duration.ZERO : asked).toNanos();
    }

    private static long unaskedNanos(EndpointLoad load) {
        int doublings = load.refusedInARow() - RUN;
        return doublings < 0
                ? 0
                : Math.min(
                        LONGEST_UNASKED.toNanos(),
                        Duration.ofSeconds(1L << Math.min(doublings, 10)).toNanos());
    }

    private boolean isFull() {
        return 2 * (avoided + 1) > ready;
    }

    private boolean othersRefuse(EndpointLoad load) {
        RecentAnswers own = load.recentAnswers();
        double othersRefused = refused - own.refused();
        double othersAnswered = answered - own.answered();
        return othersRefused > OTHERS_REFUSE * othersAnswered;
    }

    /** Looks at the last answer of each: in the first half second nothing else is known. */
    private boolean othersRefuseNow(EndpointLoad load, Collection<Member> members) {
        int refusing = censuses.of(members).refusing() - (load.refusedInARow() > 0 ? 1 : 0);
        return refusing > OTHERS_REFUSE * (members.size() - 1);
    }

    /** Lets half a second pass, after the members' load and after avoidances have ended. */
    synchronized void slowTick(Collection<Member> members) {
        censuses.clear();
        int nowReady = 0;
        int nowAvoided = 0;
        double nowRefused = 0;
        double nowAnswered = 0;
        for (Member member : members) {
            if (member.endpoint().health().receivesRequests()) {
                nowReady++;
                nowAvoided += member.ejection().isAvoided() ? 1 : 0;
                RecentAnswers recent = member.load().recentAnswers();
                nowRefused += recent.refused();
                nowAnswered += recent.answered();
            }
        }
        ready = nowReady;
        avoided = nowAvoided;
        refused = nowRefused;
        answered = nowAnswered;
    }
}
