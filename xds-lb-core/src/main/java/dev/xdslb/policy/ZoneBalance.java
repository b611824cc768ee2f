/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.Collection;

/**
 * How much of what the own zone has room for it really manages, judged by its response time and failures against the other
 * zones'. A proportional law; an integral one oscillates between the extremes at high utilisation.
 *
 * <pre>
 *   r    = (T_local / T_others) × ((1 - f_others) / (1 - f_local))^4
 *   kept = 1 - (ln r - ln 1.15) / (ln 5 - ln 1.15), between 0.02 and 0.99
 * </pre>
 *
 * <p>T is the mean response time and f the failed share of each side, both over about the last second. One request in a
 * hundred goes elsewhere in any case: without it nothing would be known of the others.
 *
 * <p>Written by the tick, ten times a second on one thread; read by every pick.
 */
final class ZoneBalance {
    /** Up to this ratio everything stays: differences of this size are noise. */
    private static final double TOLERATED_RATIO = 1.15;

    /** From this ratio on nearly everything leaves. Ratios of 2 to 3 oscillate at 80% utilisation, 5 to 8 do not. */
    private static final double FULL_SPILL_RATIO = 5;

    /** What stays in the worst case, so that a recovery can be seen. */
    private static final double MIN_KEPT = 0.02;

    /** What stays in the best case, so that the others can be compared with. */
    static final double MAX_KEPT = 0.99;

    /** How strongly failures count against response time. */
    private static final double FAILURE_EXPONENT = 4;

    /** How long a response matters, in seconds. Shorter oscillates, longer is late. */
    private static final double DECAY_SECONDS = 1;

    private final Side local = new Side();
    private final Side others = new Side();
    private volatile double kept = MAX_KEPT;

    /** Returns the share of what the own zone has room for that is to stay there. */
    double kept() {
        return kept;
    }

    /** Takes in what happened since the last tick. */
    void tick(Collection<Member> members, String ownZone, double elapsedSeconds) {
        double remaining = Math.exp(-elapsedSeconds / DECAY_SECONDS);
        local.decay(remaining);
        others.decay(remaining);
        for (Member member : members) {
            Side side = member.endpoint().locality().zone().equals(ownZone) ? local : others;
            member.meter().moveTo(member.load(), side::add);
        }
        kept = local.isMeasured() && others.isMeasured() ? keptAt(ratio()) : MAX_KEPT;
    }

    private double ratio() {
        double time = local.meanMicros() / others.meanMicros();
        double failures = (1 - others.failedShare()) / (1 - local.failedShare());
        return time * Math.pow(failures, FAILURE_EXPONENT);
    }

    static double keptAt(double ratio) {
        double spilled = (Math.log(ratio) - Math.log(TOLERATED_RATIO))
                / (Math.log(FULL_SPILL_RATIO) - Math.log(TOLERATED_RATIO));
        return Math.min(MAX_KEPT, Math.max(MIN_KEPT, 1 - spilled));
    }

    /** Sums that fade with time; their quotients do not. */
    private static final class Side {
        /** What is left after a long time without responses: an old estimate is better than none. */
        private static final double MIN_RESPONSES = 3;

        private double succeeded;
        private double failed;
        private double timed;
        private double micros;

        void decay(double remaining) {
            double factor = Math.min(1, Math.max(remaining, MIN_RESPONSES / Math.max(timed, MIN_RESPONSES)));
            succeeded *= factor;
            failed *= factor;
            timed *= factor;
            micros *= factor;
        }

        void add(long moreSucceeded, long moreFailed, long moreTimed, long moreMicros) {
            succeeded += moreSucceeded;
            failed += moreFailed;
            timed += moreTimed;
            micros += moreMicros;
        }

        boolean isMeasured() {
            return timed >= MIN_RESPONSES;
        }

        double meanMicros() {
            return Math.max(1, micros / timed);
        }

        double failedShare() {
            return failed / (succeeded + failed + 1);
        }
    }
}
