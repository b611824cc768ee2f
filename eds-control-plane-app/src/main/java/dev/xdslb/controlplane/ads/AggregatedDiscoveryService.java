/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.SerialExecutor;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.time.Clock;
import java.time.Duration;
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
 * The aggregated discovery service, in both protocols. Opens a stream per call and knows the open ones.
 *
 * <p>The set of streams is added to by the transport's threads and removed from by the streams themselves.
 */
final class AggregatedDiscoveryService implements BindableService, AutoCloseable {
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
    private volatile @Nullable String refusal; // null while streams are taken

    AggregatedDiscoveryService(
            ResourceStore store,
            Executor pool,
            AdsSettings settings,
            Clock clock,
            StreamContext.NanoClock nanoClock,
            FaultBoundary boundary) {
        this.store = store;
        this.pool = pool;
        this.boundary = boundary;
        this.index = new SubscriptionIndex(boundary);
        ResourceTypes types = new ResourceTypes(store.types());
        this.context = new StreamContext(store, types, index, settings, clock, nanoClock, boundary, streams::remove);
        this.registration = store.addListener(index);
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerServiceDefinition.builder(AggregatedDiscoveryServiceGrpc.SERVICE_NAME)
                .addMethod(Dialect.SOTW.method(), (call, headers) -> open(call, Dialect.SOTW))
                .addMethod(Dialect.DELTA.method(), (call, headers) -> open(call, Dialect.DELTA))
                .build();
    }

    /** Returns what every open stream was told, without those that do not say in time. */
    List<StreamView> streams() {
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

    /**
     * Takes no more streams until {@link #accept}, and closes those that are open, in random order.
     *
     * @param reason for the clients
     * @param over in which time
     */
    void shed(ScheduledExecutorService timer, String reason, Duration over) {
        refusal = reason;
        List<DiscoveryStream<?>> open = new ArrayList<>(streams);
        Collections.shuffle(open);
        Status status = Status.UNAVAILABLE.withDescription(reason);
        long pauseNanos = over.toNanos() / Math.max(1, open.size());
        for (int i = 0; i < open.size(); i++) {
            DiscoveryStream<?> stream = open.get(i);
            Runnable end = () -> {
                if (refusal != null) {
                    stream.end(status);
                }
            };
            Future<?> unused = timer.schedule(end, i * pauseNanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Takes streams again. */
    void accept() {
        refusal = null;
    }

    @Override
    public void close() {
        registration.close();
    }

    private <Q> ServerCall.Listener<Q> open(ServerCall<Q, Outgoing> call, Dialect<Q> dialect) {
        if (draining) {
            return refuse(call, "the control plane is shutting down, connect again");
        }
        String refused = refusal;
        if (refused != null) {
            return refuse(call, refused);
        }
        if (!store.isSynced()) {
            return refuse(call, "the control plane has not seen the whole cluster yet, try again");
        }
        DiscoveryStream<Q> stream = new DiscoveryStream<>(
                context, dialect, call, new SerialExecutor(pool, boundary), opened.incrementAndGet());
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
