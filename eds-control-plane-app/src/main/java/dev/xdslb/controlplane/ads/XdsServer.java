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
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
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

    /** Spreads streams over replicas that come and go. grpc-java adds a jitter of 10% by itself. Source: Istio. */
    private static final Duration MAX_CONNECTION_AGE = Duration.ofMinutes(30);

    private static final Duration MAX_CONNECTION_AGE_GRACE = Duration.ofSeconds(10);
    /** As many names as a stream may have, each with the version that the client holds: 160 bytes for both. */
    private static final int MAX_REQUEST_BYTES = 16 * 1024 * 1024;

    /** A client has a stream or two on its connection, and a proxy those of its clients. More resets are an attack (CVE-2023-44487). */
    private static final int MAX_RESETS = 1_000;

    private static final int RESET_WINDOW_SECONDS = 10;

    private static final Duration DEADLINE_CHECK_PERIOD = Duration.ofSeconds(5);
    private static final Duration MAX_DRAIN = Duration.ofSeconds(10);
    private static final Duration MAX_RESET = Duration.ofSeconds(1);

    private final ResourceStore store;
    private final InetSocketAddress address;
    private final AdsSettings settings;
    private final Faults faults;
    private final List<XdsServerCustomizer> customizers;
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
        this.store = store;
        this.faults = faults;
        this.customizers = List.copyOf(customizers);
        this.address = address == null || address.isBlank()
                ? new InetSocketAddress(port)
                : new InetSocketAddress(address, port);
        this.settings = AdsSettings.DEFAULT.withTrustInitialVersions(trusted);
    }

    private record Running(
            Server server,
            AggregatedDiscoveryService service,
            ExecutorService pool,
            ScheduledExecutorService timer,
            Pulse timerPulse,
            Pulse poolPulse) {}

    @Override
    public void start() {
        if (running != null) {
            return;
        }
        FaultBoundary boundary = faults.boundary("xds streams");
        ExecutorService pool = pool();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(threads("xds-timer-"));
        AggregatedDiscoveryService service =
                new AggregatedDiscoveryService(store, pool, settings, Clock.systemUTC(), System::nanoTime, boundary);
        Running started = new Running(
                server(service), service, pool, timer, faults.pulse("xds timer"), faults.pulse("xds stream pool"));
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
        stopping.service.drain(stopping.timer);
        try {
            if (!stopping.server.awaitTermination(MAX_DRAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                log.info("Streams are still open {} s after they were closed: dropping them", MAX_DRAIN.toSeconds());
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

    /** Returns the open streams and what each client was told. */
    public List<StreamView> streams() {
        Running current = running;
        return current == null ? List.of() : current.service.streams();
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
            current.service.shed(current.timer, reason, over);
        }
    }

    /** Takes streams again; those that are not ended yet stay. */
    public void accept() {
        Running current = running;
        if (current != null) {
            current.service.accept();
        }
    }

    private static void tick(Running ticking) {
        ticking.timerPulse.beat();
        ticking.pool.execute(ticking.poolPulse::beat);
        ticking.service.checkDeadlines();
    }

    private Running running() {
        Running current = running;
        if (current == null) {
            throw new IllegalStateException("the xDS server is not running");
        }
        return current;
    }

    private Server server(AggregatedDiscoveryService service) {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address)
                .addService(service)
                .directExecutor() // handlers only hand over to the stream's executor
                .keepAliveTime(KEEPALIVE_TIME.toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(KEEPALIVE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(PERMITTED_KEEPALIVE_TIME.toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true)
                .maxConnectionAge(MAX_CONNECTION_AGE.toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionAgeGrace(MAX_CONNECTION_AGE_GRACE.toMillis(), TimeUnit.MILLISECONDS)
                .maxInboundMessageSize(MAX_REQUEST_BYTES)
                .maxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
                .maxConcurrentCallsPerConnection(Integer.MAX_VALUE); // a low one hangs grpc-java without a word
        customizers.forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    private static ExecutorService pool() {
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                threads("xds-stream-"),
                new ThreadPoolExecutor.DiscardPolicy()); // what comes after the end is for streams that are gone
    }

    private static void release(Running released) {
        released.timerPulse.close();
        released.poolPulse.close();
        released.server.shutdownNow();
        released.service.close();
        released.timer.shutdownNow();
        released.pool.shutdown();
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
