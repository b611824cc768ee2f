/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.Collection;

/**
 * How much of what the own zone has room for it really manages, judged by its response time and failures against the other
 * zones'. All logarithms:
 *
 * <pre>
 *   t       = ln(T_local / T_others)                      slower than the others: above 0
 *   f       = 6 ln((1 - f_others) / (1 - f_local))        fails more often: above 0
 *   hold    = 5 max(0, -t - ln 1.15)                      the others are slower: they have no room for what fails here
 *   r       = t + max(0, f - hold)
 *   kept    = 1 - (0.6 r + 0.7 slow(r) - ln 1.2) / (ln 5 - ln 1.2), between 0.02 and 0.995
 * </pre>
 *
 * <p>T is the mean response time and f the failed share of each side, both over about the last second; slow(r) follows r
 * within about five. The fast part answers a fault at once and is too weak to oscillate; the slow part adds what is lacking. A
 * fast part alone has to choose between the two, and an integral swings between the extremes at high utilisation.
 *
 * <p>What fails leaves only as far as the others are not slowed down by it. With three zones at 80% and one that fails, the
 * two others have room for half of its requests; all of them would overload everybody.
 *
 * <p>A few requests go elsewhere in any case: without them nothing would be known of the others.
 *
 * <p>Written by the tick, ten times a second on one thread; read by every pick.
 */
final class ZoneBalance {
    /** Up to this ratio everything stays: differences of this size are noise. */
    private static final double TOLERATED_RATIO = 1.2;

    /** From this ratio on nearly everything leaves. Ratios of 2 to 3 oscillate at 80% utilisation, 5 to 8 do not. */
    private static final double FULL_SPILL_RATIO = 5;

    private static final double LOG_FULL = Math.log(FULL_SPILL_RATIO);
    private static final double LOG_TOLERATED = Math.log(TOLERATED_RATIO);

    /** What stays in the worst case, so that a recovery can be seen. */
    private static final double MIN_KEPT = 0.02;

    /** What stays in the best case, so that the others can be compared with. */
    static final double MAX_KEPT = 0.995;

    /** What stays until the others have been seen at all: a client with few requests would else know nothing for minutes. */
    static final double UNMEASURED_KEPT = 0.95;

    /** How strongly failures count against response time. */
    private static final double FAILURE_EXPONENT = 6;

    /** How strongly slower others hold back what failures would send there: they get slow steeply near their limit. */
    private static final double HOLD_EXPONENT = 5;

    /** Others that are slower by no more than this hold nothing back. */
    private static final double LOG_HOLD_FROM = Math.log(1.15);

    /** How strongly the present ratio counts. 1 swings by 10 to 20 points at 96% utilisation. */
    private static final double FAST_GAIN = 0.6;

    /** How strongly the ratio of the last seconds counts. The sum of both decides how much of an overload remains. */
    private static final double SLOW_GAIN = 0.7;

    /** How long the slow part takes, in seconds. */
    private static final double SLOW_SECONDS = 5;

    /** How long a response matters, in seconds. Shorter oscillates, longer is late. */
    private static final double DECAY_SECONDS = 1;

    private final Side local = new Side();
    private final Side others = new Side();
    private double slowLogRatio; // touched by the tick only
    private volatile double kept = UNMEASURED_KEPT;

    /** Returns the share of what the own zone has room for that is to stay there. */
    double kept() {
        return kept;
    }

    /** Takes in what happened since the last tick. */
    void tick(Collection<Member> members, ZoneOfRegion own, double elapsedSeconds) {
        double remaining = Math.exp(-elapsedSeconds / DECAY_SECONDS);
        local.decay(remaining);
        others.decay(remaining);
        for (Member member : members) {
            Side side = own.holds(member.endpoint().locality()) ? local : others;
            member.totalsSeen().takeNew(member.load(), side::add);
        }
        if (!others.isMeasured()) {
            kept = UNMEASURED_KEPT;
        } else if (!local.isMeasured()) {
            kept = MAX_KEPT;
        } else {
            double logRatio = Math.max(-LOG_FULL, Math.min(LOG_FULL, logRatio()));
            slowLogRatio += (logRatio - slowLogRatio) * (1 - Math.exp(-elapsedSeconds / SLOW_SECONDS));
            kept = keptAt(FAST_GAIN * logRatio + SLOW_GAIN * slowLogRatio);
        }
    }

    private double logRatio() {
        double time = Math.log(local.meanMicros() / others.meanMicros());
        double failures = FAILURE_EXPONENT * Math.log(others.succeededShare() / local.succeededShare());
        double hold = HOLD_EXPONENT * Math.max(0, -time - LOG_HOLD_FROM);
        return time + (failures > 0 ? Math.max(0, failures - hold) : failures);
    }

    private static double keptAt(double logRatio) {
        double spilled = (logRatio - LOG_TOLERATED) / (LOG_FULL - LOG_TOLERATED);
        return Math.min(MAX_KEPT, Math.max(MIN_KEPT, 1 - spilled));
    }

    /** Sums that fade with time; their quotients do not. */
    private static final class Side {
        /** With fewer responses than this nothing is known. */
        private static final double MIN_RESPONSES = 3;

        /** So many are left after a long time without responses: an old estimate is better than none, few are mostly noise. */
        private static final double KEPT_RESPONSES = 10;

        private double succeeded;
        private double failed;
        private double timed;
        private double micros;

        void decay(double remaining) {
            double factor = Math.min(1, Math.max(remaining, KEPT_RESPONSES / Math.max(timed, KEPT_RESPONSES)));
            succeeded *= factor;
            failed *= factor;
            timed *= factor;
            micros *= factor;
        }

        /** Adds what came: one success less and one failure more where a stream failed after its first message. */
        void add(long moreSucceeded, long moreFailed, long moreTimed, long moreMicros) {
            succeeded = Math.max(0, succeeded + moreSucceeded); // that success may have faded
            failed = Math.max(0, failed + moreFailed);
            timed = Math.max(0, timed + moreTimed);
            micros = Math.max(0, micros + moreMicros);
        }

        boolean isMeasured() {
            return timed >= MIN_RESPONSES;
        }

        double meanMicros() {
            return Math.max(1, micros / timed);
        }

        /** Returns the share that succeeded, with one success more than there were: above 0, however many fail. */
        double succeededShare() {
            return (succeeded + 1) / (succeeded + failed + 1);
        }
    }
}
