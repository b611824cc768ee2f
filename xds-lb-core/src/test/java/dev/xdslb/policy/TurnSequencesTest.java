/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.xdslb.Randoms;
import dev.xdslb.endpoint.EndpointKey;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class TurnSequencesTest {
    private static final int THREADS = 4;

    private final RandomGenerator random = Randoms.seeded();

    @Test
    void afterTheLastStep_turnsBeginAnew_withoutAFault() {
        for (int size : new int[] {1, 2, 3, 7, 10}) {
            Candidate[] ring = ring(Members.pool(Members.healthy(size)));
            for (long start : new long[] {Integer.MAX_VALUE - 5L, (1L << 32) - 5, Long.MAX_VALUE - 5, -5}) {
                TurnSequence sequence = new TurnSequence(keys(ring), start);
                WeightedTurns weighted = new WeightedTurns(ring, sequence);
                Set<Candidate> picked = new HashSet<>();
                for (int i = 0; i < 10 * size; i++) {
                    picked.add(ring[(int) (sequence.takeStep() % size)]);
                    picked.add(weighted.next());
                }

                assertThat(picked).as(size + " from step " + start).hasSize(size);
            }
        }
    }

    @Test
    void weights_areFollowedInEveryRoundOf2To63Steps() {
        Candidate[] ring = ring(Members.pool(Members.weighted(1, 2, 3)));
        for (long start : new long[] {0, 1L << 40, 1L << 50, 1L << 62, Long.MAX_VALUE - 10_000}) {
            WeightedTurns turns = new WeightedTurns(ring, new TurnSequence(keys(ring), start));
            Map<Candidate, Integer> counts = new HashMap<>();
            for (int i = 0; i < 600; i++) {
                counts.merge(turns.next(), 1, Integer::sum);
            }

            assertThat(counts.get(ring[0])).as("from step " + start).isBetween(99, 101);
            assertThat(counts.get(ring[1])).as("from step " + start).isBetween(199, 201);
        }
    }

    @Test
    void firstTurn_isLeftToChance() {
        List<Member> members = Members.healthy(5);
        Map<EndpointKey, Integer> counts = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            Candidate candidate = Members.pool(members).turns(random).next();
            counts.merge(candidate.endpoint().key(), 1, Integer::sum);
        }

        assertThat(counts.values()).hasSize(5).allMatch(count -> count > 140 && count < 260);
    }

    @Test
    void whatIsRememberedHasABound_andWhatIsInUseStays() {
        PolicyChain chain = Members.chain();
        List<Member> members = Members.healthy(200);
        Pool used = chain.plan(members, endpoint -> true).groups().get(0);
        Turns turns = used.turns(random);
        TurnSequences sequences = new TurnSequences();
        Candidate[] ring = ring(used);
        for (int first = 0; first < 200; first++) {
            for (int last = first; last < 200; last++) {
                of(sequences, Arrays.copyOfRange(ring, first, last + 1));
            }
        }
        assertThat(sequences.size()).isBetween(1000, TurnSequences.MAX_SEQUENCES);

        Set<Candidate> round = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            round.add(turns.next());
        }
        assertThat(round).hasSize(200);
    }

    @Test
    void largeSets_areRememberedInAFewOfThem() {
        TurnSequences sequences = new TurnSequences();
        Candidate[] ring = ring(Members.pool(Members.healthy(10_000)));
        TurnSequence all = of(sequences, ring);
        for (int size = 9_960; size < 10_000; size++) {
            of(sequences, Arrays.copyOf(ring, size));
            assertThat(of(sequences, ring)).isSameAs(all);
        }

        assertThat(sequences.size()).isBetween(TurnSequences.ALWAYS_KEPT, TurnSequences.MAX_PLACES / 9_000);
    }

    @Test
    void manyThreads_takeEachTurnOnce() throws Exception {
        PolicyChain chain = Members.chain();
        List<Member> members = Members.healthy(10);
        Map<EndpointKey, Integer> counts = new HashMap<>();
        Thread[] threads = new Thread[THREADS];
        for (int t = 0; t < THREADS; t++) {
            threads[t] = new Thread(() -> {
                Map<EndpointKey, Integer> own = new HashMap<>();
                for (int i = 0; i < 1000; i++) {
                    Pool pool = chain.plan(members, endpoint -> true).groups().get(0); // a publication each
                    own.merge(pool.turns(() -> 0).next().endpoint().key(), 1, Integer::sum);
                }
                synchronized (counts) {
                    own.forEach((key, count) -> counts.merge(key, count, Integer::sum));
                }
            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(counts.values()).hasSize(10).allMatch(count -> count == THREADS * 100);
    }

    @Test
    void emptyPool_hasNoTurns() {
        Pool empty = Members.pool(Members.healthy(2)).where(candidate -> false);

        assertThatIllegalStateException()
                .isThrownBy(() -> empty.turns(random))
                .withMessage("pool: empty (expected: a candidate that can have a turn)");
        assertThatIllegalStateException().isThrownBy(() -> empty.turnsByWeight(random));
    }

    private TurnSequence of(TurnSequences sequences, Candidate[] ring) {
        return new PickerTurns(sequences).of("all", ring, random);
    }

    private static Candidate[] ring(Pool pool) {
        Candidate[] ring = new Candidate[pool.size()];
        for (int i = 0; i < ring.length; i++) {
            ring[i] = pool.get(i);
        }
        Arrays.sort(
                ring,
                (one, other) -> TurnSequence.ORDER.compare(
                        one.endpoint().key(), other.endpoint().key()));
        return ring;
    }

    private static EndpointKey[] keys(Candidate[] ring) {
        return Arrays.stream(ring).map(candidate -> candidate.endpoint().key()).toArray(EndpointKey[]::new);
    }
}
