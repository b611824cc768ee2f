/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.topology.ObjectId;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When the API server may be written to. One that fails, or says that it is asked too much, is left alone as a whole: ten thousand
 * objects that each try again after a second would be what keeps it down. So is a kind of which it takes nothing (403).
 *
 * <pre>
 * failed ── 1, 2, 4 … 60 s and up to half as much by chance, or what Retry-After says ──▶ one write ── good ──▶ all
 * </pre>
 *
 * <p>Confined to one thread.
 */
final class WritePace {
    static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    static final Duration LAST_RETRY = Duration.ofMinutes(1);

    /** A longer {@code Retry-After} is none that an API server gives (it gives a second, or a few). */
    static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(5);

    private final RandomGenerator random;
    private final Pause all = new Pause();
    private final Map<ObjectId.Kind, Pause> kinds = new EnumMap<>(ObjectId.Kind.class);

    private static final class Pause {
        private int failures; // one after the other
        private long until;
    }

    WritePace(RandomGenerator random) {
        this.random = random;
    }

    /** Returns for how many nanoseconds nothing of this kind is to be written; 0 or less for none. */
    long nanosUntilOpen(ObjectId.Kind kind, long now) {
        Pause ofKind = kinds.get(kind);
        long wait = all.failures == 0 ? 0 : all.until - now;
        return ofKind == null ? wait : Math.max(wait, ofKind.until - now);
    }

    /** Learns that something was written. */
    void succeeded(ObjectId.Kind kind) {
        all.failures = 0;
        kinds.remove(kind);
    }

    /** Learns that the API server has answered, whatever of this object. */
    void answered() {
        all.failures = 0;
    }

    /** Learns that it failed, or asks for patience. */
    void failed(@Nullable Duration retryAfter, long now) {
        pause(all, retryAfter, now);
    }

    /** Learns that it takes nothing of a kind. */
    void refused(ObjectId.Kind kind, long now) {
        pause(kinds.computeIfAbsent(kind, none -> new Pause()), null, now);
    }

    private void pause(Pause pause, @Nullable Duration retryAfter, long now) {
        pause.failures++;
        long wait = retryAfter == null
                ? backOff(pause.failures)
                : Math.min(retryAfter.toNanos(), LONGEST_RETRY_AFTER.toNanos());
        pause.until = now + jittered(wait);
    }

    /** Returns how long to wait after so many failures, without chance. */
    static long backOff(int failures) {
        return Math.min(FIRST_RETRY.toNanos() << Math.min(failures - 1, 10), LAST_RETRY.toNanos());
    }

    /** Returns as much, and up to half as much more, so that replicas that failed together come back one by one. */
    long jittered(long nanos) {
        return nanos + random.nextLong(Math.max(1, nanos / 2));
    }
}
