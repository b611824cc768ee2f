/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.SerialExecutor;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a server: opens one per call of a discovery method, and knows the open ones.
 *
 * <p>The set of streams is added to by the transport's threads and removed from by the streams themselves.
 */
final class OpenStreams implements AutoCloseable {
    /** How fast streams are closed at shutdown, so that their clients do not all come to another replica at once. */
    private static final long DRAIN_STREAMS_PER_SECOND = 1_000;

    private static final long VIEW_TIMEOUT_SECONDS = 5;

    private final ResourceStore store;
    private final Executor pool;
    private final SubscriptionIndex index;
    private final FaultBoundary boundary;
    private final Set<DiscoveryStream<?>> streams = ConcurrentHashMap.newKeySet();
    private final AtomicLong opened = new AtomicLong();
    private final StreamContext context;
    private final ResourceStore.Registration registration;
    private volatile boolean draining;

    OpenStreams(
            ResourceStore store,
            Executor pool,
            AdsSettings settings,
            Clock clock,
            StreamContext.NanoClock nanoClock,
            FaultBoundary boundary,
            StreamSignals signals) {
        this.store = store;
        this.pool = pool;
        this.boundary = boundary;
        this.index = new SubscriptionIndex(boundary, nanoClock);
        ResourceTypes types = new ResourceTypes(store.types());
        this.context =
                new StreamContext(store, types, index, settings, clock, nanoClock, boundary, signals, streams::remove);
        this.registration = store.addListener(index);
    }

    /** Returns what every open stream was told, without those that do not say in time. */
    List<StreamView> views() {
        List<CompletableFuture<@Nullable StreamView>> views = streams.stream()
                .map(stream -> stream.view().completeOnTimeout(null, VIEW_TIMEOUT_SECONDS, TimeUnit.SECONDS))
                .toList();
        return views.stream()
                .map(CompletableFuture::join)
                .filter(Objects::nonNull)
                .toList();
    }

    int streamCount() {
        return streams.size();
    }

    SubscriptionIndex index() {
        return index;
    }

    /** Resets streams whose client does not read, and goes on where one does not answer. Called every few seconds. */
    void checkDeadlines() {
        streams.forEach(DiscoveryStream::checkDeadlines);
    }

    /** Takes no more streams and closes those that are open, in random order, one after the other. */
    void drain(ScheduledExecutorService timer) {
        draining = true;
        List<DiscoveryStream<?>> open = new ArrayList<>(streams);
        Collections.shuffle(open);
        Status status = Status.UNAVAILABLE.withDescription("the control plane is shutting down, connect again");
        long pauseNanos = TimeUnit.SECONDS.toNanos(1) / DRAIN_STREAMS_PER_SECOND;
        for (int i = 0; i < open.size(); i++) {
            DiscoveryStream<?> stream = open.get(i);
            Future<?> unused = timer.schedule(() -> stream.end(status), i * pauseNanos, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void close() {
        registration.close();
    }

    /**
     * Takes a call.
     *
     * @param onlyType the URL of the one type that may be asked for; null for any
     */
    <Q> ServerCall.Listener<Q> open(ServerCall<Q, Outgoing> call, Dialect<Q> dialect, @Nullable String onlyType) {
        if (draining) {
            return refuse(call, "the control plane is shutting down, connect again");
        }
        if (!store.isSynced()) {
            return refuse(call, "the control plane has not seen the whole cluster yet, try again");
        }
        DiscoveryStream<Q> stream = new DiscoveryStream<>(
                context, dialect, onlyType, call, new SerialExecutor(pool, boundary), opened.incrementAndGet());
        stream.start();
        streams.add(stream);
        return stream;
    }

    /** An empty answer before everything is known would take the endpoints from a client that still has them. */
    private static <Q> ServerCall.Listener<Q> refuse(ServerCall<Q, Outgoing> call, String reason) {
        call.close(Status.UNAVAILABLE.withDescription(reason), new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
