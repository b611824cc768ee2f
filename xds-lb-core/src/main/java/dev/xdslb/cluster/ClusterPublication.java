/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ClientSubset;
import dev.xdslb.policy.Member;
import dev.xdslb.policy.PolicyChain;
import dev.xdslb.policy.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a cluster's picker is made of, and the newest picker: members, status, the policies' state and the settings in use.
 *
 * <p><b>Writers:</b> the source's thread (snapshots), the tick, the fallback's thread, whoever changes the settings, and a request's
 * thread when the outcome ejects an endpoint or brings one back. They take the lock, change one of these, and publish one
 * new {@link ClusterPicker} by a volatile write; the listeners are told after the lock is given back. Foreign code is called with
 * the lock held where the strategy makes pickers, for a bounded time, and nowhere else. <b>Readers:</b> every pick, without a lock. A
 * pick that runs beside a publication may still use the state before it.
 */
final class ClusterPublication {
    private static final Logger log = LoggerFactory.getLogger(ClusterPublication.class);

    private final Cluster cluster;
    private final ClusterContext context;
    private final InFlightRequests requests;
    private final ClusterPolicy policy;
    private final ClusterListeners listeners;
    private final StrategyCalls strategyCalls;
    private final FaultBoundary faults;

    private final Object lock = new Object();
    private volatile PolicyChain policies; // one for each time awake; written under lock
    private final DrainedEndpoints drained; // changed under lock
    private List<Endpoint> told = List.of(); // by the source, before the drains; guarded by lock
    private UsedEndpoints used; // guarded by lock
    private volatile MemberTable members; // written under lock
    private volatile ClusterStatus status; // written under lock
    private volatile ClusterPicker picker; // written under lock
    private volatile boolean outdated; // the strategy made no picker of what there is; written under lock
    private volatile @Nullable PickSamples samples; // null where picks are not sampled; written under lock

    /**
     * Makes one without members; {@link #begin} is to follow.
     *
     * @param faults around what fails here and is not the strategy's
     */
    @SuppressWarnings("NullAway.Init") // picker: made by begin()
    ClusterPublication(
            Cluster cluster,
            ClusterContext context,
            ClusterPolicy policy,
            InFlightRequests requests,
            FaultBoundary faults,
            ClusterStatus status) {
        this.cluster = cluster;
        this.context = context;
        this.policy = policy;
        this.requests = requests;
        this.faults = faults;
        this.listeners = new ClusterListeners(cluster.resource(), context.faults());
        this.strategyCalls = new StrategyCalls(cluster.resource(), context);
        this.status = status;
        this.drained = new DrainedEndpoints(cluster.resource(), context.nanoClock(), context.wallClock());
        policy.needs(requests);
        this.policies = newPolicies();
        this.used = newUsed();
        this.members = new MemberTable(policy.settings().subset());
    }

    /** Makes the first picker. The cluster must be able to answer what a picker asks it. */
    void begin() {
        picker = new ClusterPicker(cluster, status, members, samples);
    }

    ClusterPicker picker() {
        return picker;
    }

    ClusterStatus status() {
        return status;
    }

    MemberTable members() {
        return members;
    }

    PolicyChain policies() {
        return policies;
    }

    @Nullable
    PickSamples samples() {
        return samples;
    }

    StrategyCalls strategyCalls() {
        return strategyCalls;
    }

    ClusterListeners listeners() {
        return listeners;
    }

    /** Returns whether the strategy failed to make the newest picker, so that it is to be asked again. */
    boolean isOutdated() {
        return outdated;
    }

    boolean isListenedTo() {
        return !listeners.isEmpty();
    }

    boolean hasRequests() {
        for (Member member : members.all()) {
            if (member.load().inFlight() > 0) {
                return true;
            }
        }
        return false;
    }

    /** Makes a route over some members as they are now. Where the strategy fails, it is one whose picks say so. */
    Route route(List<Member> some, Predicate<Endpoint> usable) {
        return strategyCalls.route(policies.plan(some, usable), policy.settings());
    }

    /**
     * Replaces what the picker is made of; {@link #tellListeners} is to be called after it.
     *
     * @param endpoints null where they are the same as before
     */
    void replace(@Nullable List<Endpoint> endpoints, ClusterStatus newStatus) {
        synchronized (lock) {
            if (endpoints != null) {
                told = endpoints;
                drain();
            }
            status = newStatus;
            replacePicker();
        }
    }

    /** Gives back the members' load, and forgets what was learnt. */
    void giveBack(ClusterStatus newStatus) {
        synchronized (lock) {
            told = List.of();
            used = newUsed();
            choose();
            policies = newPolicies();
            status = newStatus;
            samples = endless(samples); // no tick would end those that are timed
            replacePicker();
        }
    }

    /**
     * Takes settings into use where they are others than those in use.
     *
     * @param publish whether a picker is to be made of them now
     */
    void settings(ClusterPolicy.Answer answer, boolean publish) {
        synchronized (lock) {
            ClusterSettings before = policy.settings();
            if (!policy.use(answer) || policy.settings().picksLike(before)) {
                return;
            }
            useSettings();
            if (publish) {
                replacePicker();
            }
        }
        if (publish) {
            tellListeners();
        }
    }

    /**
     * Puts a strategy over the settings.
     *
     * @throws IllegalArgumentException when the settings do not go together with it
     */
    void override(StrategyOverride override) {
        synchronized (lock) {
            if (!policy.override(override)) {
                return;
            }
            useSettings();
            replacePicker();
        }
        tellListeners();
    }

    /**
     * Takes away what was put over the settings.
     *
     * @param ends asked about it with the lock held, so that one that was put there just now is not taken for the one before
     * @return whether anything was taken away
     */
    boolean endOverride(Predicate<StrategyOverride> ends) {
        synchronized (lock) {
            StrategyOverride present = policy.override();
            if (present == null || !ends.test(present)) {
                return false;
            }
            if (policy.override(null)) {
                useSettings();
                replacePicker();
            }
        }
        tellListeners();
        return true;
    }

    /** Lock held. A picker is to be made. */
    private void useSettings() {
        policy.needs(requests);
        policies.settings(policy.settings().policy(), requests.total());
        members = members.routedBy(policy.settings().subset());
        used.settings(policy.settings());
        drain();
    }

    /**
     * Drains an endpoint.
     *
     * @throws IllegalArgumentException when there is no such endpoint
     * @throws IllegalStateException when no other endpoint could take its requests
     */
    void drain(EndpointKey endpoint, Duration time) {
        synchronized (lock) {
            drained.drain(endpoint, time, told, policy.settings().subset());
            drain();
            replacePicker();
        }
        tellListeners();
    }

    /** Lets an endpoint get requests again; returns whether it was drained. */
    boolean undrain(EndpointKey endpoint) {
        synchronized (lock) {
            if (!drained.undrain(endpoint)) {
                return false;
            }
            drain();
            replacePicker();
        }
        tellListeners();
        return true;
    }

    /** Returns the endpoints that get no request because they are drained. Waits for nobody. */
    Map<EndpointKey, Instant> drained() {
        return drained.obeyed();
    }

    /** Returns all endpoints that are drained, whether that is obeyed or not. Waits for nobody. */
    Map<EndpointKey, Instant> drains() {
        return drained.all();
    }

    /** Ends what an operator has changed and what is due. */
    void endOverrides() {
        long now = context.nanoClock().getAsLong();
        if (endOverride(override -> override.term().isOver(now))) {
            log.info(
                    "{}: the strategy is {} again",
                    cluster.resource(),
                    policy.settings().strategyName());
        }
        endSampling(sampled -> sampled.endInTime(now));
        synchronized (lock) {
            if (!drained.endDue()) {
                return;
            }
            drain();
            replacePicker();
        }
        tellListeners();
    }

    /** Looks anew which endpoints are drained, and chooses among all. Lock held. A picker is to be made. */
    private void drain() {
        used.published(drained.over(told, policy.settings().subset()));
        policies.drained(drained.obeyed());
        choose();
    }

    /**
     * Samples picks for the application, without end, or, where this is null, not any more. Where picks are sampled for a while, that comes
     * first.
     */
    void samples(@Nullable PickSamples endless) {
        synchronized (lock) {
            PickSamples present = samples;
            if (present != null && present.isTimed()) {
                present.over(endless);
                return;
            }
            samples = endless;
            replacePicker();
        }
        tellListeners();
    }

    /** Samples picks for a while, over what the application samples. */
    void sampleForAWhile(PickSamples timed) {
        synchronized (lock) {
            timed.over(endless(samples));
            samples = timed;
            replacePicker();
        }
        tellListeners();
    }

    /**
     * Drops samples that are taken for a while, and goes back to what the application samples.
     *
     * @param ends asked about them with the lock held
     * @return whether there were any and they are dropped
     */
    boolean endSampling(Predicate<PickSamples> ends) {
        synchronized (lock) {
            PickSamples present = samples;
            if (present == null || !present.isTimed() || !ends.test(present)) {
                return false;
            }
            samples = endless(present);
            replacePicker();
        }
        tellListeners();
        return true;
    }

    private static @Nullable PickSamples endless(@Nullable PickSamples any) {
        return any != null && any.isTimed() ? any.under() : any;
    }

    /** Lets the policies learn how a request ended. */
    void onOutcome(Candidate candidate, Outcome outcome) {
        boolean decides = outcome.isFailure() || candidate.isProbe();
        if (decides && policies.onOutcome(candidate, outcome, members.standIns(candidate.endpoint()))) {
            republish();
        }
    }

    /** Lets the policies learn that a request was refused. */
    void onRefused(Candidate candidate, Duration retryAfter) {
        if (policies.onRefused(candidate, retryAfter, members.standIns(candidate.endpoint()))) {
            republish();
        }
    }

    void republish() {
        synchronized (lock) {
            replacePicker();
        }
        tellListeners();
    }

    void tellListeners() {
        listeners.tell();
    }

    /** Looks whether the client is to use other endpoints now: members have failed, or its fellow clients are more or fewer. */
    void slowTick() {
        synchronized (lock) {
            if (!choose()) {
                return;
            }
            replacePicker();
        }
        tellListeners();
    }

    /** Chooses among the endpoints that are published; returns whether the choice is another one. Lock held. */
    @SuppressWarnings("ReferenceEquality") // the same choice is the same object, and may be of thousands
    private boolean choose() {
        MemberTable present = members;
        ClientSubset chosen = used.choose(present::find);
        if (chosen == present.clientSubset()) {
            return false;
        }
        members =
                present.replacedBy(chosen, context.loads(), context.wallClock().instant());
        return true;
    }

    private UsedEndpoints newUsed() {
        return new UsedEndpoints(cluster.resource(), context, policy.settings());
    }

    private PolicyChain newPolicies() {
        PolicyChain made = new PolicyChain(
                policy.settings().policy(),
                context.place(),
                context.nanoClock(),
                context.wallClock(),
                context.random(),
                requests.total());
        made.drained(drained.obeyed());
        return made;
    }

    /**
     * Replaces the picker by one of the present members and status. Lock held; the listeners are told after it. A strategy
     * is somebody else's code: where it fails, the last picker stays in use, as long as it has an endpoint that is still there.
     */
    private void replacePicker() {
        try {
            ClusterPicker next = new ClusterPicker(cluster, status, members, samples);
            outdated = next.isFailing();
            if (!outdated || !isOfUse(picker)) {
                picker = next;
            }
        } catch (Throwable e) { // not the strategy: that one's failure is in the picker
            faults.failed(e);
        }
    }

    private boolean isOfUse(ClusterPicker last) {
        if (last.isFailing()) {
            return false;
        }
        Set<EndpointKey> present = new HashSet<>();
        for (Member member : members.all()) {
            if (member.endpoint().health().receivesRequests()) {
                present.add(member.endpoint().key());
            }
        }
        for (Pool group : last.plan().groups()) {
            for (int i = 0; i < group.size(); i++) {
                if (present.contains(group.get(i).endpoint().key())) {
                    return true;
                }
            }
        }
        return false;
    }
}
