/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How often the changes of one key are announced: as seldom as is needed to keep what they cost within bounds. What a change
 * costs is known from the one before: every stream adds what it has sent of it.
 *
 * <pre>
 *  changes    x x x x x x x                x
 *  announced  x      |pause|x              x
 *             at once       one for all    at once
 *             761 kB to each of 100 = 76 MB, pause 1.1 s
 * </pre>
 *
 * <p>Streams add, the thread that applies changes and the timer ask.
 */
final class FanOutPace {
    /** To all clients together, about half of a network of 1 Gbit/s. */
    private static final long BYTES_PER_SECOND = 64L << 20;

    /** To each client: it has to decode them. */
    private static final long BYTES_PER_SECOND_AND_CLIENT = 1L << 20;

    /** What is less is none: the topology gathers changes that follow so closely. */
    private static final long MIN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** An endpoint that is new is used a little later. */
    static final long MAX_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Requests go to one that is leaving until it is known: less than a pod waits before it ends. */
    static final long MAX_WITHDRAWAL_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LongAdder bytes = new LongAdder(); // of the change that was announced last
    private final LongAdder clients = new LongAdder();

    // Guarded by this.
    private boolean announced;
    private long announcedAt;
    private long pause; // by the change before the last: of the last not all may have been sent
    private @Nullable Announcement postponed;

    /** Notes that a stream has sent a change. */
    void sent(int size) {
        bytes.add(size);
        clients.increment();
    }

    /**
     * Takes a change: what is to be announced now, or null when it waits.
     *
     * @param withdraws whether something is not to be used any more
     */
    synchronized @Nullable Announcement changed(@Nullable Instant since, boolean withdraws, long now) {
        Announcement change = new Announcement(since, now, this);
        postponed = postponed == null ? change : Announcement.oldest(postponed, change);
        return nanosUntilDue(withdraws, now) <= 0 ? take(now) : null;
    }

    /** Returns how long what waits has to, in nanoseconds. */
    synchronized long nanosUntilDue(boolean withdraws, long now) {
        if (!announced) {
            return 0;
        }
        long longest = withdraws ? MAX_WITHDRAWAL_PAUSE_NANOS : MAX_PAUSE_NANOS;
        return announcedAt + Math.min(longest, Math.max(pause, pauseAfterLast())) - now;
    }

    /** Takes what waits; null when that was announced meanwhile. */
    synchronized @Nullable Announcement take(long now) {
        Announcement taken = postponed;
        if (taken != null) {
            postponed = null;
            pause = pauseAfterLast();
            bytes.reset();
            clients.reset();
            announced = true;
            announcedAt = now;
        }
        return taken;
    }

    /** Whether a new one would say the same. */
    synchronized boolean isIdle(long now) {
        return postponed == null && now - announcedAt > MAX_PAUSE_NANOS;
    }

    private long pauseAfterLast() {
        long all = bytes.sum();
        double ofAll = (double) all / BYTES_PER_SECOND;
        double ofEach = (double) all / Math.max(1, clients.sum()) / BYTES_PER_SECOND_AND_CLIENT;
        long nanos = (long) (Math.max(ofAll, ofEach) * TimeUnit.SECONDS.toNanos(1));
        return nanos < MIN_PAUSE_NANOS ? 0 : nanos;
    }
}
