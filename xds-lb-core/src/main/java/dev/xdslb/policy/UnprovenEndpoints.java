/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Where requests are so rare that no endpoint sees several in a row, judges them together. One request a second over a hundred
 * endpoints is one for each in a hundred seconds: five failures in a row are never seen, and the success ratio of ten seconds
 * has nothing to count. What can be seen is whether a request fails more often where the last one failed, or where none has
 * succeeded yet (the <em>unproven</em>), than where the last one succeeded. Where failures hit by chance, or all alike, both
 * fail alike, and nothing follows from it. Where the unproven fail clearly more often, failures are the endpoints' doing, and
 * requests go to the proven ones; the others are tried by probes only, as many as the budget allows. Not where those that failed
 * answer the next time as often as not: they are of use, and the others may have no room for their requests.
 *
 * <p>It ends where it would load somebody, and where the other rules see enough: it holds only as long as each of the proven
 * ones, taking all requests, gets fewer within ten seconds than the failures in a row that eject.
 *
 * <p>Written by the tick, on one thread; {@link #areApart()} is read by any.
 */
final class UnprovenEndpoints {
    /** How much one request counts in the share that fails: the last dozen decide. */
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
    private static final double AGAIN = 0.5;

    /** When less than this share fails again, they are used again. */
    private static final double NOT_AGAIN = 0.3;

    /** Slow ticks that {@code EndpointLoad.RECENT} has. */
    private static final int RECENT_TICKS = 20;

    private final EjectionSettings settings;
    private final LongSupplier nanoClock;
    private double unprovenFail; // share of requests; touched by the tick only
    private double provenFail; // share of requests; touched by the tick only
    private double failAgain = 1; // share of requests; touched by the tick only
    private long ended; // within the present tick; touched by the tick only
    private int ticks; // at most RECENT_TICKS; touched by the tick only
    private boolean applied; // to all members, at the last tick; touched by the tick only
    private volatile boolean apart;
    private volatile double perWindow = 1; // what a count of the last ten seconds is to be multiplied with

    UnprovenEndpoints(EjectionSettings settings, LongSupplier nanoClock) {
        this.settings = settings;
        this.nanoClock = nanoClock;
    }

    /** Returns whether the unproven fail so much more often that the proven ones are to be preferred. */
    boolean areApart() {
        return apart;
    }

    /** Returns how many requests ended within the last half second. */
    long ended() {
        return ended;
    }

    /**
     * Lets half a second pass.
     *
     * @param connectionsCount whether failures of connections count, because nobody else looks after them
     * @return whether others than before may be preferred among all members
     */
    boolean tick(Collection<Member> members, boolean connectionsCount) {
        ended = 0;
        boolean flipped = false;
        long now = nanoClock.getAsLong();
        for (Member member : members) {
            OutcomeTally tally = member.ejection().tally;
            boolean before = tally.isUnproven();
            boolean failedBefore = tally.failedLast;
            tally.advance(
                    member.load(),
                    member.ejection().reachability.connectionFailures,
                    (succeeded, failed, connectionFailures) -> {
                        ended += succeeded + failed;
                        int counted = connectionsCount ? failed : Math.max(0, failed - connectionFailures);
                        observe(before, failedBefore, succeeded, counted);
                    });
            tally.failedLast = member.load().consecutiveFailures() > 0;
            boolean after = tally.failedLast || member.load().succeeded() == 0;
            if (after != before) {
                if (after) {
                    member.ejection().freeProbe(now);
                }
                tally.unproven(after);
                flipped = true;
            }
        }
        ticks = Math.min(RECENT_TICKS, ticks + 1);
        perWindow = RECENT_TICKS / (double) ticks;
        double more = unprovenFail - provenFail;
        boolean wasApplied = applied;
        boolean clearly = apart
                ? more >= ALIKE && failAgain >= NOT_AGAIN
                : more >= APART && unprovenFail >= TIMES * provenFail && failAgain >= AGAIN;
        apart = clearly && settings.maxShare() > 0;
        applied = preferred(List.copyOf(members)).size() < members.size();
        return applied != wasApplied || (applied && flipped);
    }

    /**
     * Returns those of some trusted endpoints that the requests are to go to: all, or the proven ones where that is better.
     *
     * @param members all that could be picked but for this rule
     */
    List<Member> preferred(List<Member> members) {
        if (!apart) {
            return members;
        }
        List<Member> proven = new ArrayList<>(members.size());
        long completed = 0;
        for (Member member : members) {
            completed += member.load().recentlyCompleted();
            if (!member.ejection().tally.isUnproven()) {
                proven.add(member);
            }
        }
        double limit = (settings.consecutiveFailures() - 1.0) * proven.size();
        return completed * perWindow < limit ? proven : members;
    }

    private void observe(boolean unproven, boolean failedBefore, long succeeded, int failed) {
        if (unproven) {
            unprovenFail = observed(unprovenFail, succeeded, failed, WEIGHT);
        } else {
            provenFail = observed(provenFail, succeeded, failed, WEIGHT);
        }
        if (failedBefore) {
            failAgain = observed(failAgain, succeeded, failed, WEIGHT_AGAIN);
        }
    }

    private static double observed(double share, long succeeded, int failed, double weight) {
        double all = (double) succeeded + failed;
        if (all == 0) {
            return share;
        }
        double mean = failed / all;
        return mean + (share - mean) * Math.pow(1 - weight, all);
    }
}
