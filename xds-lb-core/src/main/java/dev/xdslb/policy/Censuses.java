/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.time.Duration;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.function.LongSupplier;

/**
 * The newest {@link Census} of each large pool of a cluster: of all its members, or of each of its subsets. Used under the lock of
 * whom it serves, and emptied by its tick, so that a list of members which has been replaced is not held.
 */
final class Censuses {
    /** Up to so many members are looked at for every request that asks. A look takes a few microseconds. */
    static final int SMALL_POOL = 256;

    /** How old the census of a larger pool may be. A look at ten thousand takes some hundred microseconds. */
    static final Duration MAX_AGE = Duration.ofMillis(10);

    private final LongSupplier nanoClock;
    private final IdentityHashMap<Collection<Member>, Taken> newest = new IdentityHashMap<>();

    /**
     * Starts with none.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     */
    Censuses(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Returns how some members do, of a large pool as of a few milliseconds ago. */
    Census of(Collection<Member> members) {
        if (members.size() <= SMALL_POOL) {
            return new Census(members);
        }
        long now = nanoClock.getAsLong();
        Taken taken = newest.get(members);
        if (taken == null || now - taken.at > MAX_AGE.toNanos()) {
            taken = new Taken(new Census(members), now);
            newest.put(members, taken);
        }
        return taken.census;
    }

    /** Forgets what is known. */
    void clear() {
        newest.clear();
    }

    private record Taken(Census census, long at) {}
}
