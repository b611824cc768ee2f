/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.fault.Pulse;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * The xDS server of a control plane: an HTTP/2 port with the discovery service behind it. Started last and stopped
 * first, so that what it serves from is there as long as it serves.
 *
 * <p>Started and stopped by one thread at a time; the rest may be called by any.
 */
public final class XdsServer implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(XdsServer.class);

    // A client that is gone without a word is noticed after the sum of these two, which is less than 40 s.
    private static final Duration KEEPALIVE_TIME = Duration.ofSeconds(20);
    private static final Duration KEEPALIVE_TIMEOUT = Duration.ofSeconds(15);

    /** Clients ping every 10 s at the most often; half of it, so that a ping that comes early is no offence. */
    private static final Duration PERMITTED_KEEPALIVE_TIME = Duration.ofSeconds(5);

    private static final Duration MAX_CONNECTION_AGE_GRACE = Duration.ofSeconds(10);

    /** What is larger than a request may be, and not more than this, is refused with a reason; grpc-java resets without one. */
    private static final int MAX_READ_BYTES = 2 * Dialect.MAX_REQUEST_BYTES;

    /** A client has a stream or two on its connection, and a proxy those of its clients. More resets are an attack (CVE-2023-44487). */
    private static final int MAX_RESETS = 1_000;

    private static final int RESET_WINDOW_SECONDS = 10;

    private static final Duration DEADLINE_CHECK_PERIOD = Duration.ofSeconds(5);
    private static final Duration MAX_CLOSE = Duration.ofSeconds(5); // of connections, after their streams
    private static final Duration STATUS_THREAD_IDLE = Duration.ofSeconds(10);
    private static final int MAX_STATUS_WAITING = 8;
    private static final Duration MAX_RESET = Duration.ofSeconds(1);

    private final ResourceStore store;
    private final InetSocketAddress address;
    private final XdsServerSettings serverSettings;
    private final AdsSettings settings;
    private final Faults faults;
    private final List<XdsServerCustomizer> customizers;
    private final StreamSignals signals;
    private volatile @Nullable Running running; // written by start and stop

    /**
     * Returns a server that is not started yet.
     *
     * @param address of this machine to listen on; all of them when null or blank
     * @param port 0 for any free one
     * @param trusted the kinds of clients that, when they reconnect, are not sent again what they say they hold
     */
    public XdsServer(ResourceStore store, @Nullable String address, int port, Set<Family> trusted) {
        this(store, address, port, trusted, new Faults(), List.of());
    }

    /**
     * Returns the same, with changes to the server.
     *
     * @param faults where faults of its threads are known
     * @param customizers are called at each start, in this order, when everything else is set
     */
    public XdsServer(
            ResourceStore store,
            @Nullable String address,
            int port,
            Set<Family> trusted,
            Faults faults,
            List<XdsServerCustomizer> customizers) {
        this(store, new XdsServerSettings(address, port, trusted), faults, customizers, StreamSignals.NONE);
    }

    /** Returns the same with everything that can be set. */
    public XdsServer(
            ResourceStore store,
            XdsServerSettings settings,
            Faults faults,
            List<XdsServerCustomizer> customizers,
            StreamSignals signals) {
        this.store = store;
        this.faults = faults;
        this.customizers = List.copyOf(customizers);
        this.signals = signals;
        this.serverSettings = settings;
        String host = settings.address();
        this.address = host == null || host.isBlank()
                ? new InetSocketAddress(settings.port())
                : new InetSocketAddress(host, settings.port());
        this.settings = AdsSettings.DEFAULT
                .withTrustInitialVersions(settings.trusted())
                .withRates(settings.newStreamsPerSecond(), settings.requestsPerSecond());
    }

    private record Running(
            Server server,
            OpenStreams streams,
            ExecutorService pool,
            ExecutorService bulk,
            ExecutorService statusExecutor,
            ScheduledExecutorService timer,
            Pulse timerPulse,
            Pulse poolPulse) {}

    @Override
    public void start() {
        if (running != null) {
            return;
        }
        FaultBoundary boundary = faults.boundary("xds streams");
        ExecutorService pool = pool(Math.max(2, Runtime.getRuntime().availableProcessors()), "xds-stream-");
        ExecutorService bulk = pool(1, "xds-bulk-");
        ExecutorService statusExecutor = statusExecutor();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(threads("xds-timer-"));
        OpenStreams streams = new OpenStreams(
                store,
                pool,
                bulk,
                settings,
                Clock.systemUTC(),
                System::nanoTime,
                timer(timer, boundary),
                boundary,
                signals);
        Running started = new Running(
                server(streams, statusExecutor),
                streams,
                pool,
                bulk,
                statusExecutor,
                timer,
                faults.pulse("xds timer"),
                faults.pulse("xds stream pool"));
        try {
            started.server.start();
        } catch (IOException e) {
            release(started);
            throw new IllegalStateException(
                    "cannot listen for xDS on " + address + ": " + e.getMessage()
                            + ". Set xds-lb.control-plane.port to another port, or to 0 for any free one, and"
                            + " xds-lb.control-plane.address to an address of this machine.",
                    e);
        }
        Future<?> unused = timer.scheduleWithFixedDelay(
                () -> boundary.run("deadlines", () -> tick(started)), // what it throws would end it for good
                DEADLINE_CHECK_PERIOD.toMillis(),
                DEADLINE_CHECK_PERIOD.toMillis(),
                TimeUnit.MILLISECONDS);
        running = started;
        log.info("Serving xDS on port {}", port());
    }

    /** Closes the streams so that their clients go elsewhere, then the port. */
    @Override
    public void stop() {
        Running stopping = running;
        if (stopping == null) {
            return;
        }
        running = null;
        stopping.server.shutdown();
        Duration drain = serverSettings.drain();
        stopping.streams.drain(drain);
        try {
            if (!stopping.server.awaitTermination(drain.plus(MAX_CLOSE).toMillis(), TimeUnit.MILLISECONDS)) {
                log.info("Streams are still open {} s after they were closed: dropping them", MAX_CLOSE.toSeconds());
            }
            stopping.server.shutdownNow();
            stopping.server.awaitTermination(MAX_RESET.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        release(stopping);
    }

    @Override
    public boolean isRunning() {
        return running != null;
    }

    /** Returns the port that it listens on, which is the configured one unless that is 0. */
    public int port() {
        return running().server.getPort();
    }

    /**
     * Returns some of the open streams and what each client was told, the oldest first. A page may have fewer than are asked
     * for, where they have many names.
     *
     * @param node the client's node id; null for all clients
     * @param after what the page before said; 0 for the first
     * @param limit how many at most, at least 1
     */
    public StreamPage streams(@Nullable String node, long after, int limit) {
        Running current = running;
        return current == null ? StreamPage.EMPTY : current.streams.page(node, after, limit);
    }

    /**
     * Takes no more streams until {@link #accept}, and ends those that are open, one after the other.
     *
     * @param reason for the clients
     * @param over in which time all are ended
     */
    public void shed(String reason, Duration over) {
        Running current = running;
        if (current != null) {
            current.streams.shed(reason, over);
        }
    }

    /** Takes streams again; those that are not ended yet stay. */
    public void accept() {
        Running current = running;
        if (current != null) {
            current.streams.accept();
        }
    }

    private static void tick(Running ticking) {
        ticking.timerPulse.beat();
        ticking.pool.execute(ticking.poolPulse::beat);
        ticking.streams.checkDeadlines();
    }

    private Running running() {
        Running current = running;
        if (current == null) {
            throw new IllegalStateException("the xDS server is not running");
        }
        return current;
    }

    private Server server(OpenStreams streams, ExecutorService statusExecutor) {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address)
                .addServices(DiscoveryServices.of(streams))
                .addTransportFilter(streams.connections())
                .addStreamTracerFactory(streams.arrivals())
                .directExecutor() // handlers only hand over to the stream's executor
                .keepAliveTime(KEEPALIVE_TIME.toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(KEEPALIVE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(PERMITTED_KEEPALIVE_TIME.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true)
                .maxConnectionAge(serverSettings.maxConnectionAge().toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionAgeGrace(MAX_CONNECTION_AGE_GRACE.toMillis(), TimeUnit.MILLISECONDS)
                .maxInboundMessageSize(MAX_READ_BYTES)
                .maxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
                .maxConcurrentCallsPerConnection(Integer.MAX_VALUE); // a low one hangs grpc-java without a word
        ClientStatusService status = new ClientStatusService(streams, statusExecutor, faults.boundary("xds streams"));
        switch (serverSettings.clientStatus()) {
            case NONE -> {}
            case LOCAL -> builder.addService(ServerInterceptors.intercept(status, new LocalCallersOnly()));
            case ALL -> builder.addService(status);
        }
        customizers.forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    private static StreamContext.Timer timer(ScheduledExecutorService timer, FaultBoundary boundary) {
        return (nanos, task) -> {
            if (!timer.isShutdown()) { // then the streams are gone, too
                Future<?> unused = timer.schedule(() -> boundary.run("a timer", task), nanos, TimeUnit.NANOSECONDS);
            }
        };
    }

    private static ExecutorService pool(int threads, String name) {
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                threads(name),
                new ThreadPoolExecutor.DiscardPolicy()); // what comes after the end is for streams that are gone
    }

    /** For who asks about clients: one after the other, a few waiting, and no thread while nobody asks. */
    private static ExecutorService statusExecutor() {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                1,
                1,
                STATUS_THREAD_IDLE.toSeconds(),
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_STATUS_WAITING),
                threads("xds-status-"));
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    private static void release(Running released) {
        released.timerPulse.close();
        released.poolPulse.close();
        released.server.shutdownNow();
        released.streams.close();
        released.timer.shutdownNow();
        released.pool.shutdown();
        released.bulk.shutdown();
        released.statusExecutor.shutdownNow();
    }

    private static ThreadFactory threads(String prefix) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
