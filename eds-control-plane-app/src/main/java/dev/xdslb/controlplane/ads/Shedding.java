/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.Status;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends streams when all together make the process keep too much: of requests that are not whole those that were begun first, which a
 * client that means it has ended long ago; of names those of the streams that have most of them.
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
                DiscoveryStream::arrivingBytes,
                Comparator.comparingLong(DiscoveryStream::arrivingSince));
    }

    private void shedNames() {
        shed(
                names,
                "names",
                DiscoveryStream::nameBytes,
                Comparator.<DiscoveryStream<?>>comparingLong(DiscoveryStream::nameBytes)
                        .reversed());
    }

    private void shed(
            SharedBudget budget,
            String what,
            ToLongFunction<DiscoveryStream<?>> held,
            Comparator<DiscoveryStream<?>> first) {
        budget.settled(); // what comes from now on is seen
        long excess = budget.excess();
        long all = budget.held();
        List<DiscoveryStream<?>> holding = streams.stream()
                .filter(stream -> held.applyAsLong(stream) > 0)
                .sorted(first)
                .toList();
        for (DiscoveryStream<?> stream : holding) {
            excess -= stream.isLeaving() ? held.applyAsLong(stream) : 0;
        }
        Status status = Status.RESOURCE_EXHAUSTED.withDescription(String.format(
                Locale.ROOT,
                "%s of all clients take %d bytes (expected: at most %d); this one has a large part in it",
                what,
                all,
                budget.limit()));
        int ended = 0;
        for (DiscoveryStream<?> stream : holding) {
            if (excess <= 0) {
                break;
            }
            if (!stream.isLeaving()) {
                excess -= held.applyAsLong(stream);
                stream.leave(status);
                signals.shed(what.equals("names") ? "names" : "requests");
                ended++;
            }
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
