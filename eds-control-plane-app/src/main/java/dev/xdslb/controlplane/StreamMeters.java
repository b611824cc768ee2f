/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.ads.StreamSignals;
import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What happens on the streams, by type of resource and by nothing else: there are thousands of clients. A type has its meters
 * from the first time that something of it happens. Written by the streams' threads.
 */
final class StreamMeters implements StreamSignals {

    /** Of the histograms: what is good, what is seen, and what somebody complains of. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2_500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60)
    };

    private final MeterRegistry registry;
    private final AtomicInteger open = new AtomicInteger();
    private final Map<String, OfType> types = new ConcurrentHashMap<>();

    StreamMeters(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("xdslb.control-plane.streams", open, AtomicInteger::get)
                .description("Open streams, with those that wait for their turn to begin")
                .register(registry);
    }

    @Override
    public void opened() {
        open.incrementAndGet();
    }

    @Override
    public void closed(Status.Code status) {
        open.decrementAndGet();
        streams("ended", "Streams that have ended, by the status that was told, CANCELLED where none was", status);
    }

    @Override
    public void refused(Status.Code status) {
        streams("refused", "Streams that were not taken", status);
    }

    @Override
    public void shed(String what) {
        Counter.builder("xdslb.control-plane.streams.shed")
                .description("Streams that were ended because all together held too much of it")
                .tag("held", what)
                .register(registry)
                .increment();
    }

    @Override
    public void pushed(@Nullable ResourceType type, int bytes) {
        OfType meters = of(type);
        meters.pushes.increment();
        meters.bytes.increment(bytes);
    }

    @Override
    public void queued(@Nullable ResourceType type, Duration time) {
        of(type).queue.record(time);
    }

    @Override
    public void acknowledged(@Nullable ResourceType type, Duration time) {
        of(type).ack.record(time);
    }

    @Override
    public void converged(@Nullable ResourceType type, Duration time) {
        of(type).convergence.record(time);
    }

    @Override
    public void rejected(@Nullable ResourceType type) {
        of(type).nacks.increment();
    }

    @Override
    public void unanswered(@Nullable ResourceType type) {
        of(type).unanswered.increment();
    }

    @Override
    public void stale(@Nullable ResourceType type) {
        of(type).stale.increment();
    }

    @Override
    public void coalesced(@Nullable ResourceType type) {
        of(type).coalesced.increment();
    }

    private void streams(String what, String description, Status.Code status) {
        Counter.builder("xdslb.control-plane.streams." + what)
                .description(description)
                .tag("status", status.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .register(registry)
                .increment();
    }

    private OfType of(@Nullable ResourceType type) {
        String name = type == null ? "not-served" : type.name().toLowerCase(Locale.ROOT);
        OfType present = types.get(name);
        return present == null ? types.computeIfAbsent(name, OfType::new) : present;
    }

    private final class OfType {
        private final Timer convergence;
        private final Timer queue;
        private final Timer ack;
        private final Counter pushes;
        private final Counter bytes;
        private final Counter nacks;
        private final Counter unanswered;
        private final Counter stale;
        private final Counter coalesced;

        OfType(String type) {
            convergence = timer(
                    "convergence",
                    type,
                    "Time from a change in Kubernetes until a client has accepted what it was sent");
            queue = timer(
                    "queue.time", type, "Time from the announcement of a change until it was handed to the transport");
            ack = timer("ack.time", type, "Time from a response to its acceptance by the client");
            pushes = counter("pushes", type, "Responses that were sent").register(registry);
            bytes = counter("sent", type, "Size of the responses that were sent")
                    .baseUnit("bytes")
                    .register(registry);
            nacks = counter("nacks", type, "Responses that clients have rejected")
                    .register(registry);
            unanswered = counter("unanswered", type, "Responses that were neither accepted nor rejected in time")
                    .register(registry);
            stale = counter("nonces.stale", type, "Requests with the nonce of another response than the last one")
                    .register(registry);
            coalesced = counter(
                            "coalesced",
                            type,
                            "Changes that were sent together with an earlier one of the same resource")
                    .register(registry);
        }

        private Timer timer(String name, String type, String description) {
            return Timer.builder("xdslb.control-plane." + name)
                    .description(description)
                    .tag("type", type)
                    .serviceLevelObjectives(BUCKETS)
                    .register(registry);
        }

        private static Counter.Builder counter(String name, String type, String description) {
            return Counter.builder("xdslb.control-plane." + name)
                    .description(description)
                    .tag("type", type);
        }
    }
}
