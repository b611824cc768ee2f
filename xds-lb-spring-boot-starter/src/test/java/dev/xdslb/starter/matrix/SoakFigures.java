/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What was counted in a soak. */
final class SoakFigures {
    private static final int COLLECTIONS = 4;

    private final Map<String, long[]> calls = new TreeMap<>(); // guarded by this; well, all, longest in milliseconds
    private final Map<String, Map<String, Integer>> failures = new TreeMap<>(); // guarded by this; by client and class
    private String longest = ""; // guarded by this
    private long longestMillis; // guarded by this

    synchronized void called(Client client, Outcome outcome, @Nullable Exception failure, long nanos) {
        long[] counts = calls.computeIfAbsent(client.title(), title -> new long[3]);
        if (failure == null) {
            counts[0]++;
        } else {
            failures.computeIfAbsent(client.title(), title -> new TreeMap<>())
                    .merge(failure.getClass().getSimpleName(), 1, Integer::sum);
        }
        counts[1]++;
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
        counts[2] = Math.max(counts[2], millis);
        if (millis > longestMillis) {
            longestMillis = millis;
            longest = client.title() + ": " + outcome.title();
        }
    }

    synchronized long calls() {
        return calls.values().stream().mapToLong(counts -> counts[1]).sum();
    }

    synchronized long longestMillis() {
        return longestMillis;
    }

    @Override
    public synchronized String toString() {
        StringBuilder text = new StringBuilder("the longest call took ")
                .append(longestMillis)
                .append(" ms: ")
                .append(longest);
        calls.forEach((client, counts) -> text.append(
                "%n  %-32s %8d calls, %8d well, longest %6d ms".formatted(client, counts[1], counts[0], counts[2])));
        failures.forEach((client, counts) -> text.append("%n  %s failed with %s".formatted(client, counts)));
        return text.toString();
    }

    /** Returns how many bytes are reachable. */
    static long liveHeap() {
        for (int i = 0;
                i < COLLECTIONS;
                i++) { // what is freed by cleaners and reference queues is gone with the next one
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
