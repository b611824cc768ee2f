/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.Lease;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.ClientPlace;
import dev.xdslb.policy.Member;
import dev.xdslb.policy.Members;
import dev.xdslb.policy.PolicyChain;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.Pool;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which changes of a cluster make a new table, and that a table which is made of the one before is the same as a new one. */
class ReusedHashTableTest {
    private final RandomGenerator random = Randoms.seeded();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final LoadRegistry loads = new LoadRegistry(clock);
    private final PolicyChain chain = chain();
    private final Counting strategy = new Counting(random);

    @Test
    void publicationsThatChangeNobody_makeOneTable_alsoInAnotherOrder_andFromNewDescriptions() {
        List<Member> members = new ArrayList<>(Members.healthy(50));
        for (int i = 0; i < 10; i++) {
            publish(members);
        }
        assertThat(strategy.made).isEqualTo(1);

        Collections.shuffle(members, new Random(random.nextLong()));
        List<String> owners = owners(publish(members));
        members.replaceAll(member -> member.describedBy(copy(member.endpoint()), Instant.EPOCH));
        Collections.shuffle(members, new Random(random.nextLong()));
        assertThat(owners(publish(members))).isEqualTo(owners);
        assertThat(strategy.made).isEqualTo(1);
        assertThat(owners).isEqualTo(owners(new Counting(random).picker(pool(chain(), members))));
    }

    @Test
    void endpointThatGoes_makesATable_andOneThatComesBack_findsTheOldOne() {
        List<Member> members = Members.healthy(50);
        publish(members);
        publish(members.subList(1, 50));
        assertThat(strategy.made).isEqualTo(2);

        publish(members);
        publish(members.subList(1, 50));
        assertThat(strategy.made).isEqualTo(2);
        publish(List.of(members.get(0), Members.restarted(members.get(1), "10.9.9.9")));
        assertThat(strategy.made).isEqualTo(3);
    }

    @Test
    void weightOfTheControlPlane_makesATable_howeverLittleItChanges() {
        publish(Members.weighted(100, 100, 100));
        publish(Members.weighted(100, 100, 101));

        assertThat(strategy.made).isEqualTo(2);
    }

    @Test
    void weightsThatMoveWithFailures_makeATableNowAndThen() {
        List<Member> members = new ArrayList<>();
        for (Member member : Members.healthy(200)) {
            members.add(
                    Member.of(member.endpoint(), loads.acquire(member.endpoint().key())));
        }
        int publications = 0;
        for (int tick = 0; tick < 200; tick++) {
            for (int i = 0; i < 400; i++) {
                EndpointLoad load = members.get(random.nextInt(200)).load();
                Lease.start(load, Lease.Listener.NONE).end(random.nextInt(100) < 3 ? Outcome.FAILURE : Outcome.SUCCESS);
            }
            loads.tick();
            loads.slowTick();
            if (chain.slowTick(members)) {
                publications++;
            }
            publish(members);
        }
        assertThat(publications).as("somebody's weight has moved").isGreaterThan(20);
        assertThat(strategy.made).as("a table shows").isLessThan(publications);
    }

    @Test
    void oneOfTwoCallersRestrictions_doesNotTakeTheOthersTable() {
        List<Member> members = Members.healthy(20);
        for (int i = 0; i < 10; i++) {
            strategy.picker(pool(chain, members.subList(0, 10)));
            strategy.picker(pool(chain, members.subList(10, 20)));
        }
        assertThat(strategy.made).isEqualTo(2);
    }

    @Test
    void explanation_makesNoTable_andLeavesNone() {
        Pool pool = pool(chain, Members.healthy(20));
        strategy.picker(pool.lookingAhead());
        strategy.picker(pool);
        strategy.picker(pool.lookingAhead());

        assertThat(strategy.made).isEqualTo(2);
    }

    @Test
    void ringOfAFewOtherWeights_isTheOneThatIsMadeAnew() {
        int n = 60;
        long[] identities = EndpointIdentity.hashes(Members.pool(Members.healthy(n)));
        Arrays.sort(identities);
        double[] weights = new double[n];
        Arrays.fill(weights, 1);
        HashRing ring = HashRing.of(weights, identities, 1 << 20, null);
        for (int change = 0; change < 300; change++) {
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                weights[random.nextInt(n)] = random.nextInt(4) == 0 ? 1 : random.nextDouble() + 1e-3;
            }
            int most = random.nextInt(20) == 0 ? 4096 : 1 << 20; // now and then the points are halved
            HashRing changed = HashRing.of(weights, identities, most, ring);
            HashRing anew = HashRing.of(weights, identities, most, null);
            assertThat(changed.size()).isEqualTo(anew.size());
            for (int i = 0; i < 500; i++) {
                long hash = i == 0 ? 0 : i == 1 ? -1 : random.nextLong();
                assertThat(changed.lookup(hash)).isEqualTo(anew.lookup(hash));
            }
            ring = changed;
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, 0, -1, Double.MIN_VALUE, 1e300})
    void tables_areMade_orRefused_whateverTheWeights(double strange) {
        long[] identities = EndpointIdentity.hashes(Members.pool(Members.healthy(3)));
        for (double[] weights : new double[][] {{strange, 1, 1}, {1, 1, strange}, {strange, strange, strange}}) {
            try {
                MaglevTable table = new MaglevTable(weights, identities, 1009);
                assertThat(table.lookup(random.nextLong())).isBetween(0, 2);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("expected: all finite and above 0");
            }
            assertThat(HashRing.of(weights, identities, 1024, null).lookup(random.nextLong()))
                    .isBetween(0, 2);
        }
    }

    @Test
    void keyThatFails_isSaidToBeTheKey_withItsClassAndPlace() {
        RequestKey failing = new TenantKey();
        LoadBalancingStrategy byTenant = new RingHash(HashSettings.of(failing), random);
        Picker picker = byTenant.picker(Members.pool(Members.healthy(3)));

        assertThatThrownBy(() -> picker.pick(FakeRequest.header("x", "y")))
                .isInstanceOf(RequestKeyException.class)
                .hasMessageStartingWith("request key tenant of class " + TenantKey.class.getName() + " failed at "
                        + TenantKey.class.getName() + ".of(")
                .hasMessageContaining("java.lang.NullPointerException: no tenant")
                .hasMessageContaining("return null")
                .hasCauseInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> byTenant.groupDraws(FakeRequest.header("x", "y"), random))
                .isInstanceOf(RequestKeyException.class);
    }

    @Test
    void keyThatLacksAClass_isNoErrorOfTheCaller() {
        RequestKey failing = request -> {
            throw new NoClassDefFoundError("com/acme/Tenants");
        };
        Picker picker = new Maglev(HashSettings.of(failing), random).picker(Members.pool(Members.healthy(3)));

        assertThatThrownBy(() -> picker.pick(FakeRequest.header("x", "y")))
                .isInstanceOf(RequestKeyException.class)
                .hasMessageContaining("NoClassDefFoundError: com/acme/Tenants");
    }

    private static PolicyChain chain() {
        return new PolicyChain(
                PolicySettings.DEFAULT, ClientPlace.UNKNOWN, () -> 0, () -> Instant.EPOCH, new SplittableRandom(1));
    }

    private Picker publish(List<Member> members) {
        return strategy.picker(pool(chain, members));
    }

    private static Pool pool(PolicyChain chain, List<Member> members) {
        return chain.plan(members, endpoint -> true).groups().get(0);
    }

    private List<String> owners(Picker picker) {
        List<String> owners = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            owners.add(picker.pick(FakeRequest.header("x-user", "user-" + i))
                    .endpoint()
                    .address());
        }
        return owners;
    }

    private static Endpoint copy(Endpoint endpoint) {
        return Endpoint.builder(endpoint.key().host(), endpoint.key().port())
                .pod(endpoint.podName(), endpoint.key().podUid())
                .build();
    }

    private static final class TenantKey implements RequestKey {
        @Override
        public String of(RequestAttributes request) {
            return requireNonNull(request.header("tenant"), "no tenant");
        }

        @Override
        public String toString() {
            return "tenant";
        }
    }

    /** Ring hash that counts its tables. */
    private static final class Counting extends ConsistentHash {
        private int made;

        Counting(RandomGenerator random) {
            super(HashSettings.of(RequestKey.parse("header:x-user")).withBalanceFactor(0), random);
        }

        @Override
        public String name() {
            return "counting";
        }

        @Override
        HashTable table(double[] weights, long[] identities, @Nullable HashTable before, HashSettings settings) {
            made++;
            return HashRing.of(weights, identities, settings.ringSize(), (HashRing) before);
        }
    }
}
