/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client that hardly does anything: it calls once every {@link #INTERVAL}, and never before the call before has been
 * answered. Nothing is ever in flight when it picks, so that only what a balancer remembers can keep it from calling one pod
 * again and again.
 */
final class OneByOne implements AutoCloseable {
    static final Duration INTERVAL = Duration.ofMillis(200);

    private static final Logger log = LoggerFactory.getLogger(OneByOne.class);

    private final Consumer<MeasuredRequest> call;
    private final Measurements measurements;
    private final Thread thread = new Thread(this::run, "load-" + ClientKind.ONE_BY_ONE.id());

    /**
     * Makes the client; {@link #start} sets it off.
     *
     * @param call sends a request and returns when it has been answered
     */
    OneByOne(Consumer<MeasuredRequest> call, Measurements measurements) {
        this.call = call;
        this.measurements = measurements;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (!Thread.interrupted()) {
                long next = System.nanoTime() + INTERVAL.toNanos();
                MeasuredRequest request = measurements.begin(ClientKind.ONE_BY_ONE);
                try {
                    call.accept(request);
                } catch (RuntimeException e) {
                    log.debug("{}: request not sent", ClientKind.ONE_BY_ONE.id(), e);
                    request.failed();
                }
                TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
            }
        } catch (InterruptedException e) {
            // closed
        }
    }
}
