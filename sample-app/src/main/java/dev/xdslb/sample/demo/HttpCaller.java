/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls through the sample's balanced {@code RestClient}, which blocks: each request under way has a thread. */
final class HttpCaller implements Caller {
    /** A service's usual number; what is beyond waits, and the wait counts as response time. */
    private static final int THREADS = 64;

    private static final int MAX_WAITING = 1_000;

    private final BlockingOrders orders;
    private final ThreadPoolExecutor threads;

    HttpCaller(BlockingOrders orders) {
        this.orders = orders;
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                THREADS, THREADS, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(MAX_WAITING), task -> {
                    Thread thread = new Thread(task, "http-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    @Override
    public ClientKind kind() {
        return ClientKind.XDS_LB_HTTP;
    }

    @Override
    public void send(MeasuredRequest request) {
        try {
            threads.execute(() -> orders.call(request));
        } catch (RejectedExecutionException e) {
            request.failed();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
