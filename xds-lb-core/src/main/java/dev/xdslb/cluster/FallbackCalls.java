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
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks one cluster's fallback, on the executor and one call at a time, because it may block. Thread-safe; the fields are
 * guarded by this, which is never held while the fallback, the executor or the receiver runs.
 */
final class FallbackCalls {
    /** How often it is asked again while it is in use. */
    static final long REFRESH_SECONDS = 30;

    private final String resource;
    private final Supplier<FallbackEndpoints> fallback;
    private final Executor executor;
    private final LongSupplier nanoClock;
    private final Consumer<List<Endpoint>> receiver;
    private final FaultBoundary boundary;
    private @Nullable FutureTask<?> running; // null while no call is under way
    private boolean asked;
    private boolean closed;
    private long answeredAt; // nanoseconds of the clock

    /**
     * Makes the calls of one cluster.
     *
     * @param fallback the one to ask, at each call anew
     * @param receiver told after each call, on the executor's thread: the endpoints, none where the fallback failed or
     *     knows none
     */
    FallbackCalls(
            String resource,
            Supplier<FallbackEndpoints> fallback,
            Executor executor,
            LongSupplier nanoClock,
            Faults faults,
            Consumer<List<Endpoint>> receiver) {
        this.resource = resource;
        this.fallback = fallback;
        this.executor = executor;
        this.nanoClock = nanoClock;
        this.receiver = receiver;
        this.boundary = faults.boundary(resource + ": the fallback", "it is asked again later");
    }

    /** Returns whether it was never asked, or the last answer is so old that it is to be asked for again. */
    synchronized boolean isDue() {
        return !asked
                || nanoClock.getAsLong() - answeredAt
                        >= Duration.ofSeconds(REFRESH_SECONDS).toNanos();
    }

    /** Returns whether it was asked and has not answered yet. */
    synchronized boolean isRunning() {
        return running != null;
    }

    /** Starts the first call, unless it was started before. */
    void askFirst() {
        boolean first;
        synchronized (this) {
            first = !asked;
        }
        if (first) {
            ask();
        }
    }

    /** Starts a call, unless one is under way. */
    void ask() {
        FutureTask<?> call = new FutureTask<>(this::call, null);
        synchronized (this) {
            if (running != null || closed) {
                return;
            }
            running = call;
            asked = true;
        }
        try {
            executor.execute(call);
        } catch (Throwable e) { // no thread to be had
            boundary.failed(e);
            answered(List.of());
        }
    }

    /** Asks no more, and interrupts the call that is under way. */
    void close() {
        FutureTask<?> call;
        synchronized (this) {
            closed = true;
            call = running;
        }
        boundary.close(); // that it fails when it is interrupted is no fault
        if (call != null) {
            call.cancel(true);
        }
    }

    private void call() {
        List<Endpoint> endpoints =
                boundary.call(() -> withoutRepetitions(fallback.get().endpoints(resource)));
        answered(endpoints == null ? List.of() : endpoints);
    }

    private void answered(List<Endpoint> endpoints) {
        synchronized (this) {
            running = null;
            answeredAt = nanoClock.getAsLong();
        }
        receiver.accept(endpoints);
    }

    /** A registry may list an instance twice, and a person may. Of two with the same address the first one counts. */
    private List<Endpoint> withoutRepetitions(List<Endpoint> endpoints) {
        requireNonNull(endpoints, () -> "the fallback for " + resource + " returned null (expected: a list)");
        Map<String, Endpoint> byAddress = new LinkedHashMap<>();
        endpoints.forEach(endpoint -> byAddress.putIfAbsent(endpoint.address(), endpoint));
        return List.copyOf(byAddress.values());
    }
}
