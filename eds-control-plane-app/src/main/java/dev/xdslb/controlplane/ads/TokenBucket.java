/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

/**
 * A rate that may be exceeded for a moment: tokens come at the rate, and as many are kept as may be taken at once. Tokens may
 * be taken in advance by whoever waits for them afterwards.
 *
 * <pre>
 *  tokens  5 ▇▇▁▂▄▆▇▇▇▁  ◀ five at once, then one at a time as they come
 * </pre>
 *
 * <p>Any thread may take.
 */
final class TokenBucket {
    private final Rate rate;
    private final StreamContext.NanoClock nanoClock;

    // Guarded by this.
    private double tokens; // negative: taken in advance
    private long lookedAt;

    /**
     * How many tokens there are.
     *
     * @param perSecond 0 for no limit
     * @param burst how many may be taken at once
     */
    record Rate(int perSecond, int burst) {
        static final Rate UNLIMITED = new Rate(0, 0);

        boolean isLimited() {
            return perSecond > 0;
        }
    }

    TokenBucket(Rate rate, StreamContext.NanoClock nanoClock) {
        this.rate = rate;
        this.nanoClock = nanoClock;
        this.tokens = rate.burst();
        this.lookedAt = nanoClock.nanoTime();
    }

    /**
     * Takes tokens, unless they would have to be waited for too long.
     *
     * @return how long to wait for them, in nanoseconds; negative when none were taken
     */
    synchronized long take(int wanted, long maxWaitNanos) {
        if (!rate.isLimited()) {
            return 0;
        }
        long now = nanoClock.nanoTime();
        tokens = Math.min(rate.burst(), tokens + (now - lookedAt) * (rate.perSecond() / 1e9));
        lookedAt = now;
        double left = tokens - wanted;
        long wait = left >= 0 ? 0 : (long) Math.ceil(-left * 1e9 / rate.perSecond());
        if (wait > maxWaitNanos) {
            return -1;
        }
        tokens = left;
        return wait;
    }
}
