/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.Map;
import java.util.TreeMap;

/**
 * What came of the requests that began during one scenario. A few of them may still be under way when the scenario ends;
 * they are counted when they end. All access under the lock of {@link Measurements}.
 */
final class Window {
    private final PerClient<Counts> clients = new PerClient<>(Counts::new);

    Counts of(ClientKind client) {
        return clients.of(client);
    }

    /** One client's share. */
    static final class Counts {
        final Map<String, Integer> perPod = new TreeMap<>();
        final LatencyHistogram latency = new LatencyHistogram();
        int requests;
        int failed;
        double lastAfterRemovalMillis; // 0 - none came after a removal
    }
}
