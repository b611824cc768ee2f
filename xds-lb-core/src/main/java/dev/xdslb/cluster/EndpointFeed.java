/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.cluster.ClusterStatus.State;
import dev.xdslb.endpoint.Endpoint;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which endpoints a cluster has: the source's, the last ones where it has become unreachable, and the fallback's
 * where the source has none.
 *
 * <p><b>Writers:</b> the source's thread, the registry's tick and the fallback's thread. Each decides by the cluster's
 * status and changes it while holding this object's lock; the cluster's listeners are told without it.
 */
final class EndpointFeed implements EndpointSource.Watcher {
    private static final Logger log = LoggerFactory.getLogger(EndpointFeed.class);

    private final Cluster cluster;
    private final String sourceDescription;
    private final LongSupplier nanoClock;
    private final long createdAt; // nanoseconds of the clock
    private final FallbackCalls fallback;
    private final CompletableFuture<Void> settled = new CompletableFuture<>();
    private boolean closed; // guarded by this

    EndpointFeed(Cluster cluster, String sourceDescription, Executor fallbackExecutor, LongSupplier nanoClock) {
        this.cluster = cluster;
        this.sourceDescription = sourceDescription;
        this.nanoClock = nanoClock;
        this.createdAt = nanoClock.getAsLong();
        this.fallback = new FallbackCalls(
                cluster.resource(), cluster.settings().fallback(), fallbackExecutor, nanoClock, this::onFallback);
    }

    /** Returns the status that a cluster begins with. */
    ClusterStatus waiting() {
        return new ClusterStatus(State.WAITING, sourceDescription + " has not answered yet");
    }

    CompletionStage<Void> settled() {
        return settled.minimalCompletionStage();
    }

    boolean isSettled() {
        return settled.isDone();
    }

    @Override
    public void onSnapshot(ServiceSnapshot snapshot) {
        synchronized (this) {
            if (closed) {
                return;
            }
            cluster.replace(snapshot.endpoints().endpoints(), new ClusterStatus(State.LIVE, ""));
        }
        cluster.tellListeners();
        settled.complete(null);
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
        State state = cluster.status().state();
        long timeout = cluster.settings().initialFetchTimeout().toNanos();
        if (state == State.WAITING && nanoClock.getAsLong() - createdAt >= timeout) {
            onUnavailable(sourceDescription + " has not answered within "
                    + cluster.settings().initialFetchTimeout());
        } else if (needsFallback(state) && fallback.isDue()) {
            askFallback();
        }
    }

    /** Takes no answer any more. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        settled.complete(null);
    }

    private void onNoAnswer(State state, @Nullable List<Endpoint> endpoints, String reason) {
        synchronized (this) {
            State before = cluster.status().state();
            boolean lastStaysInUse = state == State.UNAVAILABLE && before == State.LIVE;
            if (closed || lastStaysInUse || before == State.FALLBACK) {
                return;
            }
            cluster.replace(endpoints, new ClusterStatus(state, reason));
        }
        cluster.tellListeners();
        askFallback();
    }

    private static boolean needsFallback(State state) {
        return state == State.ABSENT || state == State.UNAVAILABLE || state == State.FALLBACK;
    }

    private void askFallback() {
        if (cluster.settings().fallback() == FallbackEndpoints.NONE) {
            settled.complete(null);
            return;
        }
        synchronized (this) {
            if (closed) {
                return;
            }
        }
        fallback.ask();
    }

    private void onFallback(List<Endpoint> endpoints) {
        boolean use;
        synchronized (this) {
            ClusterStatus before = cluster.status();
            use = !closed && needsFallback(before.state()) && !endpoints.isEmpty();
            if (use) {
                if (before.state() != State.FALLBACK) {
                    log.warn(
                            "{}: {}; the fallback's {} endpoints are used",
                            cluster.resource(),
                            before.reason(),
                            endpoints.size());
                }
                cluster.replace(endpoints, new ClusterStatus(State.FALLBACK, ""));
            }
        }
        if (use) {
            cluster.tellListeners();
        }
        settled.complete(null);
    }
}
