/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How often the ends of requests may have a large cluster published anew. A publication takes time in proportion to the members,
 * on the thread of the request whose end made a difference. When five thousand of ten thousand pods fail at once, five thousand
 * requests make one, one after the other: half a minute of nothing else. So what one of them changes soon after another is left
 * to the next tick.
 *
 * <pre>
 *  ends of requests   │  │ │││ │         │
 *                     p  . ... .         p         p published at once, . left to the tick
 *  ticks           ├──────────P──────────P──┤      P with all that was left to it
 * </pre>
 *
 * <p><b>Writers:</b> any thread that ends a request, and the tick.
 */
final class PublicationPace {
    /** Ten thousand members are published ten times a second, as often as the tick does; a publication takes a twentieth of it. */
    private static final long NANOS_PER_MEMBER = 10_000;

    private final LongSupplier nanoClock;
    private final AtomicLong lastAt;
    private volatile boolean leftToTick;

    /**
     * Starts with none.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     */
    PublicationPace(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.lastAt = new AtomicLong(nanoClock.getAsLong());
    }

    /**
     * Returns whether a change is to be published now. Where not, the next {@link #takeLeft()} says so.
     *
     * @param members how many the cluster has
     */
    boolean isNow(int members) {
        if (members <= Censuses.SMALL_POOL) {
            return true;
        }
        long now = nanoClock.getAsLong();
        long last = lastAt.get();
        if (now - last >= members * NANOS_PER_MEMBER && lastAt.compareAndSet(last, now)) {
            return true;
        }
        leftToTick = true;
        return false;
    }

    /** Returns whether a change waits to be published, and leaves it to the caller. */
    boolean takeLeft() {
        boolean left = leftToTick;
        if (left) {
            leftToTick = false;
        }
        return left;
    }
}
