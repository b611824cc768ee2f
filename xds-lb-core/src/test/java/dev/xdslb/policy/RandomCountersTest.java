/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.InFlightTotal;
import dev.xdslb.load.Lease;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.load.Outcome;
import dev.xdslb.load.Totals;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is counted, in whichever order, and wherever the counters stand: everything that is made of them is a number, and one
 * that can be.
 */
class RandomCountersTest {
    private static final int STEPS = 4000;
    private static final Outcome[] OUTCOMES = Outcome.values();

    private final RandomGenerator random = Randoms.seeded();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final LoadRegistry loads = new LoadRegistry(clock);
    private final InFlightTotal total = new InFlightTotal(clock);
    private final ZoneBalance balance = new ZoneBalance();
    private final UsageLevel usageLevel = new UsageLevel();
    private final List<Member> members = new ArrayList<>();
    private final Deque<Lease> open = new ArrayDeque<>();
    private PolicyChain chain = Members.chain();

    @ParameterizedTest
    @ValueSource(longs = {0, Integer.MAX_VALUE - 50L, (1L << 32) - 50, (1L << 53) - 50})
    void nothingThatIsMadeOfThem_isNoNumber(long start) {
        for (int i = 0; i < 8; i++) {
            Endpoint endpoint = Endpoint.builder("10.0.0." + (i + 1), 80)
                    .weight(random.nextBoolean() ? 1 : random.nextInt(1, Integer.MAX_VALUE))
                    .locality(Locality.ofZone(i % 2 == 0 ? "own" : "other"))
                    .build();
            EndpointLoad load = loads.acquire(endpoint.key());
            Totals.startAt(load, start, start + random.nextInt(100), start + random.nextInt(100));
            members.add(Member.of(endpoint, load));
        }
        chain = new PolicyChain(
                PolicySettings.DEFAULT, ClientPlace.inZone("own"), clock, () -> Instant.EPOCH, random, total);
        for (int step = 0; step < STEPS; step++) {
            int burst = random.nextInt(20) == 0 ? 200 : random.nextInt(3);
            for (int i = 0; i < burst; i++) {
                request();
            }
            clock.advance(random.nextInt(200) == 0 ? Duration.ofMinutes(random.nextInt(40)) : Duration.ofMillis(100));
            loads.tick();
            total.tick();
            balance.tick(members, new ZoneOfRegion("", "own"), random.nextDouble());
            usageLevel.tick(members, 0.1);
            boolean unused = chain.tick(members);
            if (step % 5 == 0) {
                loads.slowTick();
                boolean unusedToo = chain.slowTick(members);
            }
            check();
        }
    }

    private void request() {
        Member member = members.get(random.nextInt(members.size() - 1)); // the last one never gets any
        Lease lease = random.nextInt(5) == 0
                ? Lease.startStream(member.load(), Lease.Listener.NONE)
                : Lease.start(member.load(), Lease.Listener.NONE);
        if (random.nextBoolean()) {
            lease.firstMessage(); // a success, which a failure takes back
        }
        open.add(lease);
        if (random.nextInt(50) == 0) {
            open.removeFirst(); // nobody tells its end
        } else if (open.size() > random.nextInt(60)) {
            open.removeFirst()
                    .end(random.nextInt(3) == 0 ? Outcome.FAILURE : OUTCOMES[random.nextInt(OUTCOMES.length)]);
        }
        member.load().addUsage(random.nextInt(1000) == 0 ? strangeUsage() : 1);
    }

    /** What a strategy of somebody's may count. */
    private double strangeUsage() {
        double[] strange = {Double.NaN, Double.POSITIVE_INFINITY, -1e300, Double.MIN_VALUE};
        return strange[random.nextInt(strange.length)];
    }

    private void check() {
        assertThat(balance.kept()).isBetween(0.02, 0.995);
        for (Member member : members) {
            EndpointLoad load = member.load();
            assertThat(load.succeeded()).isNotNegative();
            assertThat(load.failed()).isNotNegative();
            assertThat(load.refused()).isNotNegative();
            assertThat(load.recentOutcomes().successRatio()).isGreaterThan(0).isLessThanOrEqualTo(1);
            assertThat(load.costNanos()).isBetween(0.0, 1e15);
            assertThat(load.unansweredAgeNanos()).isBetween(0.0, 1e15);
            assertThat(load.usage()).isFinite();
            assertThat(load.inFlight()).isNotNegative();
        }
        Plan plan = chain.plan(members, endpoint -> true);
        for (Pool group : plan.groups()) {
            assertThat(group.weight()).isFinite().isPositive();
            assertThat(group.inFlight()).isNotNegative();
            for (int i = 0; i < group.size(); i++) {
                assertThat(group.get(i).weight()).isFinite().isPositive();
            }
        }
        assertThat(plan.route(random)).isBetween(0, plan.groups().size() - 1);
    }
}
