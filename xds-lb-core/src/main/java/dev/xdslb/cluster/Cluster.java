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
import dev.xdslb.policy.Member;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * One service's live state: what the source says, what this process measures, and the picker made of both.
 *
 * <p>It lives as long as somebody has it, and is awake as long as somebody uses it. Asleep it watches nothing and holds nothing;
 * {@link #isSettled()}, {@link #settled()}, {@link #onPublish} and a pick wake it, and it begins as on the first day. Whoever asks
 * {@link #isSettled()} before each pick, and waits for {@link #settled()} where it has not, never notices.
 *
 * <p>Thread-safe, and without state of its own: {@link Wakefulness} says whether it is awake, {@link ClusterPolicy} what it is set
 * to, {@link ClusterPublication} what is picked from, {@link InFlightRequests} what is in flight. Each says who writes and who reads.
 */
@API(status = API.Status.STABLE)
public final class Cluster implements AutoCloseable {
    private final String resource;
    private final ClusterContext context;
    private final InFlightRequests requests;
    private final ClusterPolicy policy;
    private final ClusterPublication publication;
    private final Wakefulness wakefulness;
    private final ClusterTick tick;
    private final RetryBudget retryBudget;
    private final ClusterOverrides overrides;

    /** Makes a cluster that sleeps. Asks for its settings. */
    Cluster(String resource, ClusterContext context) {
        this.resource = resource;
        this.context = context;
        this.requests = new InFlightRequests(
                resource, context.nanoClock(), context.loads().maxLeaseAge());
        this.policy = new ClusterPolicy(resource, context.settings(), context.faults());
        FaultBoundary tickFaults = context.faults().boundary(resource + ": its tick", "it goes on");
        this.publication = new ClusterPublication(
                this,
                context,
                policy,
                requests,
                tickFaults,
                new ClusterStatus(State.WAITING, context.sourceName() + " was not asked yet"));
        this.wakefulness = new Wakefulness(this, context, publication);
        this.tick = new ClusterTick(this, context, publication, tickFaults);
        this.retryBudget = new RetryBudget(this, context.nanoClock());
        this.overrides = new ClusterOverrides(publication, policy, context);
        publication.begin();
    }

    /** Returns the name that the source is asked for. */
    public String resource() {
        return resource;
    }

    /** Returns how it is balanced. */
    public ClusterSettings settings() {
        return policy.settings();
    }

    /** Returns what the Service says of how it is to be balanced, as far as that is known; the settings may say otherwise. */
    @API(status = API.Status.EXPERIMENTAL)
    public ServicePolicy servicePolicy() {
        return policy.said();
    }

    /** Returns how many retries may still be sent to the service; the same one for as long as the cluster is there. */
    @API(status = API.Status.EXPERIMENTAL)
    public RetryBudget retryBudget() {
        return retryBudget;
    }

    /** Returns what an operator has changed about it in this process. */
    @API(status = API.Status.INTERNAL)
    public ClusterOverrides overrides() {
        return overrides;
    }

    /** Returns the newest picker. */
    public ClusterPicker picker() {
        return publication.picker();
    }

    /** Returns where the endpoints come from. */
    public ClusterStatus status() {
        return publication.status();
    }

    /** Returns every known endpoint, ready or not, whether this client uses it or not. */
    public List<Endpoint> endpoints() {
        MemberTable members = publication.members();
        return Stream.concat(members.all().stream().map(Member::endpoint), members.clientSubset().outside().stream())
                .toList();
    }

    /**
     * Completes, never exceptionally, as soon as it makes sense to pick: the source or the fallback has answered, or it is
     * known that neither can. Takes {@link ClusterSettings#initialFetchTimeout()} at most, whatever the source and the fallback
     * do; what they answer later is used all the same. Whoever waits is told on a thread that is his for as long as he likes.
     */
    public CompletionStage<Void> settled() {
        use();
        return wakefulness.feed().settled();
    }

    /** Returns whether {@link #settled()} has completed, or is about to. */
    public boolean isSettled() {
        use();
        return wakefulness.feed().isSettled();
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
        retryBudget.attempted();
        return requests.begin(candidate);
    }

    /** Counts a stream as in flight like {@link #streamLease}, without an object: see {@link #begin}. */
    @API(status = API.Status.INTERNAL)
    public long beginStream(Candidate candidate) {
        retryBudget.attempted();
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
            publication.onOutcome(candidate, Outcome.SUCCESS);
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
                ? publication.policies().outcomeOfGivenUp(candidate, last)
                : outcome;
        publication.onOutcome(candidate, requests.end(candidate, last, judged));
    }

    /**
     * Counts out a request that its caller gave up before the first byte of a body came that the headers had promised: a time-out
     * where the endpoint was given much longer than is usual, and a success otherwise.
     */
    @API(status = API.Status.INTERNAL)
    public void endSilent(Candidate candidate, long last) {
        Outcome judged = RequestState.isUnbounded(last)
                ? Outcome.CANCELLED
                : publication.policies().outcomeOfGivenUp(candidate, last);
        publication.onOutcome(candidate, requests.end(candidate, last, judged));
    }

    /**
     * Counts out a request that says nothing about the endpoint, however long it was in flight: it was not sent, or failed by
     * the caller's own doing. A probe that ends like this is no answer.
     */
    @API(status = API.Status.INTERNAL)
    public void endDiscarded(Candidate candidate, long last) {
        publication.onOutcome(candidate, requests.end(candidate, last, Outcome.CANCELLED));
    }

    /**
     * Counts out a request that was {@link Outcome#REFUSED}.
     *
     * @param retryAfter for how long the endpoint asked to be left alone, zero or less where it did not. It is obeyed up to half a
     *     minute, for up to half of the endpoints, and while the others do not refuse as well
     */
    @API(status = API.Status.INTERNAL)
    public void endRefused(Candidate candidate, long last, Duration retryAfter) {
        publication.onOutcome(candidate, requests.end(candidate, last, Outcome.REFUSED));
        publication.onRefused(candidate, retryAfter);
    }

    /**
     * Learns that a connection of somebody's to an endpoint, beside the requests, could not be made. Whether that is the endpoint's doing
     * is looked at; until then nothing follows.
     */
    @API(status = API.Status.INTERNAL)
    public void connectionFailed(EndpointKey endpoint) {
        Member member = publication.members().find(endpoint);
        if (member != null) {
            publication.policies().onConnectionFailed(member);
        }
    }

    /** Explains what a pick for this request would do now, as {@link ClusterPicker#explain} does. */
    public PickExplanation explain(RequestAttributes request) {
        return picker().explain(request);
    }

    /**
     * Begins to explain some of the picks, of this cluster's picker and of those restricted from it. Samples from before are
     * dropped. A pick that is not explained costs a random number more. Where an operator has picks sampled for a while, this waits until
     * that is over.
     *
     * @param oneIn how many picks there are for each that is explained, which are chosen by chance; at least 1
     * @param keep how many explanations are kept, at least 1; the newest replaces the oldest
     */
    public void startSampling(int oneIn, int keep) {
        publication.samples(new PickSamples(oneIn, keep, context.random()));
    }

    /** Ends what {@link #startSampling} began, and drops those samples. */
    public void stopSampling() {
        publication.samples(null);
    }

    /** Returns the explanations of the last picks that were sampled, newest first; none where sampling was not started. */
    public List<PickExplanation> samples() {
        PickSamples present = publication.samples();
        return present == null ? List.of() : present.newestFirst();
    }

    /**
     * Runs an action after each new picker, on the publishing thread; it must be quick. While it is registered, the cluster does
     * not sleep.
     */
    public Registration onPublish(Runnable listener) {
        Registration registration = publication.listeners().add(listener);
        wakefulness.keepAwake();
        return registration;
    }

    /** Stops watching the service, for good. Leases that are open can still be ended. */
    @Override
    @API(status = API.Status.INTERNAL)
    public void close() {
        wakefulness.close();
    }

    /** Returns whether it is awake, and who uses it. */
    Wakefulness wakefulness() {
        return wakefulness;
    }

    /** Says that it is in use. Called by every pick. */
    void markUsed() {
        wakefulness.markUsed();
    }

    /** Says that it is in use, and makes sure that it is awake, if it can be. */
    void use() {
        wakefulness.use();
    }

    /** Returns whether the configuration names it, so that it never sleeps. */
    boolean isConfigured() {
        return policy.isConfigured();
    }

    boolean isListenedTo() {
        return publication.isListenedTo();
    }

    boolean hasMembers() {
        return !publication.members().all().isEmpty();
    }

    /** Lets a tenth of a second pass. Throws nothing. */
    void tick() {
        tick.tick();
    }

    /** Lets half a second pass: ends ejections, changes weights, gives up waiting, asks the fallback again. Throws nothing. */
    void slowTick() {
        tick.slowTick(wakefulness.feed());
    }

    /** Learns what the source says about the policy of the service; returns whether that is new, and settings are to be asked for. */
    boolean said(ServicePolicy newPolicy) {
        return policy.said(newPolicy);
    }

    /** Asks for the settings anew and takes them into use where they are others. */
    void settingsChanged() {
        policy.lookWhetherConfigured();
        askForSettings(true);
    }

    /**
     * Asks for the settings. No lock is to be held.
     *
     * @param publish whether a picker is made of them now; not where endpoints come with them
     */
    void askForSettings(boolean publish) {
        ClusterPolicy.Answer answer = policy.ask();
        if (answer != null) {
            publication.settings(answer, publish);
        }
    }

    /** Makes a route over some members as they are now. Where the strategy fails, it is one whose picks say so. */
    Route route(List<Member> some, Predicate<Endpoint> usable) {
        return publication.route(some, usable);
    }

    /** Counts that the strategy failed in a pick, and returns what the request is to be told. */
    StrategyException pickFailed(Throwable failure) {
        return publication.strategyCalls().pickFailed(settings().strategy(), failure);
    }

    /** Forgets what failed: it sleeps, or is closed. */
    void forgetFaults() {
        publication.strategyCalls().forgetFaults();
        policy.forgetFaults();
        tick.forgetFaults();
    }

    /** Returns the time by the wall clock. */
    @API(status = API.Status.INTERNAL)
    public Instant now() {
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
        publication.replace(endpoints, newStatus);
    }

    void tellListeners() {
        publication.tellListeners();
    }

    /** What a registration returns that can be taken back. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
