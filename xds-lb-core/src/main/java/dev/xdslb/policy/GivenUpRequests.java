/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.EjectionState.Phase;
import java.util.Arrays;
import java.util.Collection;

/**
 * What it says about an endpoint that a request to it was given up before it began to answer. Time-outs of libraries reach us as
 * a cancel or an interrupt (Reactor's {@code timeout}, a time limiter, {@code Future.cancel}, a gateway), and so do a hedge that
 * lost and a user who types on. How long the endpoint had been given tells them apart.
 *
 * <ul>
 *   <li>Less than {@value #LATE_FACTOR} times its usual response time: nothing. Five, because response times that scatter much
 *       (log-normal, sigma 0.6) exceed that once in 250 requests, and five in a row on one endpoint by chance never; while a
 *       time-out is rarely set to less than five times of what is usual.
 *   <li>More, and most of the others that have ever answered are not late: a time-out, hence a failure.
 *   <li>More, and the others are late as well: nothing. The service has become slow, and no endpoint is worse than another.
 * </ul>
 *
 * <p>The usual response time is the one that the endpoint was last seen with; where it has never answered, the median of the
 * others; and no more than {@value #OWN_OVER_USUAL} times that median, lest one cold answer excuse it for good.
 *
 * <p><b>Writers:</b> the ticks, on one thread. <b>Readers:</b> any thread that ends a request. An endpoint's own run of late
 * requests is written without a lock and may be one off.
 */
final class GivenUpRequests {
    private static final int LATE_FACTOR = 5;
    private static final int OWN_OVER_USUAL = 4;

    /** Below this, in nanoseconds, the client's own scheduling and garbage collection decide who is late. */
    private static final double MIN_LATE_NANOS = 10e6;

    private volatile double usualNanos; // 0 - nobody has answered yet
    private volatile int punctual; // those that answered, the last time that they were asked
    private volatile int late;

    /**
     * Decides about a request that ends, before its load is told.
     *
     * @param state of a request that awaits its answer, or the body of it
     * @return {@link Outcome#FAILURE} or {@link Outcome#CANCELLED}
     */
    Outcome outcomeOf(EndpointLoad load, long state) {
        double limit = lateNanos(load);
        if (limit == 0 || load.unansweredNanos(state) <= limit) {
            return Outcome.CANCELLED;
        }
        int lateOthers = late - (isLate(load) ? 1 : 0);
        int punctualOthers = punctual - (isPunctual(load) ? 1 : 0);
        load.countLate();
        return punctualOthers >= Math.max(1, lateOthers) ? Outcome.FAILURE : Outcome.CANCELLED;
    }

    /** Returns whether all that are known are late, several of them: no request says who is worse than another. */
    boolean areAllLate() {
        return punctual == 0 && late > 1;
    }

    /** Lets a tenth of a second pass, after the members' load. */
    void tick(Collection<Member> members) {
        int nowPunctual = 0;
        int nowLate = 0;
        for (Member member : members) {
            if (counts(member)) {
                nowLate += isLate(member.load()) ? 1 : 0;
                nowPunctual += isPunctual(member.load()) ? 1 : 0;
            }
        }
        punctual = nowPunctual;
        late = nowLate;
    }

    /** Lets half a second pass, after the members' load. */
    void slowTick(Collection<Member> members) {
        double[] known = members.stream()
                .mapToDouble(member -> member.load().responseNanos())
                .filter(nanos -> nanos > 0)
                .toArray();
        Arrays.sort(known);
        usualNanos = known.length == 0 ? 0 : known[(known.length - 1) / 2];
    }

    private static boolean counts(Member member) {
        return member.endpoint().health().receivesRequests() && member.ejection().phase == Phase.TRUSTED;
    }

    /** Whether its last request was given up late, or those that it has not answered yet are as old. */
    private boolean isLate(EndpointLoad load) {
        double limit = lateNanos(load);
        return load.lateInARow() > 0 || (limit > 0 && load.unansweredAgeNanos() > limit);
    }

    private boolean isPunctual(EndpointLoad load) {
        return load.succeeded() > 0 && !isLate(load);
    }

    /** Returns from when on a request is late, in nanoseconds; 0 where nothing is known. */
    private double lateNanos(EndpointLoad load) {
        double usual = usualNanos;
        double own = load.responseNanos();
        double expected = own == 0 ? usual : usual == 0 ? own : Math.min(own, OWN_OVER_USUAL * usual);
        return expected == 0 ? 0 : Math.max(MIN_LATE_NANOS, LATE_FACTOR * expected);
    }
}
