/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.xdslb.Randoms;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.load.Lease;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Member;
import dev.xdslb.policy.Members;
import dev.xdslb.policy.Pool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a ring and a Maglev table have in common; which keys they move, and how the bound spreads a load. */
class ConsistentHashTest {
    private static final int KEYS = 50_000;
    private static final HashSettings UNBOUNDED =
            HashSettings.of(RequestKey.parse("header:x-user")).withBalanceFactor(0);

    private final RandomGenerator random = Randoms.seeded();

    /** How many times 1/n of the keys may move when one of n endpoints comes or goes. */
    private enum Kind {
        RING(1.3),
        MAGLEV(2.5);

        private final double moves;

        Kind(double moves) {
            this.moves = moves;
        }

        LoadBalancingStrategy strategy(HashSettings settings, RandomGenerator random) {
            return this == RING ? new RingHash(settings, random) : new Maglev(settings, random);
        }
    }

    @ParameterizedTest
    @EnumSource
    void equalKeys_goToTheSameEndpoint_inEveryClient(Kind kind) {
        List<Member> members = Members.healthy(50);
        List<Member> otherOrder = new ArrayList<>(members);
        Collections.shuffle(otherOrder, new Random(random.nextLong()));

        assertThat(owners(kind, UNBOUNDED, members)).isEqualTo(owners(kind, UNBOUNDED, otherOrder));
    }

    @ParameterizedTest
    @EnumSource
    void endpointThatComesOrGoes_movesFewKeys(Kind kind) {
        for (int n : new int[] {3, 7, 8, 15, 16, 100}) {
            List<String> with = owners(kind, UNBOUNDED, Members.healthy(n));
            List<String> without = owners(kind, UNBOUNDED, Members.healthy(n - 1));
            assertThat(moved(with, without))
                    .as("share of the keys that move between " + n + " and " + (n - 1) + " endpoints")
                    .isLessThan(kind.moves / n);
        }
    }

    @ParameterizedTest
    @EnumSource
    void smallChangeOfOneWeight_movesFewKeys(Kind kind) {
        int[] weights = new int[20];
        Arrays.fill(weights, 100);
        List<String> before = owners(kind, UNBOUNDED, Members.weighted(weights));
        weights[7] = 90;
        List<String> after = owners(kind, UNBOUNDED, Members.weighted(weights));

        assertThat(moved(before, after))
                .as("0.5% of all weight taken from one of 20")
                .isLessThan(0.03);
    }

    @ParameterizedTest
    @EnumSource
    void keys_areSpreadByWeight(Kind kind) {
        int[] weights = {1, 2, 3, 4, 10};
        Map<String, Integer> counts = counts(owners(kind, UNBOUNDED, Members.weighted(weights)));
        for (int i = 0; i < weights.length; i++) {
            double expected = KEYS * weights[i] / 20.0;
            assertThat((double) counts.getOrDefault(address(i), 0))
                    .as("keys of weight " + weights[i])
                    .isCloseTo(expected, within(0.2 * expected));
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneVeryHeavyEndpointAmongMany_isPreparedForInATimeThatGoesWithTheTable(Kind kind) {
        int[] weights = new int[10_000];
        weights[0] = 1_000_000;
        Pool pool = Members.pool(Members.weighted(weights));

        Picker picker = assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> kind.strategy(UNBOUNDED.withTableSize(1_000_003), random).picker(pool));

        int heavy = 0;
        for (int i = 0; i < KEYS; i++) {
            heavy += picker.pick(FakeRequest.header("x-user", "user-" + i)) == pool.get(0) ? 1 : 0;
        }
        assertThat(heavy / (double) KEYS).isCloseTo(0.99, within(0.02));
    }

    @ParameterizedTest
    @EnumSource
    void statefulPod_hasItsKeysAgain_afterARestart(Kind kind) {
        List<Member> before = Members.healthy(5);
        List<Member> after = new ArrayList<>(before);
        after.set(2, Members.restarted(before.get(2), "10.9.9.9"));

        List<String> movedTo = new ArrayList<>();
        List<String> ownersBefore = owners(kind, UNBOUNDED, before);
        List<String> ownersAfter = owners(kind, UNBOUNDED, after);
        for (int i = 0; i < KEYS; i++) {
            if (!ownersBefore.get(i).equals(ownersAfter.get(i))) {
                movedTo.add(ownersBefore.get(i) + " to " + ownersAfter.get(i));
            }
        }
        assertThat(movedTo).isNotEmpty().containsOnly(address(2) + " to 10.9.9.9:8080");
    }

    @ParameterizedTest
    @EnumSource
    void podsOfOneName_areToldApartByTheirAddress(Kind kind) {
        Member first = Members.member(0, 1, EndpointHealth.HEALTHY);
        List<String> owners = owners(kind, UNBOUNDED, List.of(first, Members.restarted(first, "10.9.9.9")));

        assertThat(counts(owners)).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void requestsWithoutAKey_areSpreadByChance(Kind kind) {
        Pool pool = Members.pool(Members.healthy(4));
        Picker picker = kind.strategy(UNBOUNDED, random).picker(pool);
        Map<Candidate, Integer> counts = new HashMap<>();
        for (int i = 0; i < 8000; i++) {
            counts.merge(picker.pick(RequestAttributes.NONE), 1, Integer::sum);
        }
        assertThat(counts).hasSize(4);
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(1600, 2400));
    }

    @ParameterizedTest
    @EnumSource
    void oneBusyKey_isSharedWithOthers_withinTheBound(Kind kind) {
        Pool pool = Members.pool(Members.healthy(10));
        Picker picker = kind.strategy(UNBOUNDED.withBalanceFactor(1.5), random).picker(pool);
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            leases.add(start(picker.pick(FakeRequest.header("x-user", "one"))));
        }
        for (int i = 0; i < 10; i++) {
            assertThat(pool.get(i).endpointLoad().inFlight())
                    .isLessThanOrEqualTo(151); // 1.5 times 100, and the last one
        }
        assertThat(leases).hasSize(1000);
    }

    @ParameterizedTest
    @EnumSource
    void boundedLoad_holdsForEveryKeyDistribution(Kind kind) {
        for (double factor : new double[] {1.05, 1.25, 2}) {
            Pool pool = Members.pool(
                    Members.weighted(IntStream.range(0, 100).map(i -> 1 + i % 3).toArray()));
            Picker picker =
                    kind.strategy(UNBOUNDED.withBalanceFactor(factor), random).picker(pool);
            for (int i = 0; i < 20_000; i++) {
                int zipf = (int) (1 / (random.nextDouble() + 1e-4)); // few keys are most of the requests
                start(picker.pick(FakeRequest.header("x-user", "user-" + zipf)));
            }
            double highest = 0;
            for (int i = 0; i < pool.size(); i++) {
                Candidate candidate = pool.get(i);
                highest = Math.max(
                        highest, candidate.endpointLoad().inFlight() / candidate.weight() / (20_000 / pool.weight()));
            }
            // a request that finds none below its bound goes to the least loaded one seen
            assertThat(highest)
                    .as("highest load over its share, factor " + factor)
                    .isLessThan(factor * 1.05);
        }
    }

    @ParameterizedTest
    @EnumSource
    void keysStay_asLongAsTheLoadIsEven(Kind kind) {
        Pool pool = Members.pool(Members.healthy(100));
        Picker bounded =
                kind.strategy(UNBOUNDED.withBalanceFactor(1.25), random).picker(pool);
        Picker unbounded = kind.strategy(UNBOUNDED, random).picker(pool);
        int stayed = 0;
        for (int i = 0; i < 20_000; i++) {
            FakeRequest request = FakeRequest.header("x-user", "user-" + i);
            Candidate picked = bounded.pick(request);
            stayed += picked == unbounded.pick(request) ? 1 : 0;
            start(picked);
        }
        assertThat(stayed).as("of 20,000 different keys").isGreaterThan(18_000);
    }

    @ParameterizedTest
    @EnumSource
    void observer_isToldWhoIsPassedOver_andTheBound(Kind kind) {
        Pool pool = Members.pool(Members.healthy(10));
        Picker picker = kind.strategy(UNBOUNDED.withBalanceFactor(1.5), random).picker(pool);
        FakeRequest request = FakeRequest.header("x-user", "one");
        Candidate owner = picker.pick(request);
        for (int i = 0; i < 9; i++) {
            start(owner);
        }
        Map<Candidate, String> passedOver = new HashMap<>();

        Candidate picked = picker.pick(request, new PickObserver() {
            @Override
            public void compared(Candidate candidate, double cost, double score) {
                throw new AssertionError(candidate + " was compared");
            }

            @Override
            public void passedOver(Candidate candidate, String why) {
                passedOver.put(candidate, why);
            }
        });

        assertThat(picked).isNotEqualTo(owner);
        assertThat(passedOver).isEqualTo(Map.of(owner, "its bound is 1.5 in flight"));
    }

    private static Lease start(Candidate candidate) {
        return Lease.start(candidate.endpointLoad(), Lease.Listener.NONE);
    }

    private List<String> owners(Kind kind, HashSettings settings, List<Member> members) {
        Picker picker = kind.strategy(settings, random).picker(Members.pool(members));
        return IntStream.range(0, KEYS)
                .mapToObj(i -> picker.pick(FakeRequest.header("x-user", "user-" + i))
                        .endpoint()
                        .address())
                .toList();
    }

    private static double moved(List<String> before, List<String> after) {
        int moved = 0;
        for (int i = 0; i < KEYS; i++) {
            moved += before.get(i).equals(after.get(i)) ? 0 : 1;
        }
        return moved / (double) KEYS;
    }

    private static Map<String, Integer> counts(List<String> owners) {
        Map<String, Integer> counts = new HashMap<>();
        owners.forEach(owner -> counts.merge(owner, 1, Integer::sum));
        return counts;
    }

    private static String address(int number) {
        return Members.member(number, 1, EndpointHealth.HEALTHY).endpoint().address();
    }
}
