/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.fault.SerialExecutor;
import io.envoyproxy.envoy.service.status.v3.ClientConfig;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's stream: takes its requests, and sends what it subscribed to whenever that changes and the client is ready
 * for it.
 *
 * <p>Everything happens on the stream's own {@link SerialExecutor}, which is also the only caller of the
 * {@link ServerCall}. Other threads hand over: the transport its events but for answers, which it runs itself when nothing else does, and the thread that applies changes the keys
 * that changed, into a set that the next turn empties. So a publisher never waits for a client, and a client that does
 * not read holds at most one unanswered response per type and the names that it subscribed to.
 *
 * @param <Q> the protocol's request
 */
final class DiscoveryStream<Q> extends ServerCall.Listener<Q> implements SubscriptionIndex.Subscriber {
    private static final Logger log = LoggerFactory.getLogger(DiscoveryStream.class);

    /** Of a request that is worked on at once: as many as a client with some services repeats with each answer. */
    private static final int BRIEF_NAMES = 64;

    private static final Status DEFECT = Status.INTERNAL.withDescription("defect of the control plane, see its log");

    private final StreamContext context;
    private final Dialect<Q> dialect;
    private final RequestRules<Q> rules;
    private final boolean takesParts; // as far as the stream is concerned
    private final ServerCall<Q, Outgoing> call;
    private final Lane lane;
    private final SerialExecutor executor;
    private final long id;
    private final String noncePrefix;
    private final Instant since;
    private final RequestPace pace;
    private final @Nullable RequestArrival arrival; // null where the transport does not say

    private final ChangedKeys changedKeys = new ChangedKeys();
    private final Set<SubscriptionIndex.Subscriber> alone = Set.of(this); // by identity

    private final AtomicBoolean placeChanged = new AtomicBoolean(); // and nobody has looked since
    private final SubscriptionIndex.Subscriber placeListener = this::placeChanged;

    // The executor's.
    private boolean started;
    private long startedAtNanos;
    private volatile @Nullable Client client; // null until the first request; everybody reads
    private final Subscriptions<Q> subscriptions;
    private long pushes;
    private boolean blocked; // has news, and the transport is full
    private long blockedSinceNanos;
    private boolean ended;
    private ResourceStore.@Nullable Dependency place; // what a change of the client's is announced under
    private volatile long nameBytes; // as they are counted for all; others read

    private volatile boolean leaving; // will end, by others' doing

    DiscoveryStream(
            StreamContext context,
            Dialect<Q> dialect,
            @Nullable String onlyType,
            ServerCall<Q, Outgoing> call,
            Lane lane,
            SerialExecutor executor,
            @Nullable RequestArrival arrival,
            long id) {
        this.context = context;
        this.dialect = dialect;
        this.rules = new RequestRules<>(
                dialect,
                onlyType,
                call.getMethodDescriptor().getFullMethodName(),
                context.settings().maxNames());
        this.call = call;
        this.lane = lane;
        this.executor = executor;
        this.subscriptions = new Subscriptions<>(context, dialect, this, onlyType != null);
        this.takesParts = dialect.saysParts() && onlyType == null;
        this.id = id;
        this.noncePrefix = Long.toString(id, Character.MAX_RADIX) + '.';
        this.since = context.clock().instant();
        this.pace = new RequestPace(context.settings().requests(), context.nanoClock());
        this.arrival = arrival;
        if (arrival != null) {
            arrival.countIn(context.shedding().requests);
        }
    }

    /** Begins to take requests. */
    void start() {
        execute(() -> {
            started = true;
            startedAtNanos = context.nanoClock().nanoTime();
            call.sendHeaders(new Metadata());
            call.request(1);
        });
    }

    /** Returns a number that is higher than those of all older streams. */
    long id() {
        return id;
    }

    @Override
    public void onMessage(Q request) {
        if (arrival != null && arrival.isTooMuch()) {
            arrival.worked(); // nobody keeps it
            context.signals().shed("requests");
            end(Status.RESOURCE_EXHAUSTED.withDescription(
                    "the requests of all clients that wait for their turn take too many bytes (expected: at most "
                            + context.shedding().requests.limit() + "), come again"));
            return;
        }
        boolean brief = isBrief(request);
        Runnable guarded = guarded(() -> receive(request, brief));
        Runnable work = () -> {
            guarded.run();
            if (arrival != null && ended) {
                arrival.worked();
            }
        };
        if (brief) {
            executor.executeBrief(work);
        } else if (lane.expect(dialect.names(request))) {
            executor.executeInNewTurn(work); // what began the stream may be running, on a thread for all
        } else {
            executor.execute(work);
        }
    }

    /** An answer to a response, which most requests are, takes less time than waking another thread for it, and back. */
    private boolean isBrief(Q request) {
        return client != null
                && !lane.isOfMany()
                && dialect.names(request) <= BRIEF_NAMES
                && !dialect.nonce(request).isEmpty();
    }

    @Override
    public void onReady() {
        execute(this::send);
    }

    @Override
    public void onHalfClose() {
        end(Status.OK);
    }

    @Override
    public void onCancel() {
        execute(() -> release(Status.Code.CANCELLED));
        nothingArrives();
    }

    /** Comes after the call was closed, by {@link #finish} or by the transport because of bytes that are no request. */
    @Override
    public void onComplete() {
        execute(() -> release(Status.Code.CANCELLED));
        nothingArrives();
    }

    private void nothingArrives() {
        if (arrival != null) {
            executor.execute(arrival::ended);
        }
    }

    @Override
    public void changed(ResourceType type, String key, Announcement announcement) {
        switch (changedKeys.add(type, key, announcement)) {
            case FIRST -> execute(this::send);
            case AGAIN -> context.signals().coalesced(type);
            case BESIDE_OTHERS -> {}
        }
    }

    private void placeChanged(ResourceType type, String key, Announcement announcement) {
        if (placeChanged.compareAndSet(false, true)) {
            execute(() -> {
                lookForPlace();
                send();
            });
        }
    }

    @Override
    public Set<SubscriptionIndex.Subscriber> alone() {
        return alone;
    }

    /** Ends the stream from the server's side. */
    void end(Status status) {
        execute(() -> finish(status));
    }

    /** Ends the stream because of the names that all have together. */
    void leave(Status status) {
        leaving = true;
        end(status);
    }

    /** Ends the stream because of the requests that all have begun: without waiting for what the client does not read. */
    void leaveAtOnce(Status status) {
        leaving = true;
        execute(() -> reset(status));
    }

    boolean isLeaving() {
        return leaving;
    }

    /** Returns how many bytes are kept of a request that is not whole. */
    long arrivingBytes() {
        return arrival == null ? 0 : arrival.arrivingBytes();
    }

    /** Returns when it was begun, in {@link StreamContext#nanoClock}'s time. */
    long arrivingSince() {
        return arrival == null ? 0 : arrival.begunAtNanos();
    }

    /** Returns about how many bytes the names take that it is subscribed to. */
    long nameBytes() {
        return nameBytes;
    }

    /** Looks for a client that does not read, does not answer, or does not end what it says. */
    void checkDeadlines() {
        execute(() -> {
            long now = context.nanoClock().nanoTime();
            if (client == null
                    && started
                    && now - startedAtNanos
                            >= context.settings().firstRequestDeadline().toNanos()) {
                finish(Status.DEADLINE_EXCEEDED.withDescription("no request within "
                        + context.settings().firstRequestDeadline().toSeconds() + " s of the stream's beginning"));
                return;
            }
            if (arrival != null && arrival.isOverdue(now)) {
                reset(Status.DEADLINE_EXCEEDED.withDescription(
                        "a request that was begun " + RequestArrival.LONGEST.toSeconds() + " s ago and is not whole"));
                return;
            }
            if (blocked
                    && now - blockedSinceNanos
                            >= context.settings().writeDeadline().toNanos()) {
                reset(Status.UNAVAILABLE.withDescription("the client has not read for "
                        + context.settings().writeDeadline().toSeconds() + " s while there was something to send"));
                return;
            }
            for (Subscription<Q> subscription : subscriptions) {
                subscription.exchange.giveUpWaiting(
                        now, context.settings().ackTimeout().toNanos());
                subscription.names.tryUnknownAgain();
            }
            send();
        });
    }

    /** Returns the state after what was handed over before; null when the stream has ended. */
    CompletableFuture<@Nullable StreamView> view() {
        CompletableFuture<@Nullable StreamView> view = new CompletableFuture<>();
        executor.execute(() -> view.complete(ended ? null : snapshot()));
        return view;
    }

    /** Returns the id of the client's node; null until its first request has come. May be called by any thread. */
    @Nullable
    String nodeId() {
        Client known = client;
        return known == null ? null : known.nodeId();
    }

    /** Returns the client; null until its first request has come. May be called by any thread. */
    @Nullable
    Client client() {
        return client;
    }

    /** Returns the status of what the client asked for; empty when the stream has ended, or has no client yet. */
    CompletableFuture<List<ClientConfig>> status() {
        CompletableFuture<List<ClientConfig>> status = new CompletableFuture<>();
        executor.execute(() -> {
            Client known = client;
            status.complete(ended || known == null ? List.of() : ClientStatus.of(known, subscriptions));
        });
        return status;
    }

    private void execute(Runnable task) {
        executor.execute(guarded(task));
    }

    private Runnable guarded(Runnable task) {
        return () -> {
            if (ended) {
                return;
            }
            try {
                task.run();
            } catch (Throwable thrown) {
                // What it holds may be wrong by now. The client comes back and is told everything anew.
                context.boundary()
                        .failed(
                                client == null ? "a new stream" : "stream of " + ClientText.shown(client.nodeId()),
                                thrown);
                context.boundary().run("closing a stream", () -> finish(DEFECT));
            }
        };
    }

    /**
     * Takes a request.
     *
     * @param brief whether this is a thread of the transport: what is then to be sent, which may have to be encoded, is not for it
     */
    private void receive(Q request, boolean brief) {
        Status problem = rules.problem(request, client == null);
        if (problem != null) {
            finish(problem);
            return;
        }
        if (client == null) {
            client = Client.of(
                    dialect.node(request), context.store(), CertifiedNames.of(call.getAttributes()), takesParts);
            followPlace();
        }
        String typeUrl = rules.typeUrl(request);
        Subscription<Q> subscription = subscriptions.get(client, typeUrl);
        if (subscription == null) {
            finish(Status.INVALID_ARGUMENT.withDescription("requests for more than " + Subscriptions.MAX_UNKNOWN_TYPES
                    + " types that are not served, last: " + ClientText.shown(typeUrl)));
            return;
        }
        boolean onlyAnswers = subscription.receive(request, context.clock().instant());
        if (!onlyAnswers) {
            subscriptions.asked(subscription.type());
        }
        if (subscription.keepsWholes && client.variant().takesParts()) {
            client = client.withoutParts();
            subscriptions.moved(client.variant());
        }
        Status tooMuch = subscriptions.problem();
        if (tooMuch != null) {
            finish(tooMuch);
            return;
        }
        if (brief && hasNews()) {
            execute(this::send);
        } else {
            send();
        }
        lane.settle(subscriptions.names());
        if (arrival != null) {
            arrival.worked();
        }
        awaitNext(onlyAnswers, dialect.names(request));
    }

    /** A pod may be seen after its first request, and get its Node later still. */
    private void followPlace() {
        ClientVariant variant = requireNonNull(client).variant();
        ResourceStore.Dependency dependency =
                variant.pod().isEmpty() ? null : context.store().dependencyOfPlace(variant.namespace(), variant.pod());
        if (dependency != null) {
            place = dependency;
            context.index().add(dependency.type(), dependency.key(), placeListener);
            lookForPlace(); // what has changed since the client was made was announced to nobody
        }
    }

    private void lookForPlace() {
        placeChanged.set(false);
        Client before = requireNonNull(client);
        Client now = before.at(context.store()
                .placeOf(before.variant().namespace(), before.variant().pod()));
        if (!now.equals(before)) {
            client = now;
            subscriptions.moved(now.variant());
        }
    }

    private void awaitNext(boolean onlyAnswered, int names) {
        long waitNanos = onlyAnswered ? pace.answered() : pace.asked(names);
        if (waitNanos == 0) {
            call.request(1);
        } else if (!onlyAnswered && pace.isPatienceOver()) {
            finish(Status.RESOURCE_EXHAUSTED.withDescription(
                    "more requests than are taken, for " + RequestPace.PATIENCE.toSeconds() + " s (expected: at most "
                            + context.settings().requests().perSecond()
                            + " per second, of which one with many names counts as several)"));
        } else {
            context.timer().after(waitNanos, () -> execute(() -> call.request(1)));
        }
    }

    /** Sends what there is to send, as far as client and transport are ready for it. */
    private void send() {
        subscriptions.changed(changedKeys.takeAll());
        sendPending();
        countNames(subscriptions.nameBytes());
    }

    private void countNames(long bytes) {
        long more = bytes - nameBytes;
        if (more != 0) {
            nameBytes = bytes;
            if (more > 0) {
                context.shedding().names.add(more);
            } else {
                context.shedding().names.remove(-more);
            }
        }
    }

    private boolean hasNews() {
        for (Subscription<Q> subscription : subscriptions) {
            if (subscription.mayHaveNews()) {
                return true;
            }
        }
        return !changedKeys.isEmpty();
    }

    private void sendPending() {
        for (Subscription<Q> subscription : subscriptions) {
            if (subscription.exchange.isAwaitingAck() || !subscription.mayHaveNews()) {
                continue;
            }
            if (!call.isReady()) {
                if (!blocked) {
                    blocked = true;
                    blockedSinceNanos = context.nanoClock().nanoTime();
                }
                return; // onReady goes on; nothing overtakes the type that waits
            }
            Push push = subscription.next(noncePrefix + (pushes + 1));
            Announcement oldest = subscription.names.takeTold();
            if (push != null) {
                pushes++;
                subscription.names.sent();
                subscription.exchange.sent(push, context.nanoClock().nanoTime(), oldest);
                call.sendMessage(push);
                subscriptions.renewed(subscription.type(), push.renewed());
            }
        }
        blocked = false;
    }

    private void finish(Status status) {
        release(status.getCode());
        if (!call.isCancelled()) {
            call.close(status, new Metadata());
        }
    }

    private void release(Status.Code status) {
        ended = true;
        context.onEnd().accept(this);
        subscriptions.clear();
        if (place != null) {
            context.index().remove(place.type(), place.key(), placeListener);
        }
        countNames(0);
        context.signals().closed(status);
    }

    /** As {@link #finish}, but with the bytes of a request that is not whole, and of what was not read, gone at once. */
    private void reset(Status status) {
        log.warn("Stream of {} is reset: {}", describe(), status.getDescription());
        release(status.getCode());
        call.sendMessage(Outgoing.reset(status));
    }

    private StreamView snapshot() {
        List<StreamView.TypeView> types = subscriptions.views();
        return client == null
                ? new StreamView(null, null, null, null, null, peer(), dialect.protocol(), since, types)
                : new StreamView(
                        client.nodeId(),
                        client.userAgent(),
                        client.variant().family(),
                        client.variant().namespace(),
                        client.variant().place(),
                        peer(),
                        dialect.protocol(),
                        since,
                        types);
    }

    private String describe() {
        return client == null
                ? peer()
                : ClientText.shown(client.nodeId()) + " (" + ClientText.shown(client.userAgent()) + ") at " + peer();
    }

    /** Returns from which address it comes, whatever its port; empty where that is not known. */
    String peerAddress() {
        return call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress remote
                        && remote.getAddress() != null
                ? remote.getAddress().getHostAddress()
                : "";
    }

    private String peer() {
        return String.valueOf(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    }
}
