/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What of services is waited for because it cannot be the whole truth yet. Objects of different kinds come over watches of their own, in no
 * order: an endpoint may come before the Pod that says its weight and its shard, and a Service with a new port before its slices.
 *
 * <pre>
 * half is seen ── the other half comes ──▶ served whole
 *      └───────── 3 s ──▶ served as it is
 * </pre>
 *
 * <p>Confined to the writer thread.
 */
final class HalfWayStates {
    /** Watches of one API server are milliseconds apart, and the endpoint slice controller a second or two when it is busy. */
    static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final long OVER = Long.MIN_VALUE; // was waited for

    private final Map<ServiceKey, Map<String, Long>> since =
            new HashMap<>(); // what is missing: when that was first seen

    /** Begins to look at a service. */
    Waiting look(ServiceKey service, long now) {
        return new Waiting(service, now);
    }

    /** Returns the services for which was waited long enough: they are to be looked at again. */
    List<ServiceKey> due(long now) {
        List<ServiceKey> due = new ArrayList<>();
        since.forEach((service, missing) -> {
            // What was waited for once stays, so that it is not waited for again; only its first look after the time
            // counts.
            if (missing.values().stream().anyMatch(first -> first != OVER && now - first >= PATIENCE.toNanos())) {
                due.add(service);
            }
        });
        return due;
    }

    /** One look at one service. */
    final class Waiting {
        private final ServiceKey service;
        private final long now;
        private final Set<String> asked = new HashSet<>();

        private Waiting(ServiceKey service, long now) {
            this.service = service;
            this.now = now;
        }

        /** Returns whether to wait for something that is missing; not for ever. */
        boolean isWorthwhile(String missing) {
            asked.add(missing);
            Map<String, Long> known = since.computeIfAbsent(service, none -> new HashMap<>());
            long first = known.computeIfAbsent(missing, none -> now);
            if (first != OVER && now - first < PATIENCE.toNanos()) {
                return true;
            }
            known.put(missing, OVER);
            return false;
        }

        /** Ends the look: what was not missing any more is forgotten. */
        void end() {
            Map<String, Long> known = since.get(service);
            if (known != null) {
                known.keySet().retainAll(asked);
                if (known.isEmpty()) {
                    since.remove(service);
                }
            }
        }
    }
}
