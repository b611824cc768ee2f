/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a client is without a balancer of its own: a few long-lived connections, and requests in turn over them. Which pod a
 * connection leads to is drawn at random when it is opened, as kube-proxy does, and stays so until it breaks.
 */
final class PinnedClient implements Caller {
    private final List<PinnedConnection> connections = new ArrayList<>();
    private int next; // used by the caller's thread alone

    /**
     * Opens the connections.
     *
     * @param ready the pods that kube-proxy would choose from at the moment
     * @param timer for the pause before a broken connection is opened anew
     */
    PinnedClient(int count, Supplier<List<DemoPod>> ready, RandomGenerator random, ScheduledExecutorService timer) {
        for (int i = 0; i < count; i++) {
            connections.add(new PinnedConnection(ready, random, timer));
        }
    }

    @Override
    public ClientKind kind() {
        return ClientKind.PINNED;
    }

    @Override
    public void send(MeasuredRequest request) {
        next = (next + 1) % connections.size();
        connections.get(next).send(request);
    }

    /** Returns how many connections lead to each pod; pods with none are left out. */
    Map<String, Integer> connectionsPerPod() {
        Map<String, Integer> perPod = new TreeMap<>();
        connections.forEach(connection -> perPod.merge(connection.pod(), 1, Integer::sum));
        return perPod;
    }

    @Override
    public void close() {
        connections.forEach(PinnedConnection::close);
    }
}
