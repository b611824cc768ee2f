/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import dev.xdslb.sample.backend.BackendPod;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Calls an Envoy, which knows alone whom it asks: which pod it was shows in the answer. So a request that was answered counts for its pod when
 * the answer is there, and not when it was sent.
 */
final class EnvoyCaller implements Caller {
    private static final Duration DEADLINE = Duration.ofSeconds(OrderCall.DEADLINE_SECONDS);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** Each takes a connection. On a machine that is too slow for the load, ever more of them would make it slower still. */
    private static final int MAX_IN_FLIGHT = 200;

    private static final int OK = 200;

    private final EnvoyProxy envoy;
    private final HttpClient http;
    private final HttpRequest order;
    private final Semaphore free = new Semaphore(MAX_IN_FLIGHT);

    /**
     * Makes a caller.
     *
     * @param envoy closed along with this
     */
    EnvoyCaller(EnvoyProxy envoy) {
        this.envoy = envoy;
        this.http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        this.order = HttpRequest.newBuilder(envoy.at("/orders/42"))
                .header(BackendPod.CLIENT, ClientKind.ENVOY.id())
                .timeout(DEADLINE)
                .build();
    }

    /** Returns whether requests reach a pod, after waiting for that for a while. */
    boolean isAnswered() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (envoy.isRunning() && System.nanoTime() < end) {
            try {
                if (http.send(order, BodyHandlers.discarding()).statusCode() == OK) {
                    return true;
                }
            } catch (IOException e) {
                // it does not listen yet
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return false;
    }

    @Override
    public ClientKind kind() {
        return ClientKind.ENVOY;
    }

    @Override
    public void send(MeasuredRequest request) {
        if (!free.tryAcquire()) {
            request.failed();
            return;
        }
        var unused = http.sendAsync(order, BodyHandlers.discarding()).handle((answer, failure) -> {
            free.release();
            if (answer != null) {
                answer.headers().firstValue(BackendPod.POD).ifPresent(request::sentTo);
            }
            if (answer != null && answer.statusCode() == OK) {
                request.succeeded();
            } else {
                request.failed();
            }
            return null;
        });
    }

    @Override
    public void close() {
        envoy.close();
    }
}
