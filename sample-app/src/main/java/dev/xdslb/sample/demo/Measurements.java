/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Counts every request, once for the view of the last seconds and once for the scenario during which it began. Written by
 * the threads that send and receive, read by the views; all under the lock of this object. Keeps no single request.
 */
final class Measurements {
    private static final long SLOT_NANOS = 500_000_000;

    private final LongSupplier nanoClock;
    private final Tables tables;
    private final List<ClientKind> clients;
    private final PerClient<Map<String, ArrayDeque<Slot>>> live = new PerClient<>(HashMap::new); // then by pod
    private Window window = new Window();

    /**
     * Makes the figures of some clients.
     *
     * @param clients who calls
     */
    Measurements(LongSupplier nanoClock, Tables tables, Set<ClientKind> clients) {
        this.nanoClock = nanoClock;
        this.tables = tables;
        this.clients = Stream.of(ClientKind.values()).filter(clients::contains).toList();
    }

    /** Returns who calls, in the order in which they are shown. */
    List<ClientKind> clients() {
        return clients;
    }

    /** Begins a request of a client. */
    synchronized MeasuredRequest begin(ClientKind client) {
        Window.Counts counts = window.of(client);
        counts.requests++;
        return new MeasuredRequest(this, client, counts, nanoClock.getAsLong());
    }

    /** Lets the requests that begin from now on count for another scenario; returns the scenario's window. */
    synchronized Window openWindow() {
        window = new Window();
        return window;
    }

    /** Returns the figures of a window as they are now. */
    synchronized ClientFigures figures(Window window, ClientKind client) {
        Window.Counts counts = window.of(client);
        return new ClientFigures(
                counts.requests,
                counts.failed,
                counts.latency.count(),
                counts.latency.percentile(50),
                counts.latency.percentile(99),
                counts.lastAfterRemovalMillis,
                Map.copyOf(counts.perPod));
    }

    /** Returns what a client did in the last {@link ClientKind#liveSeconds}, by pod. */
    synchronized LiveFigures live(ClientKind client) {
        long current = nanoClock.getAsLong() / SLOT_NANOS;
        int seconds = client.liveSeconds();
        int kept = slots(client);
        LatencyHistogram all = new LatencyHistogram();
        Map<String, LiveFigures.Pod> pods = new HashMap<>();
        int requests = 0;
        int failed = 0;
        live.of(client).values().removeIf(slots -> slots.getLast().number < current - kept);
        for (Map.Entry<String, ArrayDeque<Slot>> entry : live.of(client).entrySet()) {
            LatencyHistogram latency = new LatencyHistogram();
            int podRequests = 0;
            int podFailed = 0;
            for (Slot slot : entry.getValue()) {
                if (slot.number < current && slot.number >= current - kept) { // the present slot is not full yet
                    podRequests += slot.requests;
                    podFailed += slot.failed;
                    latency.add(slot.latency);
                }
            }
            pods.put(
                    entry.getKey(),
                    new LiveFigures.Pod(
                            (double) podRequests / seconds,
                            (double) podFailed / seconds,
                            latency.percentile(50),
                            latency.percentile(99)));
            requests += podRequests;
            failed += podFailed;
            all.add(latency);
        }
        return new LiveFigures(
                client,
                (double) requests / seconds,
                (double) failed / seconds,
                all.percentile(50),
                all.percentile(99),
                pods);
    }

    synchronized void sent(MeasuredRequest request, String pod) {
        long now = nanoClock.getAsLong();
        slot(request.client(), pod, now).requests++;
        Window.Counts counts = request.counts();
        counts.perPod.merge(pod, 1, Integer::sum);
        long sinceRemoval = tables.nanosSinceRemoval(request.client(), pod, now);
        if (sinceRemoval >= 0) {
            counts.lastAfterRemovalMillis = Math.max(counts.lastAfterRemovalMillis, sinceRemoval / 1e6);
        }
    }

    synchronized void ended(MeasuredRequest request, boolean succeeded) {
        long now = nanoClock.getAsLong();
        double millis = (now - request.startedAt()) / 1e6;
        Slot slot = slot(request.client(), request.pod(), now);
        if (succeeded) {
            slot.latency.record(millis);
            request.counts().latency.record(millis);
        } else {
            slot.failed++;
            request.counts().failed++;
        }
    }

    private static int slots(ClientKind client) {
        return (int) (client.liveSeconds() * 1_000_000_000L / SLOT_NANOS);
    }

    private Slot slot(ClientKind client, String pod, long now) {
        ArrayDeque<Slot> slots = live.of(client).computeIfAbsent(pod, key -> new ArrayDeque<>());
        long number = now / SLOT_NANOS;
        Slot newest = slots.peekLast();
        if (newest != null && newest.number == number) {
            return newest;
        }
        Slot slot = slots.size() > slots(client) ? slots.removeFirst() : new Slot();
        slot.restart(number);
        slots.addLast(slot);
        return slot;
    }

    private static final class Slot {
        final LatencyHistogram latency = new LatencyHistogram();
        long number;
        int requests;
        int failed;

        void restart(long number) {
            this.number = number;
            requests = 0;
            failed = 0;
            latency.clear();
        }
    }
}
