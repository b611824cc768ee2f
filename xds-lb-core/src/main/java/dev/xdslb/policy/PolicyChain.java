/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.EjectionState.Phase;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Decides who of a cluster's members may be picked, and with which weight. The rules, in this order:
 *
 * <ol>
 *   <li>health: an endpoint that is not ready or is draining is out; a degraded one is in only where no healthy one is left
 *   <li>ejection: one that failed too often is out until its time is up, and is then tried with one request, the probe
 *   <li>panic: where ejection leaves less than half, it is ignored (readiness never is)
 *   <li>avoidance: one that has just refused or reset a connection is passed over where another is left
 *   <li>weight: the control plane's, relative to the mean, times slow start, times error bias
 * </ol>
 *
 * <p>Called by its cluster: {@link #pool} and {@link #tick} on the slow path, {@link #onOutcome} at the end of each request.
 */
public final class PolicyChain {
    /** Below this share of eligible endpoints, the failures say more about the pool than about the endpoints. As in Envoy. */
    private static final double PANIC_SHARE = 0.5;

    /** How finely a changed weight is noticed. A finer one would rebuild the pickers for nothing that a pick could show. */
    private static final double WEIGHT_STEPS = 100;

    private final PolicySettings settings;
    private final OutlierEjection ejection;
    private final LongSupplier nanoClock;
    private final InstantSource wallClock;
    private long weightFingerprint; // of the weights at the last tick, 0 where all have their full share; tick only

    /**
     * Makes the policies of one cluster.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     * @param wallClock compared with the pods' ready times
     */
    public PolicyChain(
            PolicySettings settings, LongSupplier nanoClock, InstantSource wallClock, RandomGenerator random) {
        this.settings = settings;
        this.nanoClock = nanoClock;
        this.wallClock = wallClock;
        this.ejection = new OutlierEjection(settings.ejection(), nanoClock, random);
    }

    /** Decides who of those members that the caller can use may be picked now. */
    public Pool pool(Collection<Member> members, Predicate<Endpoint> usable) {
        List<Member> ready = ready(members, usable);
        List<Member> trusted = new ArrayList<>(ready.size());
        List<Member> probed = new ArrayList<>();
        for (Member member : ready) {
            Phase phase = member.ejection().phase;
            if (phase == Phase.TRUSTED) {
                trusted.add(member);
            } else if (phase == Phase.PROBED) {
                probed.add(member);
            }
        }
        int ejected = ready.size() - trusted.size();
        boolean panic = trusted.size() < ready.size() * PANIC_SHARE;
        List<Member> eligible = withoutAvoided(panic ? ready : trusted);
        return new Pool(
                candidates(eligible),
                panic ? List.of() : probes(probed),
                ejection::tryProbe,
                members.size(),
                panic ? 0 : ejected);
    }

    /**
     * Learns how a request to a candidate ended, after its load was told.
     *
     * @param members all members of the cluster
     * @return whether who is eligible has changed
     */
    public boolean onOutcome(Candidate candidate, Outcome outcome, Collection<Member> members) {
        boolean changed = ejection.onOutcome(candidate, outcome, members);
        if (outcome == Outcome.CONNECTION_FAILURE && !settings.avoidance().isZero()) {
            changed |= candidate
                    .ejection()
                    .avoid(nanoClock.getAsLong(), settings.avoidance().toNanos());
        }
        return changed;
    }

    /**
     * Lets the time pass.
     *
     * @return whether who is eligible has changed, or somebody's weight noticeably
     */
    public boolean tick(Collection<Member> members) {
        boolean changed = ejection.tick(members);
        long now = nanoClock.getAsLong();
        WeightShares shares = new WeightShares(settings, wallClock.instant(), members);
        long fingerprint = 0;
        for (Member member : members) {
            changed |= member.ejection().endAvoidance(now);
            fingerprint = fingerprint * 31 + Math.round((1 - shares.of(member)) * WEIGHT_STEPS);
        }
        changed |= fingerprint != weightFingerprint;
        weightFingerprint = fingerprint;
        return changed;
    }

    private static List<Member> ready(Collection<Member> members, Predicate<Endpoint> usable) {
        List<Member> healthy = new ArrayList<>(members.size());
        List<Member> degraded = new ArrayList<>();
        for (Member member : members) {
            EndpointHealth health = member.endpoint().health();
            if (health.receivesRequests() && usable.test(member.endpoint())) {
                (health == EndpointHealth.HEALTHY ? healthy : degraded).add(member);
            }
        }
        return healthy.isEmpty() ? degraded : healthy;
    }

    private static List<Member> withoutAvoided(List<Member> members) {
        List<Member> rest = new ArrayList<>(members.size());
        for (Member member : members) {
            if (!member.ejection().isAvoided()) {
                rest.add(member);
            }
        }
        return rest.isEmpty() ? members : rest;
    }

    private List<Candidate> candidates(List<Member> members) {
        double total = 0;
        for (Member member : members) {
            total += member.endpoint().weight();
        }
        double mean = total / Math.max(1, members.size());
        WeightShares shares = new WeightShares(settings, wallClock.instant(), members);
        List<Candidate> candidates = new ArrayList<>(members.size());
        for (Member member : members) {
            double weight = member.endpoint().weight() / mean * shares.of(member);
            candidates.add(new Candidate(member.endpoint(), member.load(), member.ejection(), weight, false));
        }
        return candidates;
    }

    private static List<Candidate> probes(List<Member> members) {
        List<Candidate> probes = new ArrayList<>(members.size());
        for (Member member : members) {
            probes.add(new Candidate(member.endpoint(), member.load(), member.ejection(), 1, true));
        }
        return probes;
    }
}
