/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * What a client is without a balancer of its own: a few long-lived connections, and requests in turn over them. Which pod a
 * connection leads to is drawn at random when it is opened, as kube-proxy does, and stays so until it breaks.
 */
final class PinnedClient implements Caller {
    private final Supplier<PinnedConnection> connection;
    private volatile List<PinnedConnection> connections = List.of(); // written once, by connect
    private int next; // used by the caller's thread alone

    /**
     * Makes a client without connections.
     *
     * @param ready the pods that kube-proxy would choose from at the moment
     * @param timer for the pause before a broken connection is opened anew
     */
    PinnedClient(Supplier<List<DemoPod>> ready, RandomGenerator random, ScheduledExecutorService timer) {
        this.connection = () -> new PinnedConnection(ready, random, timer);
    }

    /** Opens the connections. */
    void connect(int count) {
        connections = Stream.generate(connection).limit(count).toList();
    }

    @Override
    public ClientKind kind() {
        return ClientKind.PINNED;
    }

    @Override
    public void send(MeasuredRequest request) {
        List<PinnedConnection> open = connections;
        next = (next + 1) % open.size();
        open.get(next).send(request);
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
