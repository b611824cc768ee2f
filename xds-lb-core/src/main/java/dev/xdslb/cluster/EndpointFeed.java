/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.cluster.ClusterStatus.State;
import dev.xdslb.cluster.EndpointSource.Subscription;
import dev.xdslb.endpoint.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which endpoints a cluster has while it is awake: the source's, the last ones where it has become unreachable, and the
 * fallback's where the source has none.
 *
 * <pre>
 *  start                half of the time              the time is over
 *    │ the source is asked │ silent: the fallback too    │ silent, or the fallback is: requests go on without
 *    ▼                     ▼                             ▼
 *  ──┴─────────────────────┴─────────────────────────────┴──▶ whoever answers later is heard all the same
 * </pre>
 *
 * <p><b>Writers:</b> the source's thread, the registry's tick, the deadlines and the fallback's thread. Each decides by the
 * cluster's status and changes it while holding this object's lock; no foreign code is called with it.
 */
final class EndpointFeed implements EndpointSource.Watcher {
    private static final Logger log = LoggerFactory.getLogger(EndpointFeed.class);

    /** How long after a failure to subscribe it is tried again. */
    private static final Duration SUBSCRIBE_AGAIN = Duration.ofSeconds(5);

    private final Cluster cluster;
    private final ClusterContext context;
    private final FaultBoundary sourceFaults;
    private final FallbackCalls fallback;
    private final long startedAt; // nanoseconds of the clock
    private final Settling settling;
    private boolean closed; // guarded by this
    private @Nullable Subscription subscription; // null before the source took it; guarded by this
    private long subscribeAt; // when to try again, nanoseconds of the clock; touched by start and the tick
    private String absence = ""; // why the source is certain that there is none, empty where it is not; guarded by this
    private List<Endpoint> early = List.of(); // the fallback's answer before it is needed; guarded by this

    EndpointFeed(Cluster cluster, ClusterContext context) {
        this.cluster = cluster;
        this.context = context;
        this.startedAt = context.nanoClock().getAsLong();
        this.settling = new Settling(context.blocking());
        this.sourceFaults =
                context.faults().boundary(cluster.resource() + ": subscribing at the source", "it is tried again");
        this.fallback = new FallbackCalls(
                cluster.resource(),
                () -> cluster.settings().fallback(),
                context.blocking(),
                context.nanoClock(),
                context.faults(),
                this::onFallback);
    }

    /** Returns the status that a cluster begins with. */
    ClusterStatus waiting() {
        return new ClusterStatus(State.WAITING, context.sourceName() + " has not answered yet");
    }

    /** Subscribes, and lets the time run. No lock is to be held. */
    void start() {
        sourceFaults.run(() -> settling.start( // where there is no memory for timers, there is the tick
                context.deadlines(), cluster.settings().initialFetchTimeout(), this::onHalfTime, this::onTimeOver));
        subscribe();
    }

    CompletionStage<Void> settled() {
        return settling.stage();
    }

    boolean isSettled() {
        return settling.isSettled();
    }

    @Override
    public void onSnapshot(ServiceSnapshot snapshot) {
        boolean newPolicy;
        synchronized (this) {
            if (closed) {
                return; // nor is its policy to take the place of what a later feed was told
            }
            newPolicy = cluster.said(snapshot.policy());
        }
        if (newPolicy) {
            cluster.askForSettings(false); // foreign code: without a lock
        }
        synchronized (this) {
            if (closed) {
                return;
            }
            early = List.of();
            absence = "";
            cluster.replace(snapshot.endpoints().endpoints(), new ClusterStatus(State.LIVE, ""));
        }
        cluster.tellListeners();
        settling.settle();
    }

    @Override
    public void onAbsent(String reason) {
        onNoAnswer(State.ABSENT, List.of(), reason);
    }

    @Override
    public void onUnavailable(String reason) {
        onNoAnswer(State.UNAVAILABLE, null, reason);
    }

    /** Lets half a second pass: gives up waiting, asks the fallback again. */
    void slowTick() {
        long now = context.nanoClock().getAsLong();
        if (!settling.isSettled()) {
            long timeout = cluster.settings().initialFetchTimeout().toNanos();
            if (now - startedAt >= timeout) {
                onTimeOver();
            } else if (now - startedAt >= timeout / 2) {
                onHalfTime();
            }
        } else if (needsFallback(cluster.status().state()) && hasFallback() && fallback.isDue()) {
            fallback.ask();
        }
        if (sourceFaults.isFailing()) {
            lookAtSubscription(now);
        }
    }

    /** Takes no answer any more; {@link #close} is to follow. */
    synchronized void end() {
        closed = true;
    }

    /** Takes no answer any more, watches nothing, and lets nobody wait. No lock is to be held. */
    void close() {
        end();
        Subscription present;
        synchronized (this) {
            present = subscription;
            subscription = null;
            early = List.of();
        }
        unsubscribe(present);
        fallback.close();
        settling.settle();
        sourceFaults.close();
    }

    private void lookAtSubscription(long now) {
        boolean subscribed;
        synchronized (this) {
            subscribed = subscription != null;
        }
        if (subscribed) {
            sourceFaults.worked();
        } else if (now - subscribeAt >= 0) {
            subscribe();
        }
    }

    private void subscribe() {
        subscribeAt = context.nanoClock().getAsLong() + SUBSCRIBE_AGAIN.toNanos();
        Subscription made;
        synchronized (this) {
            if (closed || subscription != null) {
                return;
            }
        }
        try {
            made = context.source().subscribe(cluster.resource(), this);
        } catch (Throwable e) {
            sourceFaults.failed(e);
            onUnavailable(context.sourceName() + " could not be asked: " + FaultBoundary.describe(e));
            return;
        }
        boolean late;
        synchronized (this) {
            late = closed;
            subscription = late ? null : made;
        }
        if (late) {
            unsubscribe(made);
        }
    }

    private void unsubscribe(@Nullable Subscription ended) {
        if (ended != null) {
            sourceFaults.run(ended::close);
        }
    }

    private void onHalfTime() {
        boolean silent;
        synchronized (this) {
            silent = !closed && cluster.status().state() == State.WAITING;
        }
        if (silent && hasFallback()) {
            fallback.askFirst();
        }
    }

    /** Returns it as it is written in a configuration: 5s, 300ms. */
    private static String asConfigured(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms";
    }

    /** The time is over: what there is has to do. */
    private void onTimeOver() {
        if (settling.isSettled()) {
            return;
        }
        boolean changed = false;
        synchronized (this) {
            ClusterStatus status = cluster.status();
            if (!closed && (status.state() == State.WAITING || fallback.isRunning())) {
                changed = true;
                String timeout = asConfigured(cluster.settings().initialFetchTimeout());
                String silent = status.state() == State.WAITING
                        ? context.sourceName() + " has not answered within " + timeout
                        : status.reason();
                if (fallback.isRunning()) {
                    silent += ", and the fallback (service discovery) has not answered within " + timeout
                            + " either; it is still waited for";
                }
                State state = status.state() == State.WAITING ? State.UNAVAILABLE : status.state();
                if (needsFallback(state)) {
                    replaceUnlessFallbackIsThere(null, new ClusterStatus(state, silent));
                }
            }
        }
        if (changed) {
            cluster.tellListeners();
        }
        settling.settle();
        if (hasFallback() && needsFallback(cluster.status().state()) && fallback.isDue()) {
            fallback.ask();
        }
    }

    private void onNoAnswer(State state, @Nullable List<Endpoint> endpoints, String reason) {
        boolean asked;
        synchronized (this) {
            State before = cluster.status().state();
            boolean lastStaysInUse = state == State.UNAVAILABLE && before == State.LIVE;
            if (closed || lastStaysInUse) {
                return;
            }
            absence = state == State.ABSENT ? reason : "";
            asked = before == State.FALLBACK
                    || replaceUnlessFallbackIsThere(endpoints, new ClusterStatus(state, reason));
            if (before == State.FALLBACK && state == State.UNAVAILABLE) {
                return;
            }
        }
        cluster.tellListeners();
        if (asked) {
            askFallback();
        } else {
            settling.settle();
        }
    }

    /** Puts the fallback's early answer in the place of a status without endpoints. Lock held. Returns whether there is none. */
    private boolean replaceUnlessFallbackIsThere(@Nullable List<Endpoint> endpoints, ClusterStatus status) {
        List<Endpoint> answer = early;
        early = List.of();
        if (answer.isEmpty()) {
            cluster.replace(endpoints, status);
            return true;
        }
        useFallback(answer, status.reason());
        return false;
    }

    private static boolean needsFallback(State state) {
        return state == State.ABSENT || state == State.UNAVAILABLE || state == State.FALLBACK;
    }

    private boolean hasFallback() {
        return cluster.settings().fallback() != FallbackEndpoints.NONE;
    }

    private void askFallback() {
        if (hasFallback()) {
            fallback.ask();
        } else {
            settling.settle();
        }
    }

    private void onFallback(List<Endpoint> endpoints) {
        boolean use;
        synchronized (this) {
            ClusterStatus before = cluster.status();
            if (!closed && before.state() == State.WAITING) {
                early = endpoints; // the source has time left
                return;
            }
            boolean isUsed = before.state() == State.FALLBACK;
            use = !closed && needsFallback(before.state()) && (!endpoints.isEmpty() || (isUsed && !absence.isEmpty()));
            if (use && endpoints.isEmpty()) {
                cluster.replace(List.of(), new ClusterStatus(State.ABSENT, absence)); // nobody knows it any more
            } else if (use) {
                useFallback(endpoints, isUsed ? "" : before.reason());
            }
        }
        if (use) {
            cluster.tellListeners();
        }
        settling.settle();
    }

    /** Lock held. */
    private void useFallback(List<Endpoint> endpoints, String reason) {
        if (!reason.isEmpty()) {
            log.warn("{}: {}; the fallback's {} endpoints are used", cluster.resource(), reason, endpoints.size());
        }
        cluster.replace(endpoints, new ClusterStatus(State.FALLBACK, ""));
    }
}
