/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.cluster.ClusterStatus.State;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.load.RequestState;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ClientPlace;
import dev.xdslb.policy.ConnectionResult;
import dev.xdslb.policy.Member;
import dev.xdslb.policy.Plan;
import dev.xdslb.policy.PolicyChain;
import dev.xdslb.policy.Pool;
import dev.xdslb.policy.ZoneSettings.Affinity;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * One service's live state: what the source says, what this process measures, and the picker made of both.
 *
 * <p>It lives as long as somebody has it, and is awake as long as somebody uses it. Asleep it watches nothing and holds nothing;
 * {@link #isSettled()}, {@link #settled()}, {@link #onPublish} and a pick wake it, and it begins as on the first day. Whoever asks
 * {@link #isSettled()} before each pick, and waits for {@link #settled()} where it has not, never notices.
 *
 * <p><b>Writers:</b> the source's thread (snapshots), the registry's tick, the fallback's thread, whoever changes the settings,
 * and a request's thread when the request's outcome ejects an endpoint or brings one back, or when it wakes the cluster. They
 * take the lock, change the members, the settings or the status, and publish one new {@link ClusterPicker} by a volatile write;
 * who wakes it or puts it to sleep takes the lock {@code turning} around that. Foreign code is called with {@code lock} held
 * where the strategy makes pickers, and nowhere else. <b>Readers:</b> every pick, without a lock. A pick that runs beside a
 * publication may still use the state before it.
 */
@API(status = API.Status.STABLE)
public final class Cluster implements AutoCloseable {
    private final String resource;
    private final ClusterContext context;
    private final InFlightRequests requests;
    private final ClusterListeners listeners;
    private final ClusterPolicy policy;
    private final UnservedZone unservedZone;
    private final FaultBoundary strategyFaults;
    private final FaultBoundary tickFaults;
    private final FaultBoundary checkFaults;

    private final Object turning = new Object(); // taken before lock, never after it
    private volatile boolean asleep = true; // written under turning
    private volatile boolean closed; // written under turning
    private volatile boolean used; // set by picks, taken back by the slow tick and where it cannot wake
    private volatile long lastUsed; // nanoseconds of the clock; written by the slow tick, and under turning

    private final Object lock = new Object();
    private volatile EndpointFeed feed; // one for each time awake; written under both
    private volatile PolicyChain policies; // one for each time awake; written under lock
    private volatile MemberTable members; // written under lock
    private volatile ClusterStatus status; // written under lock
    private volatile ClusterPicker picker; // written under lock
    private volatile @Nullable PickSamples samples; // null where picks are not sampled; written under lock

    /** Makes a cluster that sleeps. Asks for its settings. */
    Cluster(String resource, ClusterContext context) {
        this.resource = resource;
        this.context = context;
        this.requests = new InFlightRequests(resource, context.nanoClock());
        this.listeners = new ClusterListeners(resource, context.faults());
        this.policy = new ClusterPolicy(resource, context.settings(), context.faults());
        this.unservedZone = new UnservedZone(resource);
        this.strategyFaults = context.faults()
                .boundary(
                        resource + ": its strategy", "the last picker stays in use as far as its endpoints are there");
        this.tickFaults = context.faults().boundary(resource + ": its tick", "it goes on");
        this.checkFaults = context.faults().boundary(resource + ": checking connections", "nothing is known of them");
        policy.needs(requests);
        this.policies = newPolicies();
        this.feed = new EndpointFeed(this, context);
        this.feed.close();
        this.status = new ClusterStatus(State.WAITING, context.sourceName() + " was not asked yet");
        this.members = new MemberTable(List.of(), settings().subset());
        this.picker = new ClusterPicker(this, status, members, samples);
    }

    /** Returns the name that the source is asked for. */
    public String resource() {
        return resource;
    }

    /** Returns how it is balanced. */
    public ClusterSettings settings() {
        return policy.settings();
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
     * known that neither can. Takes {@link ClusterSettings#initialFetchTimeout()} at most, whatever the source and the fallback
     * do; what they answer later is used all the same. Whoever waits is told on a thread that is his for as long as he likes.
     */
    public CompletionStage<Void> settled() {
        use();
        return feed.settled();
    }

    /** Returns whether {@link #settled()} has completed, or is about to. */
    public boolean isSettled() {
        use();
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
    @API(status = API.Status.INTERNAL)
    public long begin(Candidate candidate) {
        return requests.begin(candidate);
    }

    /** Counts a stream as in flight like {@link #streamLease}, without an object: see {@link #begin}. */
    @API(status = API.Status.INTERNAL)
    public long beginStream(Candidate candidate) {
        return requests.beginStream(candidate);
    }

    /**
     * Counts that a request has come further, for a caller without a lease. Nobody checks that this happens once for each change.
     *
     * @param before what {@link #begin} or {@link #beginStream} returned for this candidate, or the state after a change
     * @param after what {@link RequestState} says that follows
     */
    @API(status = API.Status.INTERNAL)
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
    @API(status = API.Status.INTERNAL)
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
    @API(status = API.Status.INTERNAL)
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
    @API(status = API.Status.INTERNAL)
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
        replaceSamples(new PickSamples(oneIn, keep, context.random()));
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

    /**
     * Runs an action after each new picker, on the publishing thread; it must be quick. While it is registered, the cluster does
     * not sleep.
     */
    public Registration onPublish(Runnable listener) {
        Registration registration = listeners.add(listener);
        used = true;
        if (asleep) {
            wake(true);
        }
        return registration;
    }

    /** Stops watching the service, for good. Leases that are open can still be ended. */
    @Override
    @API(status = API.Status.INTERNAL)
    public void close() {
        EndpointFeed ended;
        synchronized (turning) {
            closed = true;
            asleep = true;
            ended = feed;
        }
        context.roster().forget(this);
        ended.close();
        giveBack(new ClusterStatus(State.UNAVAILABLE, context.sourceName() + " is not asked: the cluster is closed"));
    }

    /** Says that it is in use. Called by every pick: one volatile read, and one write for each half second. */
    void markUsed() {
        if (!used) {
            used = true;
            if (asleep) {
                wake(false);
            }
        }
    }

    /** Says that it is in use, and makes sure that it is awake, if it can be. */
    void use() {
        markUsed();
        if (asleep) {
            wake(false);
        }
    }

    private void wake(boolean always) {
        EndpointFeed begun;
        synchronized (turning) {
            if (!asleep || closed) {
                return;
            }
            String refusal = context.roster().admit(this, always);
            if (refusal != null) {
                used = false; // the next use tries again
                giveBack(new ClusterStatus(
                        State.UNAVAILABLE, context.sourceName() + " is not asked for it: " + refusal));
                return;
            }
            lastUsed = context.nanoClock().getAsLong();
            begun = new EndpointFeed(this, context);
            synchronized (lock) {
                feed = begun;
                status = begun.waiting();
                replacePicker();
            }
            asleep = false; // after the feed: who sees it awake must not see the settled one of before
        }
        context.roster().letGo();
        begun.start();
    }

    /**
     * Gives everything back: the subscription, the members' load, what was learnt. Not where somebody uses it.
     *
     * @return whether it sleeps
     */
    boolean sleep() {
        EndpointFeed ended;
        synchronized (turning) {
            if (asleep) {
                return true;
            }
            asleep = true; // before the look: whoever uses it now either is seen here or sees that it sleeps
            if (used || isListenedTo()) {
                asleep = false;
                return false;
            }
            ended = feed;
            ended.end();
            giveBack(new ClusterStatus(
                    State.WAITING, context.sourceName() + " is asked again: nobody had used the cluster for a while"));
        }
        ended.close();
        return true;
    }

    private void giveBack(ClusterStatus newStatus) {
        synchronized (lock) {
            members = members.replacedBy(
                    List.of(), context.loads(), context.wallClock().instant());
            policies = newPolicies();
            status = newStatus;
            replacePicker();
        }
        strategyFaults.forget();
        tickFaults.forget();
        checkFaults.forget();
        policy.forgetFaults();
    }

    /** Returns whether the configuration names it, so that it never sleeps. */
    boolean isConfigured() {
        return policy.isConfigured();
    }

    boolean isListenedTo() {
        return !listeners.isEmpty();
    }

    boolean isUsedNow() {
        return used;
    }

    boolean hasMembers() {
        return !members.all().isEmpty();
    }

    /** Returns when it was last seen in use, in nanoseconds of the clock. */
    long lastUsed() {
        return lastUsed;
    }

    /** Lets the slow tick look whether it is in use: picked from, listened to, waited for, or with requests in flight. */
    void lookWhetherUsed(long now) {
        boolean picked = used;
        if (picked) { // a use that comes just now is not to be taken back unseen
            used = false;
        }
        if (picked || isListenedTo() || !feed.isSettled() || hasRequests()) {
            lastUsed = now;
        }
    }

    private boolean hasRequests() {
        for (Member member : members.all()) {
            if (member.load().inFlight() > 0) {
                return true;
            }
        }
        return false;
    }

    /** Lets a tenth of a second pass. Throws nothing. */
    void tick() {
        requests.tick();
        tickFaults.run(() -> {
            PolicyChain chain = policies;
            List<Member> present = members.all();
            for (Member member : chain.connectionsToCheck(present)) {
                startCheck(chain, member);
            }
            if (chain.tick(present)) {
                republish();
            }
        });
    }

    private void startCheck(PolicyChain chain, Member member) {
        try {
            context.connectionCheck().start(member.endpoint(), result -> chain.onConnectionChecked(member, result));
            checkFaults.worked();
        } catch (Throwable e) { // no thread to be had, say: known is nothing
            chain.onConnectionChecked(member, ConnectionResult.UNKNOWN);
            checkFaults.failed(e);
        }
    }

    /** Lets half a second pass: ends ejections, changes weights, gives up waiting, asks the fallback again. Throws nothing. */
    void slowTick() {
        tickFaults.run(() -> {
            MemberTable present = members;
            if (policies.slowTick(present.all(), present.subsets())) {
                republish();
            }
            ClientPlace place = context.place();
            if (settings().policy().zones().affinity() != Affinity.OFF && place.isZoneGiven()) {
                unservedZone.look(place.zone(), present.all());
            }
        });
        tickFaults.run(feed::slowTick);
    }

    /** Learns what the source says about the policy of the service. A picker is made when its endpoints are there. */
    void policy(ServicePolicy newPolicy) {
        if (policy.said(newPolicy)) {
            askForSettings(false);
        }
    }

    /** Asks for the settings anew and takes them into use where they are others. */
    void settingsChanged() {
        policy.lookWhetherConfigured();
        askForSettings(true);
    }

    private void askForSettings(boolean publish) {
        ClusterPolicy.Answer answer = policy.ask();
        if (answer == null) {
            return;
        }
        synchronized (lock) {
            ClusterSettings before = settings();
            if (!policy.use(answer) || answer.settings().picksLike(before)) {
                return;
            }
            policy.needs(requests);
            policies.settings(settings().policy(), requests.total());
            members = members.routedBy(settings().subset());
            if (publish) {
                replacePicker();
            }
        }
        if (publish) {
            tellListeners();
        }
    }

    private PolicyChain newPolicies() {
        return new PolicyChain(
                settings().policy(),
                context.place(),
                context.nanoClock(),
                context.wallClock(),
                context.random(),
                requests.total());
    }

    /** Makes a route over some members as they are now. Where the strategy fails, it is one whose picks say so. */
    Route route(List<Member> some, Predicate<Endpoint> usable) {
        ClusterSettings present = settings();
        Plan plan = policies.plan(some, usable);
        int maxInFlight = present.policy().limits().maxInFlightPerEndpoint();
        try {
            Route route = new Route(plan, present.strategy(), maxInFlight);
            strategyFaults.worked();
            return route;
        } catch (Throwable e) {
            strategyFaults.failed(e);
            return new Route(plan, new FailedStrategy(resource, present.strategy(), e), maxInFlight);
        }
    }

    /** Counts that the strategy failed in a pick, and returns what the request is to be told. */
    StrategyException pickFailed(Throwable failure) {
        strategyFaults.failed(failure);
        return new StrategyException(resource, FailedStrategy.nameOf(settings().strategy()), failure);
    }

    Instant now() {
        return context.wallClock().instant();
    }

    RandomGenerator random() {
        return context.random();
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
                members = members.replacedBy(
                        endpoints, context.loads(), context.wallClock().instant());
            }
            status = newStatus;
            replacePicker();
        }
    }

    void tellListeners() {
        listeners.tell();
    }

    private void onOutcome(Candidate candidate, Outcome outcome) {
        boolean decides = outcome.isFailure() || candidate.isProbe();
        if (decides && policies.onOutcome(candidate, outcome, members.standIns(candidate.endpoint()))) {
            republish();
        }
    }

    /**
     * Replaces the picker by one of the present members and status. Lock held; the listeners are told after it. A strategy
     * is somebody else's code: where it fails, the last picker stays in use, as long as it has an endpoint that is still there.
     */
    private void replacePicker() {
        try {
            ClusterPicker next = new ClusterPicker(this, status, members, samples);
            if (!next.isFailing() || !isOfUse(picker)) {
                picker = next;
            }
        } catch (Throwable e) { // not the strategy: that one's failure is in the picker
            tickFaults.failed(e);
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
