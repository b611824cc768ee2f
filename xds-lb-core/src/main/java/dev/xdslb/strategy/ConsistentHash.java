/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static java.util.Objects.requireNonNull;

import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Requests with the same key go to the same endpoint, and only few keys change their endpoint when endpoints come, go or
 * change their weight. Requests without a key are spread by chance, as if each had a key of its own.
 *
 * <p><b>Bounded load</b> (V. Mirrokni, M. Thorup, M. Zadimoghaddam, "Consistent hashing with bounded loads", 2016): an
 * endpoint takes a request only as long as it has less than {@code factor * share * (requests in flight + 1)} in flight,
 * share being its part of the pool's weight. Beyond that the request goes to where a second hash of its key leads, then a
 * third: a jump to a random place, always the same one for the same key, instead of a walk along the ring, which would put
 * all that an endpoint cannot take on its neighbour (J. Chen, B. Coleman, A. Shrivastava, "Revisiting consistent hashing with
 * bounded loads", 2021). At most {@code 1 / factor} of the weight can be over its bound, so {@code factor / (factor - 1)}
 * lookups are enough on average at the very worst, and nearly always one or two. After {@value #KEYED_JUMPS} the jumps are
 * drawn by chance, so that a key which is most of the traffic reaches all endpoints; after {@value #MAX_JUMPS} the least
 * loaded endpoint seen takes the request. A retry jumps in the same way past the endpoints that were tried.
 *
 * <p>The table outlives the picker: it is made anew only where endpoints come or go, or weights change by more than it shows, see
 * {@link HashedEndpoints}.
 *
 * <p>Where priorities or zones divide the requests into groups, the key decides about the group too: a share that moves to
 * another zone is always the same keys.
 */
abstract class ConsistentHash implements LoadBalancingStrategy {
    /** How many endpoints beyond the first are a key's own. */
    private static final int KEYED_JUMPS = 8;

    /** With four fifths of the endpoints over their bound, three requests of a hundred find none below it. */
    private static final int MAX_JUMPS = 16;

    /** Makes what decides about the group independent of what decides about the endpoint. */
    private static final long GROUP_SEED =
            0x5851_F42D_4C95_7F2DL; // any odd number; this one is Knuth's MMIX multiplier

    private final HashSettings settings;
    private final RandomGenerator random;

    ConsistentHash(HashSettings settings, RandomGenerator random) {
        this.settings = requireNonNull(settings, "settings");
        this.random = requireNonNull(random, "random");
    }

    /** Makes a table as {@link HashedEndpoints.Maker} does. */
    abstract HashTable table(double[] weights, long[] identities, @Nullable HashTable before, HashSettings settings);

    @Override
    public final boolean usesPoolLoad() {
        return settings.balanceFactor() > 0;
    }

    @Override
    public final boolean needsAllEndpoints() {
        return true;
    }

    @Override
    public final RandomGenerator groupDraws(RequestAttributes request, RandomGenerator chance) {
        String key = RequestKey.read(settings.key(), request);
        return key == null ? chance : new KeyedDraws(Hash64.of(key) ^ GROUP_SEED);
    }

    @Override
    public final Picker picker(Pool pool) {
        if (pool.size() == 1) {
            Candidate only = pool.get(0);
            return request -> only;
        }
        HashedEndpoints hashed =
                pool.reuse(this, HashedEndpoints.class, before -> HashedEndpoints.of(pool, before, this::table));
        return new KeyedPicker(pool, hashed.byRank(pool), hashed.table());
    }

    private HashTable table(double[] weights, long[] identities, @Nullable HashTable before) {
        return table(weights, identities, before, settings);
    }

    private long hash(RequestAttributes request) {
        String key = RequestKey.read(settings.key(), request);
        return key == null ? random.nextLong() : Hash64.of(key);
    }

    /** Picks from one state of a pool. A key that cannot go to its endpoint jumps, as from one that is over its bound. */
    private final class KeyedPicker implements Draw {
        private final Pool pool;
        private final Candidate[] candidates; // in the order in which the table counts them
        private final HashTable table;

        private KeyedPicker(Pool pool, Candidate[] candidates, HashTable table) {
            this.pool = pool;
            this.candidates = candidates;
            this.table = table;
        }

        @Override
        public Candidate draw(RequestAttributes request, @Nullable PickObserver observer) {
            long hash = hash(request);
            Candidate first = candidates[table.lookup(hash)];
            if (settings.balanceFactor() == 0 || first.endpointLoad().inFlight() == 0) {
                return first; // within every bound
            }
            Candidate picked = jump(hash, first, candidate -> true, observer);
            return picked == null ? first : picked; // never null
        }

        @Override
        public @Nullable Candidate pickFitting(
                RequestAttributes request, Predicate<Candidate> fits, @Nullable PickObserver observer) {
            long hash = hash(request);
            return jump(hash, candidates[table.lookup(hash)], fits, observer);
        }

        /** Returns the first one on the key's way that fits and is within its bound, else the least loaded one that fits. */
        private @Nullable Candidate jump(
                long hash, Candidate first, Predicate<Candidate> fits, @Nullable PickObserver observer) {
            Candidate candidate = first;
            Candidate best = null;
            double lowest = Double.POSITIVE_INFINITY;
            double bound = Double.NaN; // for a candidate of weight 1
            long next = hash;
            for (int jumps = 0; ; jumps++) {
                if (fits.test(candidate)) {
                    int inFlight = candidate.endpointLoad().inFlight();
                    if (settings.balanceFactor() == 0 || inFlight == 0) {
                        return candidate; // within every bound
                    }
                    if (Double.isNaN(bound)) {
                        bound = settings.balanceFactor() * (pool.inFlight() + 1) / pool.weight();
                    }
                    double load = inFlight / candidate.weight();
                    if (load < bound) {
                        return candidate;
                    }
                    if (load < lowest) {
                        lowest = load;
                        best = candidate;
                    }
                    if (observer != null) {
                        observer.passedOver(
                                candidate,
                                String.format(Locale.ROOT, "its bound is %.1f in flight", bound * candidate.weight()));
                    }
                }
                if (jumps == MAX_JUMPS) {
                    return best;
                }
                next = jumps < KEYED_JUMPS ? next + Hash64.GOLDEN_GAMMA : random.nextLong();
                candidate = candidates[table.lookup(Hash64.mix(next))];
            }
        }
    }
}
