/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which pods each client may send to, as the client itself sees it, and since when a pod is no longer among them. Written
 * when a client publishes a table, read by every request; all under the lock of this object.
 */
final class Tables {
    /** Pods have come and gone long before the demo ends; nobody asks for those of a minute ago. */
    private static final long MEMORY_NANOS = Duration.ofMinutes(1).toNanos();

    private final PerClient<Table> clients = new PerClient<>(Table::new);

    /**
     * Takes note of a client's new table.
     *
     * @param now when it was published, as {@link System#nanoTime} gives it
     */
    synchronized void publish(ClientKind client, Set<String> present, long now) {
        Table table = clients.of(client);
        for (String before : table.pods) {
            if (!present.contains(before)) {
                table.removedAt.putIfAbsent(before, now);
            }
        }
        table.removedAt.keySet().removeAll(present);
        table.removedAt.values().removeIf(at -> now - at > MEMORY_NANOS);
        table.pods = Set.copyOf(present);
    }

    /** Returns the pods that a client may send to. */
    synchronized Set<String> pods(ClientKind client) {
        return clients.of(client).pods;
    }

    /** Returns for how many ns a pod has been out of a client's table; negative where it is in it or was never. */
    synchronized long nanosSinceRemoval(ClientKind client, String pod, long now) {
        Long at = clients.of(client).removedAt.get(pod);
        return at == null ? -1 : Math.max(0, now - at);
    }

    private static final class Table {
        final Map<String, Long> removedAt = new HashMap<>();
        Set<String> pods = Set.of();
    }
}
