/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.load.InFlightTotal;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.EjectionState.Phase;
import dev.xdslb.policy.ZoneSettings.Affinity;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides who of a cluster's members may be picked, and with which weight. The rules, in this order:
 *
 * <ol>
 *   <li>health: an endpoint that is not ready, is draining or was drained here is out; a degraded one is in only where no healthy one is left
 *   <li>ejection: one that failed too often is out until its time is up, and is then tried with one request, the probe
 *   <li>panic: where ejection leaves too few, by default less than half, it is ignored (readiness never is)
 *   <li>avoidance: one that no connection can be made to, that has just refused or reset one, or that asked to be left alone, is
 *       passed over where another is left
 *   <li>rare requests: where those that have not proven themselves fail more often, they are left to probes
 *   <li>weight: the control plane's, relative to the mean, times slow start, times error bias, times refusals
 *   <li>priority: a lower one is used as far as the ready part of a higher one, times {@value Grouping#OVERPROVISIONING}, does
 *       not suffice
 *   <li>zone: the own one as far as it can take what its clients send
 * </ol>
 *
 * <p>Called by its cluster: {@link #plan} and the ticks on the slow path, {@link #onOutcome} at the end of each request.
 */
public final class PolicyChain {
    /** How finely a changed weight is noticed. A finer one would rebuild the pickers for nothing that a pick could show. */
    private static final double WEIGHT_STEPS = 100;

    private static final double NANOS_PER_SECOND = 1e9;

    private volatile PolicySettings settings;
    private final OutlierEjection ejection;
    private final ConnectionChecks connections;
    private final UnprovenEndpoints unproven;
    private final ProbeBudget probeBudget;
    private final LongSupplier nanoClock;
    private final InstantSource wallClock;
    private final ClientPlace place;
    private volatile @Nullable InFlightTotal total;
    private volatile Map<EndpointKey, Instant> drained = Map.of();
    private final GivenUpRequests givenUp = new GivenUpRequests();
    private final RefusingAvoidance refusingAvoidance;
    private final PublicationPace pace;
    private final ZoneBalance zoneBalance = new ZoneBalance();
    private final UsageLevel usageLevel = new UsageLevel();
    private final TurnSequences turns = new TurnSequences();
    private final ReusedTables tables = new ReusedTables();
    private long weightFingerprint; // of the weights at the last tick, 0 where all have their full share; tick only
    private long tickedAt; // touched by the tick only
    private volatile int known; // how many members there were at the last tick

    /**
     * Makes the policies of one cluster.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     * @param wallClock compared with the pods' ready times
     * @param place where this process runs
     */
    public PolicyChain(
            PolicySettings settings,
            ClientPlace place,
            LongSupplier nanoClock,
            InstantSource wallClock,
            RandomGenerator random) {
        this(settings, place, nanoClock, wallClock, random, null);
    }

    /**
     * Makes the policies of one cluster that keeps the total of its requests in flight.
     *
     * @param total told to the pools, null where it is not kept
     */
    public PolicyChain(
            PolicySettings settings,
            ClientPlace place,
            LongSupplier nanoClock,
            InstantSource wallClock,
            RandomGenerator random,
            @Nullable InFlightTotal total) {
        this.total = total;
        this.settings = settings;
        this.place = place;
        this.tickedAt = nanoClock.getAsLong();
        this.nanoClock = nanoClock;
        this.wallClock = wallClock;
        this.ejection = new OutlierEjection(settings.ejection(), nanoClock, random);
        this.connections = new ConnectionChecks(settings.ejection(), nanoClock, random);
        this.unproven = new UnprovenEndpoints(settings.ejection(), nanoClock);
        this.refusingAvoidance = new RefusingAvoidance(nanoClock);
        this.pace = new PublicationPace(nanoClock);
        this.probeBudget = new ProbeBudget(settings.ejection().probeBudget());
    }

    /**
     * Takes other settings into use. What was learnt stays: ejections, turns, how the requests of zones are divided.
     *
     * @param newTotal told to the pools from the next plan on, null where it is not kept
     */
    public void settings(PolicySettings newSettings, @Nullable InFlightTotal newTotal) {
        settings = newSettings;
        total = newTotal;
        ejection.settings(newSettings.ejection());
        connections.settings(newSettings.ejection());
        unproven.settings(newSettings.ejection());
        probeBudget.share(newSettings.ejection().probeBudget());
    }

    /**
     * Learns which endpoints an operator has drained in this process. From the next plan on they are left out.
     *
     * @param newDrained with the time at which that ends, by the wall clock
     */
    public void drained(Map<EndpointKey, Instant> newDrained) {
        drained = newDrained;
    }

    /** Decides who of those members that the caller can use may be picked now, and how requests are divided among them. */
    public Plan plan(Collection<Member> members, Predicate<Endpoint> usable) {
        Instant now = wallClock.instant();
        Eligibility eligibility = new Eligibility(
                members, usable, unproven, drained, settings.panicThreshold(), nanoClock.getAsLong(), now);
        UsageLevel.admit(members, eligibility);
        double meanWeight = meanWeight(eligibility.eligible());
        List<Candidate> candidates = candidates(eligibility.eligible(), meanWeight, now, eligibility.isPanic());
        List<Candidate> probes = eligibility.isPanic() ? List.of() : probes(eligibility.awaitingProbe());
        Grouping grouping = new Grouping(settings.zones(), place, zoneBalance, total, turns, tables);
        grouping.divide(candidates, meanWeight, members);
        return new Plan(
                grouping.groups(),
                grouping.levels(),
                grouping.probes(probes),
                ejection,
                probeBudget,
                unproven.isSuspecting(),
                members.size(),
                candidates.size(),
                eligibility,
                new Reserve(members, usable, candidates, grouping.groups(), total));
    }

    /**
     * Learns how a request to a candidate ended, after its load was told.
     *
     * @param members those that stand in for it where it is left out, and itself: all of the cluster or of its subset
     * @return whether a new plan is to be made, because who is eligible has changed. Of more than a few hundred members, it is left
     *     to the next {@link #tick} where it has changed a moment ago
     */
    public boolean onOutcome(Candidate candidate, Outcome outcome, Collection<Member> members) {
        boolean changed = ejection.onOutcome(candidate, outcome, members);
        if (outcome == Outcome.CONNECTION_FAILURE && !settings.avoidance().isZero()) {
            connections.onConnectionFailure(candidate);
            changed |= candidate
                    .ejection()
                    .avoid(nanoClock.getAsLong(), settings.avoidance().toNanos());
        }
        return changed && pace.isNow(known);
    }

    /**
     * Returns what it says about a candidate that a request to it was given up, before its load is told.
     *
     * @param state of a request that awaits its answer, or the body of it
     */
    public Outcome outcomeOfGivenUp(Candidate candidate, long state) {
        return givenUp.outcomeOf(candidate.endpointLoad(), state);
    }

    /**
     * Learns that a candidate refused a request, after its load was told.
     *
     * @param retryAfter for how long it asked to be left alone; zero or less for not at all
     * @param members those that stand in for it where it is left out, and itself
     * @return whether a new plan is to be made, as from {@link #onOutcome}
     */
    public boolean onRefused(Candidate candidate, Duration retryAfter, Collection<Member> members) {
        return refusingAvoidance.onRefused(candidate, retryAfter, members, nanoClock.getAsLong()) && pace.isNow(known);
    }

    /**
     * Returns those members to which a connection is to be tried now, beside the requests; each is then to be told to
     * {@link #onConnectionChecked}.
     *
     * @param members all of the cluster
     */
    public List<Member> connectionsToCheck(Collection<Member> members) {
        return connections.begin(members);
    }

    /**
     * Learns that somebody could not connect to a member, beside the requests. Says nothing about the member yet, because that may be
     * the other one's doing, such as wrong certificates: it is one of {@link #connectionsToCheck} now.
     */
    public void onConnectionFailed(Member member) {
        connections.onConnectionFailed(member);
    }

    /** Learns whether a connection to a member could be made. What follows from it shows in the next {@link #tick}. */
    public void onConnectionChecked(Member member, ConnectionResult result) {
        connections.ended(member, result);
    }

    /**
     * Lets a tenth of a second pass, after the members' load.
     *
     * @return whether who is eligible has changed
     */
    public boolean tick(Collection<Member> members) {
        known = members.size();
        givenUp.tick(members);
        long now = nanoClock.getAsLong();
        double elapsedSeconds = (now - tickedAt) / NANOS_PER_SECOND;
        tickedAt = now;
        usageLevel.tick(members, elapsedSeconds);
        ZoneOfRegion own = new ZoneOfRegion(place.region(), place.zone());
        if (settings.zones().affinity() == Affinity.SPILL && !own.zone().isEmpty()) {
            zoneBalance.tick(members, own, elapsedSeconds);
        }
        boolean left = pace.takeLeft();
        return connections.takeChanged() || left;
    }

    /**
     * Lets half a second pass, after the members' load.
     *
     * @return whether who is eligible has changed, or somebody's weight noticeably
     */
    public boolean slowTick(Collection<Member> members) {
        return slowTick(members, List.of());
    }

    /**
     * Lets half a second pass, after the members' load.
     *
     * @param subsets those of the members that are planned with apart from the others as well
     * @return whether who is eligible has changed, or somebody's weight noticeably
     */
    public boolean slowTick(Collection<Member> members, Collection<? extends Collection<Member>> subsets) {
        boolean changed = ejection.tick(members, subsets);
        changed |= unproven.tick(members, !connections.areBelieved(), givenUp.areAllLate());
        changed |= !subsets.isEmpty() && unproven.isActive(); // each of them is judged by itself
        probeBudget.refill(unproven.ended());
        long now = nanoClock.getAsLong();
        for (Member member : members) {
            changed |= member.ejection().endAvoidance(now);
            member.lookWhetherReady(now);
        }
        givenUp.slowTick(members);
        refusingAvoidance.slowTick(members);
        long fingerprint = fingerprint(place.fingerprint(), members);
        for (Collection<Member> subset : subsets) {
            fingerprint = fingerprint(fingerprint, subset);
        }
        changed |= fingerprint != weightFingerprint;
        weightFingerprint = fingerprint;
        return changed;
    }

    private long fingerprint(long before, Collection<Member> pool) {
        WeightShares shares = new WeightShares(settings, wallClock.instant(), pool);
        long fingerprint = before;
        for (Member member : pool) {
            fingerprint = fingerprint * 31 + Math.round((1 - shares.inAnyPart(member)) * WEIGHT_STEPS);
        }
        return fingerprint;
    }

    private static double meanWeight(List<Member> members) {
        double weights = 0;
        for (Member member : members) {
            weights += member.weight();
        }
        return weights / Math.max(1, members.size());
    }

    private List<Candidate> candidates(List<Member> members, double mean, Instant now, boolean panic) {
        WeightShares shares = new WeightShares(settings, now, members);
        InFlightTotal counter = total;
        List<Candidate> candidates = new ArrayList<>(members.size());
        for (Member member : members) {
            WeightFactors weight = WeightFactors.of(
                    member.weight() / mean,
                    shares.slowStart(member),
                    shares.errorBias(member),
                    shares.refusals(member));
            boolean probe = panic && member.ejection().phase == Phase.PROBED;
            candidates.add(new Candidate(member.endpoint(), member.load(), member.ejection(), weight, probe, counter));
        }
        return candidates;
    }

    private List<Candidate> probes(List<Member> members) {
        InFlightTotal counter = total;
        List<Candidate> probes = new ArrayList<>(members.size());
        for (Member member : members) {
            probes.add(new Candidate(
                    member.endpoint(), member.load(), member.ejection(), WeightFactors.FULL, true, counter));
        }
        return probes;
    }
}
