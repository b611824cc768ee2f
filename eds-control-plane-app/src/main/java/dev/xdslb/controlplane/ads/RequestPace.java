/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.time.Duration;

/**
 * How fast one stream's requests are taken. A client that sends more of them waits: the transport is not asked for the next
 * one, so that its window fills. Who goes on like that for half a minute is no client that we know of, and is told so. A
 * request of many names counts as several. Confined to the stream's executor.
 */
final class RequestPace {
    /** How long a client may send more than is taken. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** About as many as take as long as a request of one. */
    private static final int NAMES_PER_TOKEN = 250;

    private final TokenBucket bucket;
    private final StreamContext.NanoClock nanoClock;
    private boolean tooFast;
    private long tooFastSince;

    RequestPace(TokenBucket.Rate rate, StreamContext.NanoClock nanoClock) {
        this.bucket = new TokenBucket(rate, nanoClock);
        this.nanoClock = nanoClock;
    }

    /** Notes a request that asks for something; returns after how long the next one may come, in nanoseconds. */
    long asked(int names) {
        long wait = bucket.take(1 + names / NAMES_PER_TOKEN, Long.MAX_VALUE);
        if (wait == 0) {
            tooFast = false;
        } else if (!tooFast) {
            tooFast = true;
            tooFastSince = nanoClock.nanoTime();
        }
        return wait;
    }

    /** Notes a request that answers a response and asks for nothing else; returns as {@link #asked}. It tries no patience. */
    long answered() {
        long wait = bucket.take(1, Long.MAX_VALUE);
        tooFast &= wait > 0;
        return wait;
    }

    boolean isPatienceOver() {
        return tooFast && nanoClock.nanoTime() - tooFastSince >= PATIENCE.toNanos();
    }
}
