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

/**
 * The turns of one cluster: a sequence for each set of endpoints that pools were made of.
 *
 * <p>They go by the set and not by the group, because one group has pools of different endpoints at the same time: those a
 * channel is connected to, those a retry has not tried, the tiers of somebody's strategy. If these shared one count, what one
 * of them takes would be missing in the others' rounds: of two channels that are called alternately and have 10 and 9
 * endpoints, the first would see the even steps only, and five of its ten endpoints never. And an endpoint that comes and
 * goes, as by ejection, finds both rounds, with it and without it, as it left them. A picker that takes turns among the
 * same endpoints twice, as for two kinds of requests, has a sequence for each.
 *
 * <p>A set that was not there before begins with that endpoint whose turn was next in the set that had its role last, so that
 * who stays goes on in turn while others come and go. Where there is none, or they have nobody in common, it begins anywhere:
 * at the first one, all clients together would fall upon that one after each change (grpc-java #4462), and by weight
 * light ones would never have a turn where sets change often (envoy #10064).
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

    private final Map<Key, TurnSequence> sequences = new LinkedHashMap<>(16, 0.75f, true); // oldest use first
    private final Map<String, TurnSequence> latest = new LinkedHashMap<>(16, 0.75f, true); // by role
    private int places; // of all sequences

    /**
     * Returns a sequence of some candidates.
     *
     * @param role what the pool is to its cluster
     * @param number of the sequences of the same endpoints that the same picker asked for before
     * @param ring at least one, in {@link TurnSequence#ORDER}
     * @param random decides where a sequence begins that follows no other
     */
    synchronized TurnSequence of(
            String role, EndpointSet endpoints, int number, Candidate[] ring, RandomGenerator random) {
        Key key = new Key(endpoints, number);
        TurnSequence sequence = sequences.get(key);
        if (sequence == null) {
            sequence = begun(role, ring, random);
            sequences.put(key, sequence);
            places += sequence.size();
            forgetOldest();
        }
        latest.put(role, sequence);
        if (latest.size() > MAX_ROLES) {
            removeFirst(latest);
        }
        return sequence;
    }

    /** Returns what {@link #of} would return, and leaves it where it stands: the steps of what is returned are its own. */
    synchronized TurnSequence copyOf(
            String role, EndpointSet endpoints, int number, Candidate[] ring, RandomGenerator random) {
        TurnSequence sequence = sequences.get(new Key(endpoints, number));
        return sequence == null ? begun(role, ring, random) : sequence.copy();
    }

    /** Returns how many sets are remembered. */
    synchronized int size() {
        return sequences.size();
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
     * Which sequence.
     *
     * @param number of those of this set that one picker asked for before
     */
    private record Key(EndpointSet endpoints, int number) {}
}
