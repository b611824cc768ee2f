/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.Outcome;
import dev.xdslb.policy.EjectionState.Phase;
import java.util.Collection;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Keeps requests away from an endpoint that failed several times in a row. Without it a pod that fails fast attracts
 * traffic, because it always has the fewest requests in flight.
 *
 * <p>The common case, a request that did not fail, reads one volatile field and takes no lock. Everything that changes
 * an {@link EjectionState} runs under this object's lock; it happens a few times per outage.
 */
final class OutlierEjection {
    /** An ejection lasts between this share of its nominal time and once that much more, so that clients do not return together. */
    private static final double JITTER = 0.2;

    private final EjectionSettings settings;
    private final LongSupplier nanoClock;
    private final RandomGenerator random;

    /**
     * Makes the ejection policy of one cluster.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     */
    OutlierEjection(EjectionSettings settings, LongSupplier nanoClock, RandomGenerator random) {
        this.settings = settings;
        this.nanoClock = nanoClock;
        this.random = random;
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
                && candidate.load().consecutiveFailures() >= settings.consecutiveFailures()
                && eject(candidate, members);
    }

    /**
     * Lets the time pass.
     *
     * @return whether who is eligible has changed
     */
    synchronized boolean tick(Collection<Member> members) {
        long now = nanoClock.getAsLong();
        boolean changed = false;
        for (Member member : members) {
            EjectionState state = member.ejection();
            if (state.phase == Phase.EJECTED && now - state.ejectedUntil >= 0) {
                state.startProbing(now);
                changed = true;
            }
        }
        return changed;
    }

    /** Returns whether this request is to be the candidate's probe. */
    boolean tryProbe(Candidate candidate) {
        return candidate
                .ejection()
                .tryProbe(nanoClock.getAsLong(), settings.baseTime().toNanos());
    }

    /** Returns whether this request would be the candidate's probe, and leaves it to others. */
    boolean isProbeDue(Candidate candidate) {
        return candidate.ejection().isProbeDue(nanoClock.getAsLong());
    }

    private synchronized boolean onProbeOutcome(Candidate candidate, Outcome outcome) {
        EjectionState state = candidate.ejection();
        if (state.phase != Phase.PROBED || outcome == Outcome.CANCELLED) {
            return false;
        }
        if (outcome.isFailure()) {
            startEjection(state);
        } else {
            state.phase = Phase.TRUSTED;
            state.changedAt = nanoClock.getAsLong();
            candidate.load().clearConsecutiveFailures();
        }
        return true;
    }

    private synchronized boolean eject(Candidate candidate, Collection<Member> members) {
        EjectionState state = candidate.ejection();
        if (state.phase != Phase.TRUSTED) {
            return false;
        }
        int ready = 0;
        int ejected = 0;
        for (Member member : members) {
            if (member.endpoint().health().receivesRequests()) {
                ready++;
                ejected += member.ejection().phase == Phase.TRUSTED ? 0 : 1;
            }
        }
        if (ejected >= settings.maxEjected(ready)) {
            return false;
        }
        if (nanoClock.getAsLong() - state.changedAt > settings.maxTime().toNanos()) {
            state.ejections = 0;
        }
        startEjection(state);
        return true;
    }

    private void startEjection(EjectionState state) {
        long now = nanoClock.getAsLong();
        state.ejections++;
        double doubled = settings.baseTime().toNanos() * Math.pow(2, state.ejections - 1.0);
        double nominal = Math.min(doubled, (double) settings.maxTime().toNanos());
        state.ejectedUntil = now + (long) (nominal * (1 + JITTER * random.nextDouble()));
        state.changedAt = now;
        state.phase = Phase.EJECTED;
    }
}
