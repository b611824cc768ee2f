/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.NoEndpointException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why requests to one service got no instance. Clients answer their callers in their own way, and most of them cannot carry a
 * reason, so it is logged: when it begins, and when it becomes another one.
 *
 * <p>Every request's thread writes, clients that can show the reason read. Of two refusals at the same time, either may stay.
 */
final class Refusals {
    private static final Logger log = LoggerFactory.getLogger(Refusals.class);

    /** At a limit, requests are refused and sent in turn. That is one state and not thousands. */
    static final Duration SAME_AGAIN = Duration.ofMinutes(1);

    /** Nor do two reasons that alternate fill the log. */
    static final Duration OTHER_AGAIN = Duration.ofSeconds(1);

    private final String serviceId;
    private final LongSupplier nanoTime;
    private final AtomicReference<@Nullable Line> lastLine = new AtomicReference<>();
    private volatile @Nullable RuntimeException latest; // null - the last request got an instance

    Refusals(String serviceId, LongSupplier nanoTime) {
        this.serviceId = serviceId;
        this.nanoTime = nanoTime;
    }

    /** Takes note that a request got no instance. */
    NoInstance refuse(RuntimeException reason) {
        boolean isNew = latest == null;
        latest = reason;
        Line line = new Line(kindOf(reason), nanoTime.getAsLong());
        Line before = lastLine.get();
        if (isWorthALine(line, before, isNew) && lastLine.compareAndSet(before, line)) {
            log.warn("requests to {} get no instance: {}", serviceId, reason.getMessage());
        }
        return new NoInstance(reason);
    }

    /** Takes note that a request got an instance. */
    void picked() {
        if (latest != null) {
            latest = null;
        }
    }

    /** Returns why the last request got none, null where it got one. */
    @Nullable
    RuntimeException latest() {
        return latest;
    }

    private static boolean isWorthALine(Line line, @Nullable Line before, boolean isNew) {
        if (before == null) {
            return true;
        }
        long since = line.nanos - before.nanos;
        return line.kind.equals(before.kind) ? isNew && since >= SAME_AGAIN.toNanos() : since >= OTHER_AGAIN.toNanos();
    }

    /** The text is no kind: it has figures in it, and what a request asked for. */
    private static String kindOf(RuntimeException reason) {
        String kind = reason.getClass().getName();
        return reason instanceof NoEndpointException none
                ? kind + ' ' + none.status().state()
                : kind;
    }

    private record Line(String kind, long nanos) {}
}
