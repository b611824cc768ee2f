/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.xds.proto.Node;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one stream to the control plane open.
 *
 * <pre>
 *            transport ready         answer, or open for 2 s
 * connecting ───────────────▶ asking ───────────────────────▶ accepted
 *      ▲                        │                                │ ended: no word about it, many a control plane
 *      │                        │ ended: an outage begins        │ ends streams on purpose to spread its clients
 *      └─────── back-off ◀──────┴────────────────────────────────┘
 * </pre>
 *
 * <p>An outage is said once when it begins and once when it is over, however many attempts lie between.
 *
 * <p>Confined to the client's executor; only {@link #state()} and {@link #exchanged()} may be called by any thread.
 */
final class AdsConnection implements AdsStream.Owner {
    private static final Logger log = LoggerFactory.getLogger(AdsConnection.class);

    /**
     * How long a stream must stay open to count as accepted without an answer: after a reconnect, a control plane that has
     * nothing new to say says nothing.
     */
    private static final Duration ACCEPTED_AFTER = Duration.ofSeconds(2);

    /**
     * The longest wait while something is asked for of which nothing is known: a control plane that comes late is found soon. Who
     * has endpoints can wait longer, and leaves room for those who have none.
     */
    private static final long LONGEST_WAIT_WITHOUT_NEWS = TimeUnit.SECONDS.toNanos(5);

    /** Whoever was never answered may ask at the wrong address. */
    private static final String WHO_SAYS_WHERE =
            " (its address is what xds-lb.control-plane.address or XdsLb.Builder.controlPlane says)";

    private final XdsClientSettings settings;
    private final String server;
    private final Node node;
    private final List<ResourceTable<?>> types;
    private final Consumer<@Nullable SocketAddress> reachedFrom;
    private final SerialExecutor executor;
    private final Clock clock;
    private final LongSupplier nanoClock;
    private final BackOff backOff;
    private final ControlPlaneChannel channel;
    private XdsProtocol protocol;
    private @Nullable AdsStream<?, ?> stream;
    private @Nullable Future<?> timer; // of what the diagram waits for next
    private boolean started;
    private boolean waitsLong; // for the next attempt, because everything that was asked for is known
    private long attempt; // counts; what belongs to an older one comes too late
    private boolean accepted;
    private boolean answered;
    private long began; // the attempt, in nanoseconds of the clock
    private long acceptedAt; // in nanoseconds of the clock; only where accepted
    private @Nullable Instant outageSince;
    private boolean closed;
    private volatile State state;
    private volatile Exchanged exchanged = new Exchanged(0, 0, 0, XdsStatus.StreamTimes.NONE);

    /**
     * Makes a connection that nobody has started.
     *
     * @param types what is asked for, in this order: clusters before endpoints, which many a control plane sends again after
     *     each cluster that it sends
     * @param reachedFrom told the address at which the control plane sees this process, null for none
     */
    AdsConnection(
            XdsClientSettings settings,
            String server,
            List<ResourceTable<?>> types,
            Consumer<@Nullable SocketAddress> reachedFrom,
            SerialExecutor executor,
            ControlPlaneChannel channel,
            Clock clock,
            LongSupplier nanoClock,
            RandomGenerator random) {
        this.settings = settings;
        this.channel = channel;
        this.server = server;
        this.node = settings.node().toProto();
        this.types = List.copyOf(types);
        this.reachedFrom = reachedFrom;
        this.executor = executor;
        this.clock = clock;
        this.nanoClock = nanoClock;
        this.backOff = new BackOff(settings.initialBackOff(), settings.maxBackOff(), random);
        this.protocol = settings.protocol();
        this.state = new State(false, clock.instant(), "", protocol, "");
    }

    /**
     * What the connection is like.
     *
     * @param trouble why there is no stream, empty for no reason
     * @param server what the control plane calls itself
     */
    record State(boolean connected, Instant since, String trouble, XdsProtocol protocol, String server) {}

    State state() {
        return state;
    }

    /** Counters since the process began; as in {@link XdsStatus.Traffic}. */
    record Exchanged(long streams, long responses, long rejected, XdsStatus.StreamTimes times) {
        Exchanged plusStream() {
            return new Exchanged(streams + 1, responses, rejected, times);
        }

        Exchanged plusResponse(boolean refused) {
            return new Exchanged(streams, responses + 1, rejected + (refused ? 1 : 0), times);
        }

        Exchanged plusFailure() {
            return with(new XdsStatus.StreamTimes(
                    times.failed() + 1, times.answered(), times.untilAnswer(), times.ended(), times.life()));
        }

        Exchanged plusFirstAnswer(long nanos) {
            return with(new XdsStatus.StreamTimes(
                    times.failed(),
                    times.answered() + 1,
                    times.untilAnswer().plusNanos(nanos),
                    times.ended(),
                    times.life()));
        }

        Exchanged plusEnd(long nanos) {
            return with(new XdsStatus.StreamTimes(
                    times.failed(),
                    times.answered(),
                    times.untilAnswer(),
                    times.ended() + 1,
                    times.life().plusNanos(nanos)));
        }

        private Exchanged with(XdsStatus.StreamTimes newTimes) {
            return new Exchanged(streams, responses, rejected, newTimes);
        }
    }

    Exchanged exchanged() {
        return exchanged;
    }

    /** Connects, unless that has been asked for before. */
    void start() {
        if (!started) {
            started = true;
            connect();
        }
    }

    /** The table wants something else than before. */
    void askForChanges() {
        if (stream != null) {
            stream.askForChanges();
        } else if (waitsLong && timer != null && awaitsFirstNews()) {
            startWait();
        }
    }

    /** Something failed, perhaps what would have led to the next attempt. */
    void goOn() {
        if (started && !closed && stream == null && timer == null) {
            attempt++;
            startWait();
        }
    }

    void close() {
        closed = true;
        stopTimer();
        try {
            if (stream != null) {
                stream.cancel("the client is closed");
            }
        } finally {
            channel.drop();
        }
    }

    private void connect() {
        waitsLong = false;
        if (closed) {
            return;
        }
        long current = ++attempt;
        exchanged = exchanged.plusStream();
        began = nanoClock.getAsLong();
        answered = false;
        startTimer(settings.connectTimeout().toNanos(), this::giveUpConnecting);
        channel.prepare(status -> {
            if (closed || current != attempt) {
                return;
            }
            if (status.isOk()) {
                openStream();
            } else {
                retryAfter(status);
            }
        });
    }

    private void openStream() {
        try {
            AdsStream<?, ?> opened = protocol == XdsProtocol.DELTA
                    ? new DeltaStream(channel.get(), executor, node, types, this)
                    : new SotwStream(channel.get(), executor, node, types, this);
            stream = opened;
            opened.open();
        } catch (RuntimeException | Error e) { // the factory is the application's, and a class may be missing
            stream = null;
            retryAfter(Status.INTERNAL.withDescription("no channel can be made").withCause(e));
        }
    }

    private void giveUpConnecting() {
        String reason = "not connected within " + settings.connectTimeout().toMillis() + " ms";
        if (stream != null) {
            stream.cancel(reason);
            stream = null;
        }
        retryAfter(Status.DEADLINE_EXCEEDED.withDescription(reason));
    }

    @Override
    public void onReady(AdsStream<?, ?> ready) {
        if (ready == stream) {
            startTimer(ACCEPTED_AFTER.toNanos(), () -> {
                accepted(ready, "");
                ready.askForChanges();
            });
        }
    }

    @Override
    public void onHeaders(AdsStream<?, ?> begun, @Nullable SocketAddress localAddress) {
        if (begun == stream) {
            reachedFrom.accept(localAddress);
            begun.askForChanges();
        }
    }

    @Override
    public void onAnswer(AdsStream<?, ?> answering, String identifier, boolean refused) {
        exchanged = exchanged.plusResponse(refused);
        if (answering == stream) {
            if (!answered) {
                answered = true;
                exchanged = exchanged.plusFirstAnswer(nanoClock.getAsLong() - began);
            }
            accepted(answering, identifier);
            answering.askForChanges(); // an answer may lead to another question
        }
    }

    @Override
    public void onEnd(AdsStream<?, ?> ended, Status status) {
        if (ended != stream || closed) {
            return;
        }
        stream = null;
        stopTimer();
        types.forEach(ResourceTable::streamEnded);
        if (!accepted && status.getCode() == Code.UNIMPLEMENTED) {
            if (protocol == XdsProtocol.DELTA) {
                log.info("{} does not serve delta xDS; asking it for the state of the world from now on", server);
                protocol = XdsProtocol.SOTW;
                exchanged = exchanged.plusFailure();
                connect();
                return;
            }
            protocol = settings.protocol(); // it serves neither: perhaps it was not the control plane that answered
        }
        retryAfter(status);
    }

    private void accepted(AdsStream<?, ?> accepting, String identifier) {
        if (!accepted) {
            accepted = true;
            acceptedAt = nanoClock.getAsLong();
            stopTimer();
            backOff.reset();
            accepting.accepted();
            types.forEach(ResourceTable::outageOver);
            if (outageSince != null) {
                Duration outage = Duration.between(outageSince, clock.instant());
                log.info("{} is reachable again after {} s", server, outage.toSeconds());
                outageSince = null;
            }
        } else if (state.server().equals(identifier)) {
            return;
        }
        Instant since = state.connected() ? state.since() : clock.instant();
        state = new State(true, since, "", protocol, identifier);
    }

    private void retryAfter(Status status) {
        String reason = reason(status);
        exchanged = accepted ? exchanged.plusEnd(nanoClock.getAsLong() - acceptedAt) : exchanged.plusFailure();
        if (accepted && isOrdinaryEnd(status)) {
            log.debug("the stream of {} has ended, opening another one: {}", server, reason);
            state = new State(false, clock.instant(), reason, protocol, state.server());
        } else {
            outage(reason);
            channel.drop(); // the next one may lead to another replica
        }
        accepted = false;
        attempt++;
        startWait();
    }

    private void startWait() {
        waitsLong = !awaitsFirstNews();
        startTimer(
                waitsLong ? backOff.nextDelayNanos() : backOff.nextDelayNanos(LONGEST_WAIT_WITHOUT_NEWS),
                this::connect);
    }

    private boolean awaitsFirstNews() {
        return types.stream().anyMatch(ResourceTable::awaitsFirstNews);
    }

    /** Whether a control plane that goes away ends its streams like this: it says so, breaks off, or resets them. */
    private static boolean isOrdinaryEnd(Status status) {
        return switch (status.getCode()) {
            case OK, UNAVAILABLE -> true;
            case CANCELLED -> status.getCause() == null; // with one, it was we who failed at an answer
            default -> false;
        };
    }

    private void outage(String reason) {
        if (outageSince == null) {
            outageSince = clock.instant();
            log.warn(
                    "{} cannot be reached, and is tried until it can; endpoints that are known stay in use: {}{}",
                    server,
                    reason,
                    exchanged.responses() == 0 ? WHO_SAYS_WHERE : "");
        }
        Instant since = state.connected() ? clock.instant() : state.since();
        state = new State(false, since, reason, protocol, state.server());
        types.forEach(type -> type.outage(server + " cannot be reached: " + reason));
    }

    /** Returns one line: a transport's description may hold a dump of itself, and its cause the address. */
    private static String reason(Status status) {
        Throwable cause = status.getCause();
        String said =
                cause == null ? status.getDescription() : requireNonNullElse(cause.getMessage(), cause.toString());
        if (cause instanceof UnknownHostException) {
            said = "unknown host " + said; // its message may be the host alone
        }
        return said == null || said.isBlank()
                ? status.getCode().toString()
                : status.getCode() + ", " + said.lines().findFirst().orElse("");
    }

    private void startTimer(long delayNanos, Runnable task) {
        stopTimer();
        timer = executor.schedule(
                () -> {
                    timer = null;
                    task.run();
                },
                delayNanos);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
