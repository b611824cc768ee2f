/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of one thing all streams together make the process keep, and what is done when that is too much: each stream
 * alone is bounded, but there may be very many. Streams and the transport's threads add and take away.
 */
final class SharedBudget {
    private final long limit;
    private final Runnable whenOver;
    private final AtomicLong held = new AtomicLong();
    private final AtomicBoolean told = new AtomicBoolean();

    /**
     * Creates one of which nothing is used.
     *
     * @param whenOver called once when it is too much, until {@link #settled}: hand over and return
     */
    SharedBudget(long limit, Runnable whenOver) {
        this.limit = limit;
        this.whenOver = whenOver;
    }

    void add(long bytes) {
        if (held.addAndGet(bytes) > limit && told.compareAndSet(false, true)) {
            whenOver.run();
        }
    }

    void remove(long bytes) {
        held.addAndGet(-bytes);
    }

    boolean isOver() {
        return held.get() > limit;
    }

    long held() {
        return held.get();
    }

    long limit() {
        return limit;
    }

    /** Returns how much has to go so that there is room again for some time. */
    long excess() {
        return held.get() - limit / 4 * 3;
    }

    /** Whoever was told has done what can be done; it is told again. */
    void settled() {
        told.set(false);
    }
}
