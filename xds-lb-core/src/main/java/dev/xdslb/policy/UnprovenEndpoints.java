/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.policy.OutcomeTally.Proof;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Where requests are so rare that no endpoint sees several in a row, judges them together. One request a second over a hundred
 * endpoints is one for each in a hundred seconds: five failures in a row are never seen, and the success ratio of ten seconds
 * has nothing to count. What can be seen is whether a request fails more often where the last one failed, or where none has
 * succeeded yet (the <em>unproven</em>), than where the last one succeeded. Where failures hit by chance, or all alike, both
 * fail alike, and nothing follows from it. Where the unproven fail clearly more often, failures are the endpoints' doing, and
 * requests go to the proven ones; the others are tried by probes only, as many as the budget allows. Not where those that failed
 * answer the next time as often as not: they are of use, and the others may have no room for their requests.
 *
 * <pre>
 *                 those from whom success               unproven fail more often, or
 *                 was to be expected fail               those that failed fail again
 *  LIKE_ANY ────────────────────────────▶ SUSPECTED ───────────────────────────────────▶ APART
 *      ▲                                  (those that failed are tried again soon)         │
 *      └───────────────────── they fail alike; those that failed succeed ──────────────────┘
 * </pre>
 *
 * <p>A success from before the trouble proves nothing: when an endpoint fails that had been proven, the proof of all others is
 * stale until they succeed again, and requests go to those that have, as soon as these suffice.
 *
 * <p>It ends where it would load somebody, and where the other rules see enough: it holds only as long as each of the proven
 * ones, taking all requests, gets fewer within ten seconds than the failures in a row that eject.
 *
 * <p>Written by the tick, on one thread; {@link #preferred} and {@link #isSuspecting()} are called by any.
 */
final class UnprovenEndpoints {
    /** How much one request counts in a share that fails: the last dozen decide. */
    private static final double WEIGHT = 1 / 12.0;

    /** The unproven are left out when they fail by this share of requests more often: three deviations of a tenth. */
    private static final double APART = 0.25;

    /** They are used again when they fail by less than this more often. */
    private static final double ALIKE = 0.1;

    /** How many times as often as the proven ones they have to fail. */
    private static final double TIMES = 2;

    /** How much one request to an endpoint that has just failed counts in the share of these that fail again. */
    private static final double WEIGHT_AGAIN = 1 / 6.0;

    /** Of those that have failed, at least this share must fail again; it is taken to be all until it is seen. */
    private static final double AGAIN = 0.6;

    /** When less than this share fails again, they are used again. */
    private static final double NOT_AGAIN = 0.3;

    /** When the proven fail at this rate, two of the last dozen, those that failed are tried again soon. */
    private static final double SUSPICIOUS = 0.15;

    /** So many that failed must fail again, all of them, where nothing else is known. Chance does so once in 80 at a third. */
    private static final int SEEN_AGAIN = 4;

    private static final double ALL_AGAIN = 0.99;

    /** Slow ticks that {@code EndpointLoad.RECENT} has. */
    private static final int RECENT_TICKS = 20;

    private volatile EjectionSettings settings;
    private final LongSupplier nanoClock;
    private double unprovenFail; // share of requests; touched by the tick only, as is all up to "state"
    private double provenFail; // share of requests
    private double failAgain = 1; // share of requests
    private long seenAgain; // requests to endpoints that had failed, since the last suspicion began
    private long staleBefore; // when a fresh proof was last refuted, in nanoseconds of the clock
    private boolean refuted; // whether one ever was
    private long ended; // within the present tick
    private int ticks; // at most RECENT_TICKS
    private boolean applied; // to all members, at the last tick
    private volatile State state = State.LIKE_ANY;
    private volatile double perWindow = 1; // what a count of the last ten seconds is to be multiplied with

    UnprovenEndpoints(EjectionSettings settings, LongSupplier nanoClock) {
        this.settings = settings;
        this.nanoClock = nanoClock;
    }

    /** Takes other settings into use; what is known stays. */
    void settings(EjectionSettings newSettings) {
        settings = newSettings;
    }

    /** Returns whether the rule may leave anybody out at this moment. */
    boolean isActive() {
        return state != State.LIKE_ANY;
    }

    /** Returns whether those that failed are to be tried again soon, because what they answer decides for all. */
    boolean isSuspecting() {
        return state == State.SUSPECTED;
    }

    /** Returns how many requests ended within the last half second. */
    long ended() {
        return ended;
    }

    /**
     * Lets half a second pass.
     *
     * @param connectionsCount whether failures of connections count, because nobody else looks after them
     * @param allLate whether all answer late and their requests are given up: those given up first count as failed, and whoever
     *     is left would get everything and neither fail nor succeed
     * @return whether others than before may be preferred among all members
     */
    boolean tick(Collection<Member> members, boolean connectionsCount, boolean allLate) {
        ended = 0;
        boolean changed = false;
        long now = nanoClock.getAsLong();
        for (Member member : members) {
            learn(member, connectionsCount, now);
        }
        for (Member member : members) {
            changed |= judge(member, now);
            member.ejection().tally.tick();
        }
        ticks = Math.min(RECENT_TICKS, ticks + 1);
        perWindow = RECENT_TICKS / (double) ticks;
        State before = state;
        state = settings.maxShare() > 0 && !allLate ? next(before) : State.LIKE_ANY;
        boolean appliedBefore = applied;
        applied = isActive() && preferred(List.copyOf(members)).size() < members.size();
        return applied != appliedBefore || (applied && (changed || state != before));
    }

    /**
     * Returns those of some trusted endpoints that the requests are to go to: all, or the proven ones where that is better.
     *
     * @param members all that could be picked but for this rule
     */
    List<Member> preferred(List<Member> members) {
        return switch (state) {
            case LIKE_ANY -> members;
            case SUSPECTED -> preferred(members, List.of(proof -> proof != Proof.FAILED));
            case APART ->
                preferred(
                        members,
                        List.of(proof -> proof == Proof.FRESH, proof -> proof == Proof.FRESH || proof == Proof.STALE));
        };
    }

    /** Returns those that pass the first test which enough of them pass. */
    private List<Member> preferred(List<Member> members, List<Predicate<Proof>> tests) {
        double completed = 0;
        for (Member member : members) {
            completed += member.load().recentOutcomes().completed();
        }
        for (Predicate<Proof> test : tests) {
            List<Member> passing = new ArrayList<>(members.size());
            for (Member member : members) {
                if (test.test(member.ejection().tally.proof())) {
                    passing.add(member);
                }
            }
            if (completed * perWindow < (settings.consecutiveFailures() - 1.0) * passing.size()) {
                return passing;
            }
        }
        return members;
    }

    private void learn(Member member, boolean connectionsCount, long now) {
        OutcomeTally tally = member.ejection().tally;
        tally.advance(
                member.load(),
                member.ejection().reachability.connectionFailures,
                (succeeded, failed, connectionFailures) -> {
                    ended += succeeded + failed;
                    if (succeeded > 0) {
                        tally.succeededAt = now;
                    }
                    long counted = connectionsCount ? failed : Math.max(0, failed - connectionFailures);
                    observe(tally.proofAtTick(), succeeded, counted, now);
                });
    }

    private boolean judge(Member member, long now) {
        OutcomeTally tally = member.ejection().tally;
        Proof before = tally.proof();
        Proof after;
        if (member.load().consecutiveFailures() > 0) {
            after = Proof.FAILED;
        } else if (member.load().succeeded() == 0) {
            after = Proof.NONE;
        } else {
            after = refuted && tally.succeededAt - staleBefore <= 0 ? Proof.STALE : Proof.FRESH;
        }
        if (after == before) {
            return false;
        }
        if (before == Proof.FRESH) {
            member.ejection().freeProbe(now);
        }
        tally.proof(after);
        return true;
    }

    private void observe(Proof before, long succeeded, long failed, long now) {
        boolean proven = before == Proof.FRESH || (before == Proof.STALE && state != State.APART);
        if (proven) {
            provenFail = observed(provenFail, succeeded, failed, WEIGHT);
            boolean mayBeChance = state == State.APART && provenFail < SUSPICIOUS;
            if (before == Proof.FRESH && failed > 0 && !mayBeChance) {
                staleBefore = now;
                refuted = true;
            }
        } else {
            unprovenFail = observed(unprovenFail, succeeded, failed, WEIGHT);
        }
        if (before == Proof.FAILED) {
            failAgain = observed(failAgain, succeeded, failed, WEIGHT_AGAIN);
            seenAgain += succeeded + failed;
        }
    }

    private State next(State before) {
        double more = unprovenFail - provenFail;
        if (before == State.APART) {
            return more >= ALIKE && failAgain >= NOT_AGAIN ? State.APART : State.LIKE_ANY;
        }
        if (more >= APART && unprovenFail >= TIMES * provenFail && failAgain >= AGAIN) {
            return State.APART;
        }
        if (provenFail < SUSPICIOUS || failAgain < AGAIN) {
            return State.LIKE_ANY;
        }
        if (before == State.LIKE_ANY) {
            seenAgain = 0;
        }
        if (seenAgain >= SEEN_AGAIN && failAgain >= ALL_AGAIN && failAgain >= TIMES * provenFail) {
            unprovenFail = failAgain; // of those with a stale proof nobody has failed again yet
            provenFail = 0; // and of those with a fresh one nobody has failed
            return State.APART;
        }
        return State.SUSPECTED;
    }

    private static double observed(double share, long succeeded, long failed, double weight) {
        double all = (double) succeeded + failed;
        if (all == 0) {
            return share;
        }
        double mean = failed / all;
        return mean + (share - mean) * Math.pow(1 - weight, all);
    }

    private enum State {
        /** All are used alike. */
        LIKE_ANY,
        /** Those whose last request failed are left out, and are tried again soon. */
        SUSPECTED,
        /** The proven ones are used. */
        APART
    }
}
