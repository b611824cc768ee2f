/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.SerialExecutor;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.StatusException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntToLongFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a server: opens one per call of a discovery method, and knows the open ones.
 *
 * <p>Streams are added by the transport's threads and removed by the streams themselves. When many begin at once, as after
 * the restart of another replica, they wait for their turn: those that have begun are served meanwhile.
 */
final class OpenStreams implements AutoCloseable {
    /** At shutdown, between one stream's end and that of the next: with few of them, nobody waits for long. */
    private static final Duration MAX_DRAIN_PAUSE = Duration.ofMillis(10);

    private static final long VIEW_TIMEOUT_SECONDS = 5;

    private static final int VIEWS_AT_ONCE = 10;

    /** Some megabytes of JSON. */
    private static final int MAX_PAGE_NAMES = 10_000;

    private final ResourceStore store;
    private final Executor pool;
    private final Executor bulk;
    private final SubscriptionIndex index;
    private final FaultBoundary boundary;
    private final ConcurrentNavigableMap<Long, DiscoveryStream<?>> streams = new ConcurrentSkipListMap<>(); // by age
    private final AtomicLong opened = new AtomicLong();
    private final StreamContext context;
    private final NewStreams newStreams;
    private final ResourceStore.Registration registration;
    private volatile boolean draining;
    private volatile @Nullable String refusal; // null while streams are taken

    OpenStreams(
            ResourceStore store,
            Executor pool,
            Executor bulk,
            AdsSettings settings,
            Clock clock,
            StreamContext.NanoClock nanoClock,
            StreamContext.Timer timer,
            FaultBoundary boundary,
            StreamSignals signals) {
        this.store = store;
        this.pool = pool;
        this.bulk = bulk;
        this.boundary = boundary;
        this.index = new SubscriptionIndex(boundary, nanoClock, timer);
        this.newStreams = new NewStreams(settings, nanoClock);
        ResourceTypes types = new ResourceTypes(store.types());
        this.context = new StreamContext(
                store,
                types,
                index,
                settings,
                clock,
                nanoClock,
                timer,
                boundary,
                signals,
                new Shedding(settings.totals(), streams.values(), nanoClock, timer, signals),
                stream -> streams.remove(stream.id()));
        this.registration = store.addListener(index);
    }

    /**
     * Returns what some of the streams were told, without those that do not say in time. A page ends early when it has many
     * names.
     *
     * @param node of which client; null for all
     * @param after the number that a page before this one ended with; 0 for the first page
     * @param limit how many at most
     */
    StreamPage page(@Nullable String node, long after, int limit) {
        List<DiscoveryStream<?>> wanted = streams.values().stream()
                .filter(stream -> node == null || node.equals(stream.nodeId()))
                .toList();
        List<DiscoveryStream<?>> rest =
                wanted.stream().filter(stream -> stream.id() > after).toList();
        List<StreamView> shown = new ArrayList<>();
        int names = 0;
        int asked = 0;
        while (asked < Math.min(rest.size(), limit) && names < MAX_PAGE_NAMES) {
            int end = Math.min(asked + VIEWS_AT_ONCE, Math.min(rest.size(), limit));
            List<CompletableFuture<@Nullable StreamView>> views = rest.subList(asked, end).stream()
                    .map(stream -> stream.view().completeOnTimeout(null, VIEW_TIMEOUT_SECONDS, TimeUnit.SECONDS))
                    .toList();
            for (CompletableFuture<@Nullable StreamView> view : views) {
                StreamView present = view.join();
                if (present != null) {
                    shown.add(present);
                    names += present.shownNames();
                }
            }
            asked = end;
        }
        return new StreamPage(
                wanted.size(), shown, asked < rest.size() ? rest.get(asked - 1).id() : 0);
    }

    /** Hands over the status of every client whose node has such an id, stream by stream, without those that do not say in time. */
    void statuses(Predicate<Client> clients, ClientStatusService.Parts parts) throws StatusException {
        for (DiscoveryStream<?> stream : streams.values()) {
            Client client = stream.client();
            if (client != null && clients.test(client)) {
                List<ClientConfig> status = stream.status()
                        .completeOnTimeout(List.of(), VIEW_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                        .join();
                for (ClientConfig part : status) {
                    parts.add(part);
                }
            }
        }
    }

    /** Returns what a server must show its connections to, so that none of them keeps the others out. */
    ServerTransportFilter connections() {
        return newStreams;
    }

    /** Returns what a server must have its calls watched by, so that requests which are never whole do not stay. */
    ServerStreamTracer.Factory arrivals() {
        return RequestArrival.factory(context.nanoClock());
    }

    int streamCount() {
        return streams.size();
    }

    SubscriptionIndex index() {
        return index;
    }

    Shedding shedding() {
        return context.shedding();
    }

    /** Resets streams whose client does not read, and goes on where one does not answer. Called every few seconds. */
    void checkDeadlines() {
        streams.values().forEach(DiscoveryStream::checkDeadlines);
        index.forgetIdle();
    }

    /**
     * Takes no more streams and closes those that are open, in random order, one after the other, so that their clients do not
     * all come to another replica at once.
     *
     * @param longest in which all are closed
     */
    void drain(Duration longest) {
        draining = true;
        Status status = Status.UNAVAILABLE.withDescription("the control plane is shutting down, connect again");
        endOneByOne(
                open -> Math.min(MAX_DRAIN_PAUSE.toNanos(), longest.toNanos() / open), stream -> stream.end(status));
    }

    /**
     * Takes no more streams until {@link #accept}, and closes those that are open, in random order, one after the other.
     *
     * @param reason for the clients
     * @param over in which time all are closed
     */
    void shed(String reason, Duration over) {
        refusal = reason;
        Status status = Status.UNAVAILABLE.withDescription(reason);
        endOneByOne(open -> over.toNanos() / open, stream -> {
            if (refusal != null) {
                stream.end(status);
            }
        });
    }

    /** Takes streams again; those that are not closed yet stay. */
    void accept() {
        refusal = null;
    }

    private void endOneByOne(IntToLongFunction pauseNanos, Consumer<DiscoveryStream<?>> end) {
        List<DiscoveryStream<?>> open = new ArrayList<>(streams.values());
        Collections.shuffle(open);
        long pause = pauseNanos.applyAsLong(Math.max(1, open.size()));
        for (int i = 0; i < open.size(); i++) {
            DiscoveryStream<?> stream = open.get(i);
            context.timer().after(i * pause, () -> end.accept(stream));
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
            return refuse(
                    call, Status.UNAVAILABLE.withDescription("the control plane is shutting down, connect again"));
        }
        String refused = refusal;
        if (refused != null) {
            return refuse(call, Status.UNAVAILABLE.withDescription(refused));
        }
        if (!store.isSynced()) {
            // An empty answer before everything is known would take the endpoints from a client that still has them.
            return refuse(
                    call,
                    Status.UNAVAILABLE.withDescription(
                            "the control plane has not seen the whole cluster yet, try again"));
        }
        NewStreams.Turn turn = newStreams.next(call.getAttributes());
        if (turn.refusal() != null) {
            return refuse(call, turn.refusal());
        }
        Lane lane = new Lane(pool, bulk);
        DiscoveryStream<Q> stream = new DiscoveryStream<>(
                context,
                dialect,
                onlyType,
                call,
                lane,
                new SerialExecutor(lane, boundary),
                RequestArrival.ofCall(),
                opened.incrementAndGet());
        streams.put(stream.id(), stream);
        context.signals().opened();
        if (turn.waitNanos() == 0) {
            stream.start();
        } else {
            context.timer().after(turn.waitNanos(), stream::start);
        }
        return stream;
    }

    private <Q> ServerCall.Listener<Q> refuse(ServerCall<Q, Outgoing> call, Status status) {
        context.signals().refused(status.getCode());
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
