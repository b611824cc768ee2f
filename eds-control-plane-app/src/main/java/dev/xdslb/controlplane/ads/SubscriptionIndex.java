/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.fault.FaultBoundary;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is to be told of a change, so that a change costs as much as it has subscribers, and when: what is large for many waits
 * a little for the next change ({@link FanOutPace}).
 *
 * <p>Streams add and remove themselves on their own threads; the thread that applies changes and the timer read. A stream
 * adds itself before it looks a resource up, and a change is announced after it can be looked up, so none falls between.
 */
final class SubscriptionIndex implements ResourceStore.Listener {

    /** Is told what changed, by the thread that applies changes or by the timer: must not block. */
    interface Subscriber {
        void changed(ResourceType type, String key, Announcement announcement);

        /** Returns the set of this one alone, the same at each call where many keys have no other. */
        default Set<Subscriber> alone() {
            return Set.of(this);
        }
    }

    private record Key(ResourceType type, @Nullable String key) {
        static Key wildcard(ResourceType type) {
            return new Key(type, null);
        }
    }

    /** Sets of one, which most are, are immutable and small. */
    private final Map<Key, Set<Subscriber>> subscribers = new ConcurrentHashMap<>();

    private final Map<Key, FanOutPace> paces = new ConcurrentHashMap<>(); // of what changed a short time ago
    private final FaultBoundary boundary;
    private final StreamContext.NanoClock nanoClock;
    private final StreamContext.Timer timer;

    SubscriptionIndex(FaultBoundary boundary, StreamContext.NanoClock nanoClock, StreamContext.Timer timer) {
        this.boundary = boundary;
        this.nanoClock = nanoClock;
        this.timer = timer;
    }

    void add(ResourceType type, String key, Subscriber subscriber) {
        add(new Key(type, key), subscriber);
    }

    void remove(ResourceType type, String key, Subscriber subscriber) {
        remove(new Key(type, key), subscriber);
    }

    void addWildcard(ResourceType type, Subscriber subscriber) {
        add(Key.wildcard(type), subscriber);
    }

    void removeWildcard(ResourceType type, Subscriber subscriber) {
        remove(Key.wildcard(type), subscriber);
    }

    @Override
    public void changed(ResourceType type, Map<String, ResourceStore.Cause> causes) {
        long now = nanoClock.nanoTime();
        causes.forEach((key, cause) -> {
            Key changed = new Key(type, key);
            if (!subscribers.containsKey(changed) && !subscribers.containsKey(Key.wildcard(type))) {
                return;
            }
            FanOutPace pace = paces.computeIfAbsent(changed, none -> new FanOutPace());
            Announcement announcement = pace.changed(cause.since(), cause.withdraws(), now);
            if (announcement == null) {
                long wait = pace.nanosUntilDue(cause.withdraws(), now);
                timer.after(Math.max(0, wait), () -> announce(type, key, pace.take(nanoClock.nanoTime())));
            } else {
                announce(type, key, announcement);
            }
        });
    }

    /** Returns for how many keys somebody is subscribed. */
    int size() {
        return subscribers.size();
    }

    /** Forgets what is known of keys that have not changed for some time. Called every few seconds. */
    void forgetIdle() {
        long now = nanoClock.nanoTime();
        paces.values().removeIf(pace -> pace.isIdle(now));
    }

    /** Returns for how many keys it is known how often they may be announced. */
    int paces() {
        return paces.size();
    }

    private void announce(ResourceType type, String key, @Nullable Announcement announcement) {
        if (announcement != null) {
            tell(new Key(type, key), type, key, announcement);
            tell(Key.wildcard(type), type, key, announcement);
        }
    }

    private void tell(Key subscribedTo, ResourceType type, String key, Announcement announcement) {
        for (Subscriber subscriber : subscribers.getOrDefault(subscribedTo, Set.of())) {
            try {
                subscriber.changed(type, key, announcement);
            } catch (Throwable thrown) { // one stream is not to keep the others from hearing
                boundary.failed("telling a stream of a change", thrown);
            }
        }
    }

    private void add(Key key, Subscriber subscriber) {
        if (subscribers.putIfAbsent(key, subscriber.alone()) == null) {
            return;
        }
        subscribers.compute(key, (k, present) -> {
            if (present == null || present.equals(subscriber.alone())) {
                return subscriber.alone();
            }
            if (present.size() > 1) {
                present.add(subscriber);
                return present;
            }
            Set<Subscriber> set = ConcurrentHashMap.newKeySet(2);
            set.addAll(present);
            set.add(subscriber);
            return set;
        });
    }

    private void remove(Key key, Subscriber subscriber) {
        subscribers.computeIfPresent(key, (k, present) -> {
            if (requireNonNull(present).size() > 1) {
                present.remove(subscriber);
                return present.size() > 1 ? present : Set.copyOf(present);
            }
            return present.contains(subscriber) ? null : present;
        });
    }
}
