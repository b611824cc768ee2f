/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Lease;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.load.Outcome;
import dev.xdslb.load.RequestState;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ClientPlace;
import dev.xdslb.policy.ConnectionResult;
import dev.xdslb.policy.Member;
import dev.xdslb.policy.PolicyChain;
import dev.xdslb.policy.ZoneSettings.Affinity;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One service's live state: what the source says, what this process measures, and the picker made of both.
 *
 * <p><b>Writers:</b> the source's thread (snapshots), the registry's tick, the fallback's thread, and a request's thread
 * when the request's outcome ejects an endpoint or brings one back. They take the lock, change the members or the
 * status, and publish one new {@link ClusterPicker} by a volatile write. <b>Readers:</b> every pick, without a lock. A
 * pick that runs beside a publication may still use the state before it.
 */
public final class Cluster implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Cluster.class);

    private final String resource;
    private final ClusterSettings settings;
    private final LoadRegistry loads;
    private final InstantSource wallClock;
    private final RandomGenerator random;
    private final InFlightRequests requests;
    private final PolicyChain policies;
    private final ConnectionCheck connectionCheck;
    private final ClientPlace place;
    private final UnservedZone unservedZone;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final EndpointFeed feed;
    private final EndpointSource.Subscription subscription;

    private final Object lock = new Object();
    private volatile MemberTable members; // written under lock
    private volatile ClusterStatus status; // written under lock, by the feed only
    private volatile ClusterPicker picker; // written under lock
    private volatile @Nullable PickSamples samples; // null where picks are not sampled; written under lock

    Cluster(
            String resource,
            ClusterSettings settings,
            EndpointSource source,
            ClientPlace place,
            LoadRegistry loads,
            LongSupplier nanoClock,
            InstantSource wallClock,
            RandomGenerator random,
            Executor fallbackExecutor,
            ConnectionCheck connectionCheck) {
        this.resource = resource;
        this.settings = settings;
        this.loads = loads;
        this.wallClock = wallClock;
        this.random = random;
        this.requests = new InFlightRequests(resource, settings, nanoClock);
        this.policies = new PolicyChain(settings.policy(), place, nanoClock, wallClock, random, requests.total());
        this.connectionCheck = connectionCheck;
        this.place = place;
        this.unservedZone = new UnservedZone(resource);
        this.feed = new EndpointFeed(this, source.description(), fallbackExecutor, nanoClock);
        this.status = feed.waiting();
        this.members = new MemberTable(List.of(), settings.subset());
        this.picker = new ClusterPicker(this, status, members, samples);
        this.subscription = source.subscribe(resource, feed);
    }

    /** Returns the name that the source is asked for. */
    public String resource() {
        return resource;
    }

    /** Returns how it is balanced. */
    public ClusterSettings settings() {
        return settings;
    }

    /** Returns the newest picker. */
    public ClusterPicker picker() {
        return picker;
    }

    /** Returns where the endpoints come from. */
    public ClusterStatus status() {
        return status;
    }

    /** Returns every known endpoint, ready or not. */
    public List<Endpoint> endpoints() {
        return members.all().stream().map(Member::endpoint).toList();
    }

    /**
     * Completes, never exceptionally, as soon as it makes sense to pick: the source or the fallback has answered, or it is
     * known that neither can. Takes {@link ClusterSettings#initialFetchTimeout()} at most.
     */
    public CompletionStage<Void> settled() {
        return feed.settled();
    }

    /** Returns whether {@link #settled()} has completed. */
    public boolean isSettled() {
        return feed.isSettled();
    }

    /**
     * Counts a request to a candidate that {@link ClusterPicker#pick} returned as in flight. The lease must be ended; how it
     * ended decides whether the endpoint is trusted further.
     */
    public Lease lease(Candidate candidate) {
        return new CandidateLease(this, candidate, begin(candidate));
    }

    /** Counts a stream to a candidate as in flight, like {@link #lease}; how long it lasts counts for nothing. */
    public Lease streamLease(Candidate candidate) {
        return new CandidateLease(this, candidate, beginStream(candidate));
    }

    /**
     * Counts a request as in flight like {@link #lease}, without an object: for a caller that keeps one of its own per
     * request, and that is told the request's end exactly once.
     *
     * @return what {@link #end} is to be told
     */
    public long begin(Candidate candidate) {
        return requests.begin(candidate);
    }

    /** Counts a stream as in flight like {@link #streamLease}, without an object: see {@link #begin}. */
    public long beginStream(Candidate candidate) {
        return requests.beginStream(candidate);
    }

    /**
     * Counts that a request has come further, for a caller without a lease. Nobody checks that this happens once for each change.
     *
     * @param before what {@link #begin} or {@link #beginStream} returned for this candidate, or the state after a change
     * @param after what {@link RequestState} says that follows
     */
    public void advance(Candidate candidate, long before, long after) {
        if (requests.advance(candidate, before, after)) {
            onOutcome(candidate, Outcome.SUCCESS);
        }
    }

    /**
     * Counts out what was counted in. Nobody checks that this happens once.
     *
     * @param last what {@link #begin} or {@link #beginStream} returned for this candidate, or the state after the last change
     */
    public void end(Candidate candidate, long last, Outcome outcome) {
        if (outcome == Outcome.REFUSED) {
            endRefused(candidate, last, Duration.ZERO);
            return;
        }
        Outcome judged = outcome == Outcome.CANCELLED && RequestState.awaitsAnswer(last)
                ? policies.outcomeOfGivenUp(candidate, last)
                : outcome;
        onOutcome(candidate, requests.end(candidate, last, judged));
    }

    /**
     * Counts out a request that its caller gave up before the first byte of a body came that the headers had promised: a time-out
     * where the endpoint was given much longer than is usual, and a success otherwise.
     */
    public void endSilent(Candidate candidate, long last) {
        Outcome judged =
                RequestState.isUnbounded(last) ? Outcome.CANCELLED : policies.outcomeOfGivenUp(candidate, last);
        onOutcome(candidate, requests.end(candidate, last, judged));
    }

    /**
     * Counts out a request that was {@link Outcome#REFUSED}.
     *
     * @param retryAfter for how long the endpoint asked to be left alone, zero or less where it did not. It is obeyed up to half a
     *     minute, for up to half of the endpoints, and while the others do not refuse as well
     */
    public void endRefused(Candidate candidate, long last, Duration retryAfter) {
        onOutcome(candidate, requests.end(candidate, last, Outcome.REFUSED));
        if (policies.onRefused(candidate, retryAfter, members.standIns(candidate.endpoint()))) {
            republish();
        }
    }

    /** Explains what a pick for this request would do now, as {@link ClusterPicker#explain} does. */
    public PickExplanation explain(RequestAttributes request) {
        return picker.explain(request);
    }

    /**
     * Begins to explain some of the picks, of this cluster's picker and of those restricted from it. Samples from before are
     * dropped. A pick that is not explained costs a random number more.
     *
     * @param oneIn how many picks there are for each that is explained, which are chosen by chance; at least 1
     * @param keep how many explanations are kept, at least 1; the newest replaces the oldest
     */
    public void startSampling(int oneIn, int keep) {
        replaceSamples(new PickSamples(oneIn, keep, random));
    }

    /** Explains no pick any more, and drops the samples. */
    public void stopSampling() {
        replaceSamples(null);
    }

    /** Returns the explanations of the last picks that were sampled, newest first; none where sampling was not started. */
    public List<PickExplanation> samples() {
        PickSamples present = samples;
        return present == null ? List.of() : present.newestFirst();
    }

    /** Runs an action after each new picker, on the publishing thread; it must be quick and must not throw. */
    public Registration onPublish(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Stops watching the service. Leases that are open can still be ended. */
    @Override
    public void close() {
        subscription.close();
        feed.close();
        synchronized (lock) {
            members = members.replacedBy(List.of(), loads, wallClock.instant());
        }
    }

    /** Lets a tenth of a second pass. */
    void tick() {
        requests.tick();
        List<Member> present = members.all();
        for (Member member : policies.connectionsToCheck(present)) {
            startCheck(member);
        }
        if (policies.tick(present)) {
            republish();
        }
    }

    private void startCheck(Member member) {
        try {
            connectionCheck.start(member.endpoint(), result -> policies.onConnectionChecked(member, result));
        } catch (Throwable e) { // no thread to be had, say: known is nothing
            policies.onConnectionChecked(member, ConnectionResult.UNKNOWN);
            log.warn(
                    "{}: the connection to {} could not be checked",
                    resource,
                    member.endpoint().address(),
                    e);
        }
    }

    /** Lets half a second pass: ends ejections, changes weights, gives up waiting, asks the fallback again. */
    void slowTick() {
        MemberTable present = members;
        if (policies.slowTick(present.all(), present.subsets())) {
            republish();
        }
        if (settings.policy().zones().affinity() != Affinity.OFF && place.isZoneGiven()) {
            unservedZone.look(place.zone(), present.all());
        }
        feed.slowTick();
    }

    /** Makes a route over some members as they are now. */
    Route route(List<Member> some, Predicate<Endpoint> usable) {
        return new Route(
                policies.plan(some, usable),
                settings.strategy(),
                settings.policy().limits().maxInFlightPerEndpoint());
    }

    Instant now() {
        return wallClock.instant();
    }

    RandomGenerator random() {
        return random;
    }

    InFlightRequests requests() {
        return requests;
    }

    /**
     * Replaces what the picker is made of; {@link #tellListeners} is to be called after it. Called by the feed only.
     *
     * @param endpoints null where they are the same as before
     */
    void replace(@Nullable List<Endpoint> endpoints, ClusterStatus newStatus) {
        synchronized (lock) {
            if (endpoints != null) {
                members = members.replacedBy(endpoints, loads, wallClock.instant());
            }
            status = newStatus;
            replacePicker();
        }
    }

    void tellListeners() {
        for (Runnable listener : listeners) {
            listener.run();
        }
    }

    private void onOutcome(Candidate candidate, Outcome outcome) {
        boolean decides = outcome.isFailure() || candidate.isProbe();
        if (decides && policies.onOutcome(candidate, outcome, members.standIns(candidate.endpoint()))) {
            republish();
        }
    }

    /**
     * Replaces the picker by one of the present members and status. Lock held; the listeners are told after it. A strategy
     * is somebody else's code: where it fails, the last picker stays in use.
     */
    private void replacePicker() {
        try {
            picker = new ClusterPicker(this, status, members, samples);
        } catch (RuntimeException e) {
            log.error(
                    "{}: strategy {} made no picker; the last one stays in use",
                    resource,
                    settings.strategy().name(),
                    e);
        }
    }

    private void republish() {
        synchronized (lock) {
            replacePicker();
        }
        tellListeners();
    }

    private void replaceSamples(@Nullable PickSamples newSamples) {
        synchronized (lock) {
            samples = newSamples;
            replacePicker();
        }
        tellListeners();
    }

    /** What a registration returns that can be taken back. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
