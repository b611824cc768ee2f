/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.EndpointKey;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The turns of one cluster: a sequence for each set of endpoints that pools were made of.
 *
 * <p>They go by the set and not by the group, because one group has pools of different endpoints at the same time: those a
 * channel is connected to, those a retry has not tried, the tiers of somebody's strategy. If these shared one count, what one
 * of them takes would be missing in the others' rounds: of two channels that are called alternately and have 10 and 9
 * endpoints, the first would see the even steps only, and five of its ten endpoints never. And an endpoint that comes and
 * goes, as by ejection, finds both rounds, with it and without it, as it left them.
 *
 * <p>A set that was not there before begins with that endpoint whose turn was next in the set that had its role last, so that
 * who stays goes on in turn while others come and go. Where there is none, or they have nobody in common, it begins anywhere:
 * at the first one, all clients together would fall upon that one after each change (grpc-java issue 4462), and by weight
 * light ones would never have a turn where sets change often (envoy issue 10064).
 *
 * <p>Asked where a picker is made, under the lock of this object; what it returns is used without.
 */
final class TurnSequences {
    /** How many sets are remembered: a set is asked for by every publication, if it is one that publications make. */
    static final int MAX_SEQUENCES = 4096;

    /** How many endpoints all remembered sets have together; each takes about 12 bytes. */
    static final int MAX_PLACES = 1 << 18;

    /** So many sets are remembered however large they are. */
    static final int ALWAYS_KEPT = 16;

    /** Priorities and zones are the control plane's to name, without a bound of its own. */
    private static final int MAX_ROLES = 256;

    /** In this many rounds every weight has its turns exactly as often as it says. */
    private static final int ROUNDS = Strides.TURN;

    private final @Nullable TurnSequences origin; // not null where turns are only looked at
    private final Map<EndpointSet, TurnSequence> sequences = new LinkedHashMap<>(16, 0.75f, true); // oldest use first
    private final Map<String, TurnSequence> latest = new LinkedHashMap<>(16, 0.75f, true); // by role
    private int places; // of all sequences

    TurnSequences() {
        this(null);
    }

    private TurnSequences(@Nullable TurnSequences origin) {
        this.origin = origin;
    }

    /** Returns turns that begin where these stand, and leave them there. */
    TurnSequences lookingAhead() {
        return new TurnSequences(origin == null ? this : origin);
    }

    /** Returns whether turns are only looked at. */
    boolean isLookingAhead() {
        return origin != null;
    }

    /**
     * Returns the sequence of some candidates.
     *
     * @param role what the pool is to its cluster
     * @param ring at least one, in {@link TurnSequence#ORDER}
     * @param random decides where a sequence begins that follows no other
     */
    TurnSequence of(String role, Candidate[] ring, RandomGenerator random) {
        if (origin != null) {
            return origin.copyOf(role, ring, random);
        }
        synchronized (this) {
            EndpointSet set = EndpointSet.of(ring);
            TurnSequence sequence = sequences.get(set);
            if (sequence == null) {
                sequence = begun(role, ring, random);
                sequences.put(set, sequence);
                places += sequence.size();
                forgetOldest();
            }
            latest.put(role, sequence);
            if (latest.size() > MAX_ROLES) {
                removeFirst(latest);
            }
            return sequence;
        }
    }

    /** Returns how many sets are remembered. */
    synchronized int size() {
        return sequences.size();
    }

    private synchronized TurnSequence copyOf(String role, Candidate[] ring, RandomGenerator random) {
        TurnSequence sequence = sequences.get(EndpointSet.of(ring));
        return sequence == null ? begun(role, ring, random) : sequence.copy();
    }

    private TurnSequence begun(String role, Candidate[] ring, RandomGenerator random) {
        EndpointKey[] keys =
                Arrays.stream(ring).map(candidate -> candidate.endpoint().key()).toArray(EndpointKey[]::new);
        TurnSequence before = latest.get(role);
        int first = before == null ? -1 : before.nextAmong(key -> Arrays.binarySearch(keys, key, TurnSequence.ORDER));
        if (first < 0) {
            first = random.nextInt(keys.length);
        }
        return new TurnSequence(keys, first + (long) keys.length * random.nextInt(ROUNDS));
    }

    private void forgetOldest() {
        while (sequences.size() > MAX_SEQUENCES || (places > MAX_PLACES && sequences.size() > ALWAYS_KEPT)) {
            places -= removeFirst(sequences).size();
        }
    }

    private static <V> V removeFirst(Map<?, V> map) {
        Iterator<V> values = map.values().iterator();
        V first = values.next();
        values.remove();
        return first;
    }

    /**
     * A set of endpoints by its hash. Two sets of one size with the same hash share their turns, which does no harm.
     *
     * @param size how many there are
     * @param hash the same in whichever order they come
     */
    private record EndpointSet(int size, long hash) {

        static EndpointSet of(Candidate[] candidates) {
            long sum = 0;
            for (Candidate candidate : candidates) {
                sum += hash(candidate.endpoint().key());
            }
            return new EndpointSet(candidates.length, sum);
        }

        private static long hash(EndpointKey key) {
            long hash = ((long) key.podUid().hashCode() << Integer.SIZE)
                    ^ (key.host().hashCode() * 0x9E37_79B9_7F4A_7C15L) // the golden ratio, as in SplittableRandom
                    ^ key.port();
            hash = (hash ^ (hash >>> 30)) * 0xBF58_476D_1CE4_E5B9L; // SplitMix64: sums of what it returns do not repeat
            hash = (hash ^ (hash >>> 27)) * 0x94D0_49BB_1331_11EBL;
            return hash ^ (hash >>> 31);
        }
    }
}
