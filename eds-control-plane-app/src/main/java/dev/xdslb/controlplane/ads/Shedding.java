/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.Status;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends streams when all together make the process keep too much: of requests that are not whole those that were begun first, which a
 * client that means it has ended long ago; of names those of the address whose streams have most of them.
 */
final class Shedding {
    private static final Logger log = LoggerFactory.getLogger(Shedding.class);

    private static final long WARNINGS_PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

    final SharedBudget requests;
    final SharedBudget names;
    private final Collection<DiscoveryStream<?>> streams;
    private final StreamContext.NanoClock nanoClock;
    private final StreamSignals signals;

    // The timer's.
    private boolean everWarned;
    private long warnedAtNanos;

    Shedding(
            AdsSettings.Totals totals,
            Collection<DiscoveryStream<?>> streams,
            StreamContext.NanoClock nanoClock,
            StreamContext.Timer timer,
            StreamSignals signals) {
        this.streams = streams;
        this.nanoClock = nanoClock;
        this.signals = signals;
        this.requests = new SharedBudget(totals.requestBytes(), () -> timer.after(0, this::shedRequests));
        this.names = new SharedBudget(totals.nameBytes(), () -> timer.after(0, this::shedNames));
    }

    private void shedRequests() {
        shed(
                requests,
                "requests that are not whole",
                "requests",
                DiscoveryStream::arrivingBytes,
                // A small one is as good as whole, whenever it was begun.
                Comparator.comparing((Holding one) -> RequestArrival.isSmall(one.bytes))
                        .thenComparingLong(one -> one.since),
                DiscoveryStream::leaveAtOnce);
    }

    private void shedNames() {
        shed(
                names,
                "names",
                "names",
                DiscoveryStream::nameBytes,
                Comparator.comparingLong((Holding one) -> one.ofPeer)
                        .thenComparingLong(one -> one.bytes)
                        .reversed(),
                DiscoveryStream::leave);
    }

    /**
     * What a stream holds, as it was when it was looked at: it may hold more or less in the next moment.
     *
     * @param ofPeer what all streams from the same address hold: with many small ones, a client is to be no better off than with one
     */
    private record Holding(DiscoveryStream<?> stream, long bytes, long since, long ofPeer) {}

    private void shed(
            SharedBudget budget,
            String what,
            String signal,
            ToLongFunction<DiscoveryStream<?>> held,
            Comparator<Holding> first,
            BiConsumer<DiscoveryStream<?>, Status> leave) {
        budget.settled(); // what comes from now on is seen
        long excess = budget.excess();
        long all = budget.held();
        IdentityHashMap<DiscoveryStream<?>, Long> bytes = new IdentityHashMap<>();
        Map<String, Long> byPeer = new HashMap<>();
        for (DiscoveryStream<?> stream : streams) {
            long now = held.applyAsLong(stream);
            if (stream.isLeaving()) {
                excess -= now;
            } else if (now > 0) {
                bytes.put(stream, now);
                byPeer.merge(stream.peerAddress(), now, Long::sum);
            }
        }
        List<Holding> holding = bytes.entrySet().stream()
                .map(entry -> new Holding(
                        entry.getKey(),
                        entry.getValue(),
                        entry.getKey().arrivingSince(),
                        byPeer.getOrDefault(entry.getKey().peerAddress(), 0L)))
                .sorted(first)
                .toList();
        Status status = Status.RESOURCE_EXHAUSTED.withDescription(String.format(
                Locale.ROOT,
                "%s of all clients take %d bytes (expected: at most %d); this one has a large part in it",
                what,
                all,
                budget.limit()));
        int ended = 0;
        for (Holding one : holding) {
            if (excess <= 0) {
                break;
            }
            excess -= one.bytes;
            leave.accept(one.stream, status);
            signals.shed(signal);
            ended++;
        }
        warn(budget, what, all, ended);
    }

    private void warn(SharedBudget budget, String what, long all, int ended) {
        long now = nanoClock.nanoTime();
        if (ended > 0 && (!everWarned || now - warnedAtNanos >= WARNINGS_PAUSE_NANOS)) {
            everWarned = true;
            warnedAtNanos = now;
            log.warn(
                    "{} of all clients take {} bytes (expected: at most {}). {} streams with a large part in it are ended."
                            + " Find them at /debug/streams, or give the control plane more memory.",
                    what,
                    all,
                    budget.limit(),
                    ended);
        }
    }
}
