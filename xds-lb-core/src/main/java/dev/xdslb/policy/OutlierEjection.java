/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.Outcome;
import dev.xdslb.load.RecentOutcomes;
import dev.xdslb.policy.EjectionState.Phase;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Keeps requests away from an endpoint that failed several times in a row, or too often within the last ten seconds. Without
 * it a pod that fails fast attracts traffic, because it always has the fewest requests in flight.
 *
 * <p>Both rules compare the endpoint with what is usual. A run of failures counts where it is longer than chance makes it: an
 * endpoint that fails three requests of ten fails five in a row every few seconds at a hundred requests per second, and is
 * for the error bias to deal with; and what the other endpoints fail at this moment, says what chance is. The ratio counts
 * relative to the others'.
 *
 * <p>The common case, a request that did not fail, reads one volatile field and takes no lock. Everything that changes
 * an {@link EjectionState} runs under this object's lock; it happens a few times per outage.
 */
final class OutlierEjection {
    /** An ejection lasts between this share of its nominal time and once that much more, so that clients do not return together. */
    private static final double JITTER = 0.2;

    /** A run counts when fewer than this many of its length are to be expected by chance within the window. */
    private static final double EXPECTED_RUNS = 0.05;

    /** Successes that an endpoint's failure ratio is diluted with, so that its first failures do not look usual. */
    private static final int PRIOR_SUCCESSES = 20;

    private volatile EjectionSettings settings;
    private final LongSupplier nanoClock;
    private final RandomGenerator random;
    private final Censuses censuses; // guarded by this object's lock
    private long ticks; // guarded by this object's lock
    private volatile long total; // ejections; written under this object's lock

    /**
     * Makes the ejection policy of one cluster.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     */
    OutlierEjection(EjectionSettings settings, LongSupplier nanoClock, RandomGenerator random) {
        this.settings = settings;
        this.nanoClock = nanoClock;
        this.random = random;
        this.censuses = new Censuses(nanoClock);
    }

    /** Takes other settings into use; what is known stays. */
    void settings(EjectionSettings newSettings) {
        settings = newSettings;
    }

    /**
     * Learns how a request to a candidate ended, after its load was told.
     *
     * @param members those among which the share of the ejected is bounded
     * @return whether who is eligible has changed
     */
    boolean onOutcome(Candidate candidate, Outcome outcome, Collection<Member> members) {
        if (candidate.isProbe()) {
            return onProbeOutcome(candidate, outcome);
        }
        return outcome.isFailure()
                && candidate.endpointLoad().consecutiveFailures() >= settings.consecutiveFailures()
                && isLongerThanByChance(candidate.endpointLoad(), 0)
                && ejectOne(candidate, members);
    }

    /** Lets the time pass for endpoints that stand in for each other. */
    boolean tick(Collection<Member> members) {
        return tick(members, List.of());
    }

    /**
     * Lets the time pass.
     *
     * @param subsets where not empty, those of the members that stand in for each other, nobody in two of them: each is
     *     compared with its own subset, and one that is in none with all
     * @return whether who is eligible has changed
     */
    synchronized boolean tick(Collection<Member> members, Collection<? extends Collection<Member>> subsets) {
        ticks++;
        censuses.clear();
        long now = nanoClock.getAsLong();
        boolean changed = false;
        for (Collection<Member> subset : subsets) {
            changed |= tick(subset, subset, now);
        }
        return tick(inNone(subsets, members), members, now) || changed;
    }

    /** One subset after the other: what is looked at twice is then still in the processor's cache. Lock held. */
    private boolean tick(Collection<Member> judged, Collection<Member> members, long now) {
        boolean changed = false;
        for (Member member : judged) {
            changed |= endInTime(member, now);
        }
        return ejectFailing(judged, members, now) || changed;
    }

    /** Returns those that are in none of the subsets: most often nobody. */
    private static Collection<Member> inNone(
            Collection<? extends Collection<Member>> subsets, Collection<Member> members) {
        if (subsets.isEmpty()) {
            return members;
        }
        int inSubsets = 0;
        for (Collection<Member> subset : subsets) {
            inSubsets += subset.size();
        }
        if (inSubsets >= members.size()) { // nobody is in two
            return List.of();
        }
        Set<Member> rest = new HashSet<>(members); // by identity
        for (Collection<Member> subset : subsets) {
            for (Member member : subset) { // not removeAll(), which may search the subset for each of the rest
                rest.remove(member);
            }
        }
        return rest;
    }

    /**
     * Ends an ejection whose time is up: with a probe, or, where the connection was lost and can be made again, with the
     * ordinary requests, of which the first that fails ejects anew. Not while no connection can be made. Lock held.
     */
    private boolean endInTime(Member member, long now) {
        EjectionState state = member.ejection();
        boolean unreachable = state.reachability.isUnreachable();
        state.connectionLost |= unreachable;
        if (state.phase == Phase.TRUSTED || unreachable || now - state.ejectedUntil < 0) {
            return false;
        }
        if (state.connectionLost) {
            trust(state, now);
            member.load().consecutiveFailuresAtLeast(settings.consecutiveFailures() - 1);
            return true;
        }
        if (state.phase == Phase.EJECTED) {
            state.startProbing(now);
            return true;
        }
        return false;
    }

    /** Returns how often an endpoint was ejected, or ejected again by its probe. */
    long total() {
        return total;
    }

    /** Returns whether this request is to be the candidate's probe. */
    boolean tryProbe(Candidate candidate, ProbeBudget budget) {
        long now = nanoClock.getAsLong();
        EjectionState state = candidate.ejection();
        if (!state.isProbeDue(now)) {
            budget.rest();
            return false;
        }
        return budget.take() && state.tryProbe(now, settings.baseTime().toNanos());
    }

    /** Returns whether this request would be the candidate's probe, and leaves it to others. */
    boolean isProbeDue(Candidate candidate) {
        return candidate.ejection().isProbeDue(nanoClock.getAsLong());
    }

    private synchronized boolean onProbeOutcome(Candidate candidate, Outcome outcome) {
        EjectionState state = candidate.ejection();
        boolean awaited = state.phase == Phase.PROBED;
        if (outcome.isFailure()) {
            if (awaited) {
                startEjection(state);
            }
            return awaited;
        }
        if (outcome == Outcome.CANCELLED || !(awaited || state.tally.isUnproven())) { // who refuses has answered
            return false;
        }
        state.tally.proof(OutcomeTally.Proof.FRESH);
        if (awaited) {
            trust(state, nanoClock.getAsLong());
            candidate.endpointLoad().clearConsecutiveFailures();
        }
        return true;
    }

    private static void trust(EjectionState state, long now) {
        state.phase = Phase.TRUSTED;
        state.changedAt = now;
        state.connectionLost = false;
    }

    /**
     * Whether the present run of failures is more than usual failures explain.
     *
     * @param othersFailing the share of the other endpoints that failed their last request, 0 where it does not matter
     */
    private static boolean isLongerThanByChance(EndpointLoad load, double othersFailing) {
        RecentOutcomes recent = load.recentOutcomes();
        double requests = (double) recent.completed() + PRIOR_SUCCESSES;
        double usual = Math.max(recent.failed() / requests, othersFailing);
        return requests * Math.pow(usual, load.consecutiveFailures()) < EXPECTED_RUNS;
    }

    private synchronized boolean ejectOne(Candidate candidate, Collection<Member> members) {
        EjectionState state = candidate.ejection();
        if (state.phase != Phase.TRUSTED || state.refusedInTick == ticks) {
            return false;
        }
        Census census = censuses.of(members);
        if (!isLongerThanByChance(candidate.endpointLoad(), census.othersFailing())) {
            return false;
        }
        if (census.ejected() >= settings.maxEjected(census.compared())) {
            state.refusedInTick = ticks; // in an outage every request comes here
            return false;
        }
        eject(state);
        census.ejectedOne();
        return true;
    }

    /**
     * Ejects those that fail too often, the worst first. Lock held.
     *
     * @param judged those who may be ejected, part of the members
     * @param members those with whom they are compared, and among whom the share of the ejected is bounded
     */
    private boolean ejectFailing(Collection<Member> judged, Collection<Member> members, long now) {
        if (judged.isEmpty()) {
            return false;
        }
        List<Member> failing = new SuccessRatios(members).toEject(judged, settings, now);
        for (Member member : failing) {
            eject(member.ejection());
        }
        return !failing.isEmpty();
    }

    private void eject(EjectionState state) {
        if (nanoClock.getAsLong() - state.changedAt > settings.maxTime().toNanos()) {
            state.ejections = 0;
        }
        startEjection(state);
    }

    /** Lock held. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // the lock is held
    private void startEjection(EjectionState state) {
        total++;
        long now = nanoClock.getAsLong();
        state.ejections++;
        double doubled = settings.baseTime().toNanos() * Math.pow(2, state.ejections - 1.0);
        double nominal = Math.min(doubled, (double) settings.maxTime().toNanos());
        state.ejectedUntil = now + (long) (nominal * (1 + JITTER * random.nextDouble()));
        state.changedAt = now;
        state.connectionLost = state.reachability.isUnreachable();
        state.phase = Phase.EJECTED;
    }
}
