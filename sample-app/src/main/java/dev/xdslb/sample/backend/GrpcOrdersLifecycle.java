/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** Runs the gRPC server of {@link BackendApplication}, where its settings ask for one, for as long as the web server. */
final class GrpcOrdersLifecycle implements SmartLifecycle {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final BackendSettings settings;
    private final Behaviour behaviour;
    private volatile @Nullable GrpcOrders server; // written by the context's lifecycle thread

    GrpcOrdersLifecycle(BackendSettings settings, Behaviour behaviour) {
        this.settings = settings;
        this.behaviour = behaviour;
    }

    @Override
    public void start() {
        Integer port = settings.grpcPort();
        if (port != null) {
            server = new GrpcOrders(settings.podName(), new InetSocketAddress(port), new PodWork(behaviour));
        }
    }

    @Override
    public void stop() {
        GrpcOrders running = server;
        if (running != null) {
            running.drain(PATIENCE);
            server = null;
        }
    }

    @Override
    public boolean isRunning() {
        return server != null;
    }
}
