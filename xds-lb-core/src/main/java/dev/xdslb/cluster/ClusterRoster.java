/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which clusters there are, and which of them are awake. An awake cluster is subscribed to and held here. One that sleeps has given
 * everything back and is held only by those who may use it again: while anybody does, its name means the same object.
 *
 * <p><b>Writers:</b> whoever asks for a cluster or wakes it, and the tick, under the lock; foreign code is never called with it.
 * <b>Readers:</b> look-ups and the tick, without.
 */
final class ClusterRoster {
    /** A cluster that was used within this time is not put to sleep for another one. */
    private static final Duration IN_USE = Duration.ofSeconds(1);

    private final ClusterLifetime lifetime;
    private final LongSupplier nanoClock;
    private final ConcurrentHashMap<String, Known> known = new ConcurrentHashMap<>();
    private final ReferenceQueue<Cluster> collected = new ReferenceQueue<>();
    private final Set<Cluster> awake = ConcurrentHashMap.newKeySet();
    private final Queue<Cluster> leaving = new ArrayDeque<>(); // guarded by this
    private boolean full; // no room before the next slow tick; guarded by this
    private boolean closed; // guarded by this

    ClusterRoster(ClusterLifetime lifetime, LongSupplier nanoClock) {
        this.lifetime = lifetime;
        this.nanoClock = nanoClock;
    }

    ClusterLifetime lifetime() {
        return lifetime;
    }

    /**
     * Returns the cluster of a name.
     *
     * @param maker makes one that sleeps, where there is none; of two threads that come first both make one, and the first one's
     *     stays
     */
    Cluster cluster(String resource, Function<String, Cluster> maker) {
        Cluster existing = find(resource);
        if (existing != null) {
            return existing;
        }
        Cluster made = maker.apply(resource);
        synchronized (this) {
            dropCollected();
            Cluster first = find(resource);
            if (first != null) {
                return first;
            }
            known.put(resource, new Known(made, collected));
            return made;
        }
    }

    /** Returns how many clusters there are, awake or kept by somebody. */
    int known() {
        return known.size();
    }

    /** Returns all there are, those that sleep too: somebody may have them. */
    List<Cluster> all() {
        List<Cluster> all = new ArrayList<>();
        for (Known reference : known.values()) {
            Cluster cluster = reference.get();
            if (cluster != null) {
                all.add(cluster);
            }
        }
        return all;
    }

    /** Returns those that are awake. */
    Collection<Cluster> awake() {
        return awake;
    }

    /**
     * Lets a cluster wake up; {@link #letGo} is to be called after it, without any lock.
     *
     * @param always whether it may do so even where there is no room
     * @return why it may not, null where it may
     */
    synchronized @Nullable String admit(Cluster cluster, boolean always) {
        if (closed) {
            return "the registry of clusters is closed";
        }
        if (!always
                && !cluster.isConfigured()
                && (full || !hasRoom())) { // full first: this comes with each refused request
            Cluster leastUsed = full ? null : leastUsed();
            if (leastUsed == null) {
                full = true;
                return lifetime.maxUnconfigured()
                        + " services that no configuration names are in use, which is the most"
                        + " there may be. Name it in the configuration, or allow more";
            }
            awake.remove(leastUsed);
            leaving.add(leastUsed);
        }
        awake.add(cluster);
        return null;
    }

    /** Puts those to sleep that had to make room. */
    void letGo() {
        for (Cluster cluster = nextLeaving(); cluster != null; cluster = nextLeaving()) {
            if (!cluster.wakefulness().sleep() && !stay(cluster)) { // somebody used it just now
                cluster.close();
            }
        }
    }

    /** Lets half a second pass: puts those to sleep that nobody used for long enough. */
    void slowTick() {
        long now = nanoClock.getAsLong();
        synchronized (this) {
            full = false;
            dropCollected();
        }
        for (Cluster cluster : awake) {
            cluster.wakefulness().lookWhetherUsed(now);
            if (isIdleFor(cluster, now, lifetime.idleTimeout()) && leave(cluster)) {
                letGo();
            }
        }
    }

    /** Forgets a cluster that is closed. */
    synchronized void forget(Cluster cluster) {
        if (awake.remove(cluster)) {
            full = false;
        }
        known.computeIfPresent(cluster.resource(), (name, present) -> present.get() == cluster ? null : present);
    }

    /** Wakes nobody any more, and returns those that are awake. */
    synchronized List<Cluster> close() {
        closed = true;
        return List.copyOf(awake);
    }

    private @Nullable Cluster find(String resource) {
        Known reference = known.get(resource);
        return reference == null ? null : reference.get();
    }

    /** Lock held. */
    private boolean hasRoom() {
        long countable = awake.stream()
                .filter(cluster -> !cluster.isConfigured() && !cluster.isListenedTo())
                .count();
        return countable < lifetime.maxUnconfigured();
    }

    /** Returns who is to make room: rather one without endpoints, such as a name that does not exist. Lock held. */
    private @Nullable Cluster leastUsed() {
        long now = nanoClock.getAsLong();
        return awake.stream()
                .filter(cluster -> isIdleFor(cluster, now, IN_USE))
                .min(Comparator.comparing(Cluster::hasMembers)
                        .thenComparing(cluster -> cluster.wakefulness().lastUsed() - now))
                .orElse(null);
    }

    private static boolean isIdleFor(Cluster cluster, long now, Duration time) {
        return !cluster.isConfigured()
                && !cluster.isListenedTo()
                && !cluster.wakefulness().isUsedNow()
                && now - cluster.wakefulness().lastUsed() >= time.toNanos();
    }

    private synchronized boolean leave(Cluster cluster) {
        if (!awake.remove(cluster)) {
            return false;
        }
        full = false;
        return leaving.add(cluster);
    }

    private synchronized boolean stay(Cluster cluster) {
        return !closed && awake.add(cluster);
    }

    private synchronized @Nullable Cluster nextLeaving() {
        return leaving.poll();
    }

    /** Lock held. */
    private void dropCollected() {
        for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
            Known reference = (Known) gone;
            known.remove(reference.resource, reference);
        }
    }

    private static final class Known extends WeakReference<Cluster> {
        private final String resource;

        private Known(Cluster cluster, ReferenceQueue<Cluster> queue) {
            super(cluster, queue);
            this.resource = cluster.resource();
        }
    }
}
