/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import dev.xdslb.endpoint.EndpointKey;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The load of every endpoint that some cluster of this process knows, so that two clusters that reach the same endpoint
 * see the same load.
 *
 * <p>An entry lives while a cluster holds it, and after that until nothing is in flight to it: an endpoint that comes
 * back while old requests still run finds them counted. Acquiring and releasing happen on the slow path (a snapshot
 * change) and are atomic per key; picking never comes here.
 */
public final class LoadRegistry {
    private static final Logger log = LoggerFactory.getLogger(LoadRegistry.class);

    private final ConcurrentHashMap<EndpointKey, Entry> entries = new ConcurrentHashMap<>();
    private final LongSupplier nanoClock;
    private final Duration maxLeaseAge;
    private volatile long abandoned; // since the start; written by the tick only
    private long warnedAt; // touched by the tick only
    private boolean warned; // touched by the tick only

    /**
     * Makes an empty registry.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     */
    public LoadRegistry(LongSupplier nanoClock) {
        this(nanoClock, EndpointLoad.MAX_LEASE_AGE);
    }

    /**
     * Makes an empty registry.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     * @param maxLeaseAge a request whose end nobody has told is given up after one to two times this; streams never are
     */
    public LoadRegistry(LongSupplier nanoClock, Duration maxLeaseAge) {
        this.nanoClock = nanoClock;
        this.maxLeaseAge = maxLeaseAge;
    }

    /** Returns the load of an endpoint, made when nobody has it yet. Each call must be paired with a {@link #release}. */
    public EndpointLoad acquire(EndpointKey key) {
        return entries.compute(key, this::hold).load;
    }

    /** Gives back what {@link #acquire} returned. */
    public void release(EndpointLoad load) {
        entries.computeIfPresent(load.key(), (key, entry) -> {
            entry.holders--;
            return entry.isForgettable() ? null : entry;
        });
    }

    /** Lets a tenth of a second pass: adds up what was measured. Called by one thread. */
    public void tick() {
        for (Entry entry : entries.values()) {
            entry.load.tick();
        }
    }

    /**
     * Lets half a second pass: ages what was measured, and forgets endpoints that nobody holds any more and whose last
     * request has ended. Called by the same thread, after {@link #tick()}.
     */
    public void slowTick() {
        int givenUp = 0;
        EndpointLoad example = null;
        for (Entry entry : entries.values()) {
            int more = entry.load.slowTick();
            if (more > 0) {
                givenUp += more;
                example = entry.load;
            }
            if (entry.isForgettable()) {
                entries.computeIfPresent(entry.load.key(), (key, present) -> present.isForgettable() ? null : present);
            }
        }
        if (example != null) {
            onGivenUp(givenUp, example);
        } else if (warned && nanoClock.getAsLong() - warnedAt > 2 * maxLeaseAge.toNanos()) {
            warned = false;
        }
    }

    /** Returns how many requests have been given up because nobody told their end, since the registry was made. */
    public long abandoned() {
        return abandoned;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the tick is the only writer
    private void onGivenUp(int number, EndpointLoad example) {
        abandoned += number;
        warnedAt = nanoClock.getAsLong();
        if (!warned) {
            warned = true;
            log.warn(
                    "{} requests, among them {} to {}, were started more than {} ago and nobody has said how they ended: "
                            + "they do not count as in flight any more. Does the application close every response, also "
                            + "those whose body it does not read?",
                    number,
                    example.abandoned(),
                    example.key().address(),
                    maxLeaseAge);
        }
    }

    /** Returns the maximum age of a lease. */
    public Duration maxLeaseAge() {
        return maxLeaseAge;
    }

    /** Returns the number of endpoints that are remembered. */
    public int size() {
        return entries.size();
    }

    private Entry hold(EndpointKey key, @Nullable Entry existing) {
        Entry entry = existing == null ? new Entry(new EndpointLoad(key, nanoClock, maxLeaseAge)) : existing;
        entry.holders++;
        return entry;
    }

    private static final class Entry {
        private final EndpointLoad load;
        private int holders; // guarded by the map's lock on the key; read without it to see whether to take it

        private Entry(EndpointLoad load) {
            this.load = load;
        }

        private boolean isForgettable() {
            return holders == 0 && load.inFlight() == 0;
        }
    }
}
