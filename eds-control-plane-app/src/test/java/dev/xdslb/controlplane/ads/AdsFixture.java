/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.xdslb.controlplane.fault.Faults;
import io.envoyproxy.envoy.config.core.v3.BuildVersion;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.type.v3.SemanticVersion;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.inprocess.InProcessSocketAddress;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A discovery service over resources of the test, reached in-process by as many clients as the test wants. */
final class AdsFixture implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final AtomicInteger MARKERS = new AtomicInteger();

    final InMemoryResourceStore store = new InMemoryResourceStore();
    final AtomicLong nanos = new AtomicLong();
    final Faults faults = new Faults();
    final ExecutorService pool = Executors.newFixedThreadPool(2);
    final ExecutorService bulk = Executors.newSingleThreadExecutor();
    final OpenStreams streams;

    static final int STATUS_WAITING = 2;
    private final ThreadPoolExecutor status =
            new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(STATUS_WAITING));
    private final CountDownLatch statusHeld = new CountDownLatch(1);

    private final Server server;
    private final PriorityBlockingQueue<Later> later =
            new PriorityBlockingQueue<>(11, Comparator.comparingLong(Later::atNanos));
    private final List<ManagedChannel> channels = new ArrayList<>();

    AdsFixture() {
        this(AdsSettings.DEFAULT);
    }

    AdsFixture(AdsSettings settings) {
        this(settings, StreamSignals.NONE);
    }

    AdsFixture(AdsSettings settings, StreamSignals signals) {
        streams = new OpenStreams(
                store,
                pool,
                bulk,
                settings,
                new FakeClock(),
                nanos::get,
                this::later,
                faults.boundary("streams"),
                signals);
        try {
            server = InProcessServerBuilder.forName(InProcessServerBuilder.generateName())
                    .directExecutor()
                    .addServices(DiscoveryServices.of(streams))
                    .addTransportFilter(streams.connections())
                    .addStreamTracerFactory(streams.arrivals())
                    .addService(new ClientStatusService(streams, status, faults.boundary("streams")))
                    .build()
                    .start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    DeltaClient delta(Node node) {
        return new DeltaClient(channel(), node, this);
    }

    DeltaClient delta() {
        return delta(node("xds-lb"));
    }

    /** Returns a client that shares its connection with others. */
    DeltaClient delta(ManagedChannel connection) {
        return new DeltaClient(connection, node("xds-lb"), this);
    }

    SotwClient sotw(Node node) {
        return new SotwClient(channel(), node, this);
    }

    SotwClient sotw() {
        return sotw(node("xds-lb"));
    }

    ManagedChannel channel() {
        String name = ((InProcessSocketAddress) server.getListenSockets().get(0)).getName();
        ManagedChannel channel =
                InProcessChannelBuilder.forName(name).directExecutor().build();
        channels.add(channel);
        return channel;
    }

    /** Returns an Envoy of a version 1.x. */
    static Node envoy(int minor) {
        return node("envoy").toBuilder()
                .setUserAgentBuildVersion(BuildVersion.newBuilder()
                        .setVersion(
                                SemanticVersion.newBuilder().setMajorNumber(1).setMinorNumber(minor)))
                .build();
    }

    static Node node(String userAgent) {
        return Node.newBuilder()
                .setId("client-1")
                .setUserAgentName(userAgent)
                .setMetadata(Struct.newBuilder()
                        .putFields(
                                "namespace",
                                Value.newBuilder().setStringValue("shop").build()))
                .build();
    }

    /** Makes a resource that no other test or step uses, to be asked for in order to see that nothing comes before it. */
    String marker() {
        String name = "marker-" + MARKERS.incrementAndGet();
        store.putEndpoints(name, 1);
        return name;
    }

    private record Later(long atNanos, Runnable task) {}

    private void later(long inNanos, Runnable task) {
        later.add(new Later(nanos.get() + inNanos, task));
    }

    /** Returns how many tasks wait for time to pass. */
    int waiting() {
        return later.size();
    }

    /** Lets time pass and what was to be done meanwhile be done. */
    void pass(Duration time) {
        long end = nanos.addAndGet(time.toNanos());
        Later next;
        while ((next = later.peek()) != null && next.atNanos <= end) {
            later.remove(next);
            next.task.run();
        }
    }

    /** Lets time pass and the service look at its deadlines. */
    void advance(Duration time) {
        pass(time);
        streams.checkDeadlines();
    }

    /** Shows the time that the test lets pass. */
    private final class FakeClock extends Clock {
        @Override
        public Instant instant() {
            return NOW.plusNanos(nanos.get());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("nobody asks for a date");
        }
    }

    /** Keeps busy who answers questions for the status of clients. */
    void holdStatus() {
        status.execute(() -> {
            try {
                statusHeld.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    void releaseStatus() {
        statusHeld.countDown();
    }

    /** Returns the only open stream. */
    StreamView stream() {
        List<StreamView> views = streams.page(null, 0, 1_000).streams();
        assertThat(views).hasSize(1);
        return views.get(0);
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        server.shutdownNow();
        try {
            assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        streams.close();
        pool.shutdown();
        bulk.shutdown();
        status.shutdownNow();
    }
}
