/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import dev.xdslb.endpoint.EndpointKey;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The load of every endpoint that some cluster of this process knows, so that two clusters that reach the same endpoint
 * see the same load.
 *
 * <p>An entry lives while a cluster holds it, and after that until nothing is in flight to it: an endpoint that comes
 * back while old requests still run finds them counted. Acquiring and releasing happen on the slow path (a snapshot
 * change) and are atomic per key; picking never comes here.
 */
public final class LoadRegistry {
    private final ConcurrentHashMap<EndpointKey, Entry> entries = new ConcurrentHashMap<>();
    private final LongSupplier nanoClock;

    /**
     * Makes an empty registry.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     */
    public LoadRegistry(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
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
        for (EndpointKey key : entries.keySet()) {
            entries.computeIfPresent(key, (k, entry) -> {
                entry.load.slowTick();
                return entry.isForgettable() ? null : entry;
            });
        }
    }

    /** Returns the number of endpoints that are remembered. */
    public int size() {
        return entries.size();
    }

    private Entry hold(EndpointKey key, @Nullable Entry existing) {
        Entry entry = existing == null ? new Entry(new EndpointLoad(key, nanoClock)) : existing;
        entry.holders++;
        return entry;
    }

    private static final class Entry {
        private final EndpointLoad load;
        private int holders; // guarded by the map's lock on the key

        private Entry(EndpointLoad load) {
            this.load = load;
        }

        private boolean isForgettable() {
            return holders == 0 && load.inFlight() == 0;
        }
    }
}
