/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.Endpoint;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one cluster's fallback, on the executor and one call at a time, because it may block. Thread-safe; the fields are
 * guarded by this, which is never held while the fallback or the receiver runs.
 */
final class FallbackCalls {
    /** How often it is asked again while it is in use. */
    static final long REFRESH_SECONDS = 30;

    private static final Logger log = LoggerFactory.getLogger(FallbackCalls.class);

    private final String resource;
    private final FallbackEndpoints fallback;
    private final Executor executor;
    private final LongSupplier nanoClock;
    private final Consumer<List<Endpoint>> receiver;
    private boolean running;
    private boolean failing;
    private long answeredAt; // nanoseconds of the clock

    /**
     * Makes the calls of one cluster.
     *
     * @param receiver told after each call, on the executor's thread: the endpoints, none where the fallback failed or
     *     knows none
     */
    FallbackCalls(
            String resource,
            FallbackEndpoints fallback,
            Executor executor,
            LongSupplier nanoClock,
            Consumer<List<Endpoint>> receiver) {
        this.resource = resource;
        this.fallback = fallback;
        this.executor = executor;
        this.nanoClock = nanoClock;
        this.receiver = receiver;
    }

    /** Returns whether the last answer is so old that it is to be asked for again. */
    synchronized boolean isDue() {
        return nanoClock.getAsLong() - answeredAt
                >= Duration.ofSeconds(REFRESH_SECONDS).toNanos();
    }

    /** Starts a call, unless one is under way. */
    void ask() {
        synchronized (this) {
            if (running) {
                return;
            }
            running = true;
        }
        executor.execute(() -> receiver.accept(call()));
    }

    private List<Endpoint> call() {
        try {
            List<Endpoint> endpoints = withoutRepetitions(fallback.endpoints(resource));
            synchronized (this) {
                ended(false);
            }
            return endpoints;
        } catch (RuntimeException e) {
            synchronized (this) {
                if (!failing) {
                    log.warn("the fallback for {} failed and is asked again later", resource, e);
                }
                ended(true);
            }
            return List.of();
        }
    }

    /** A registry may list an instance twice, and a person may. Of two with the same address the first one counts. */
    private List<Endpoint> withoutRepetitions(List<Endpoint> endpoints) {
        requireNonNull(endpoints, () -> "the fallback for " + resource + " returned null (expected: a list)");
        Map<String, Endpoint> byAddress = new LinkedHashMap<>();
        endpoints.forEach(endpoint -> byAddress.putIfAbsent(endpoint.address(), endpoint));
        return List.copyOf(byAddress.values());
    }

    private void ended(boolean failed) {
        running = false;
        failing = failed;
        answeredAt = nanoClock.getAsLong();
    }
}
