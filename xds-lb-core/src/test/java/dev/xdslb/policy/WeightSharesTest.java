/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.load.Lease;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.load.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class WeightSharesTest {
    private static final Duration SLOW_TICK = Duration.ofMillis(500);
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final FakeNanoClock clock = new FakeNanoClock();
    private final LoadRegistry loads = new LoadRegistry(clock);
    private final List<Member> members = new ArrayList<>();
    private Instant now = START;
    private final PolicyChain chain =
            new PolicyChain(PolicySettings.DEFAULT, ClientPlace.UNKNOWN, clock, () -> now, () -> 0);

    @Test
    void newPod_rampsFromATenthToItsFullShare_inThirtySeconds() {
        addPods(9, START.minusSeconds(3_600));
        addPods(1, START);

        assertThat(weightOf(9)).isEqualTo(0.1, offset(1e-9));
        now = START.plusSeconds(15);
        assertThat(weightOf(9)).isEqualTo(0.5, offset(1e-9));
        now = START.plusSeconds(30);
        assertThat(weightOf(9)).isEqualTo(1, offset(1e-9));
        assertThat(weightOf(0)).isEqualTo(1, offset(1e-9));
    }

    @Test
    void ramp_isNoticedByTheTick_andThenNoMore() {
        addPods(9, START.minusSeconds(3_600));
        addPods(1, START);
        boolean atStart = chain.slowTick(members);
        boolean unchanged = chain.slowTick(members);
        now = START.plusSeconds(10);

        assertThat(atStart).isTrue();
        assertThat(unchanged).isFalse();
        assertThat(chain.slowTick(members)).isTrue();
    }

    @Test
    void rampOfAPartOfThePool_isNoticed_alsoWhereMostOfThePoolIsNew() {
        addPods(4, START.minusSeconds(3_600));
        addPods(6, START);
        List<Endpoint> reached = // four old ones and two new ones
                members.subList(0, 6).stream().map(Member::endpoint).toList();
        assertThat(weightOf(5, reached::contains)).isEqualTo(0.1, offset(1e-9));
        chain.slowTick(members);

        now = START.plusSeconds(15);

        assertThat(chain.slowTick(members)).isTrue();
        assertThat(weightOf(5, reached::contains)).isEqualTo(0.5, offset(1e-9));
    }

    @Test
    void rampWhereAllAreNew_concernsNobody() {
        addPods(6, START);
        chain.slowTick(members);

        now = START.plusSeconds(15);

        assertThat(chain.slowTick(members)).isFalse();
    }

    @Test
    void poolThatIsMostlyNew_doesNotRamp() {
        addPods(4, START.minusSeconds(3_600));
        addPods(5, START);

        assertThat(weightOf(8)).isEqualTo(1, offset(1e-9));
    }

    @Test
    void podReadyInTheFuture_byAnotherClock_startsAtTheBottom() {
        addPods(9, START.minusSeconds(3_600));
        addPods(1, START.plusSeconds(5));

        assertThat(weightOf(9)).isEqualTo(0.1, offset(1e-9));
    }

    @Test
    void podReadyInTheFuture_isAsOldAsItWasSeenReady() {
        addPods(9, START.minusSeconds(3_600));
        addPods(1, START.plusSeconds(3_600));
        pass(Duration.ofSeconds(15));
        assertThat(weightOf(9)).isEqualTo(0.5, offset(0.02));
        pass(Duration.ofSeconds(15));

        assertThat(weightOf(9)).isEqualTo(1, offset(0.02));
    }

    @Test
    void wallClockThatIsSetBack_holdsNoPodBack() {
        addPods(9, START.minusSeconds(3_600));
        addPods(1, START);
        pass(Duration.ofSeconds(40));
        now = START.minusSeconds(86_400);

        assertThat(weightOf(9)).isEqualTo(1, offset(1e-9));
        pass(Duration.ofSeconds(1));
        assertThat(weightOf(9)).isEqualTo(1, offset(1e-9));
    }

    @Test
    void readyTimeLongAgo_isNotNew() {
        addPods(9, START.minusSeconds(3_600));
        addPods(1, Instant.EPOCH);
        addPods(1, Instant.MIN);

        assertThat(weightOf(9)).isEqualTo(1, offset(1e-9));
        assertThat(weightOf(10)).isEqualTo(1, offset(1e-9));
    }

    @Test
    void readyTimeAtTheEndOfTime_rampsAsIfItWereNow() {
        addPods(9, START.minusSeconds(3_600));
        addPods(1, Instant.MAX);
        pass(Duration.ofSeconds(15));

        assertThat(weightOf(9)).isEqualTo(0.5, offset(0.02));
    }

    @Test
    void podReadyInTheFuture_keepsItsAgeThroughAShortFlap_notThroughALongOne() {
        addPods(9, START.minusSeconds(3_600));
        addPods(1, START.plusSeconds(3_600));
        pass(Duration.ofSeconds(40));
        describe(9, EndpointHealth.UNHEALTHY, START.plusSeconds(3_600));
        pass(Duration.ofSeconds(5));
        describe(9, EndpointHealth.HEALTHY, START.plusSeconds(3_645));
        pass(Duration.ofSeconds(1));
        assertThat(weightOf(9)).isEqualTo(1, offset(1e-9));

        describe(9, EndpointHealth.UNHEALTHY, START.plusSeconds(3_645));
        pass(Duration.ofSeconds(60));
        describe(9, EndpointHealth.HEALTHY, START.plusSeconds(3_710));
        assertThat(weightOf(9)).as("before the tick has looked").isEqualTo(0.1, offset(1e-9));
        pass(Duration.ofSeconds(15));
        assertThat(weightOf(9)).isEqualTo(0.5, offset(0.02));
    }

    @Test
    void unknownReadyTime_isNotNew() {
        addPods(9, START.minusSeconds(3_600));
        addPods(1, null);

        assertThat(weightOf(9)).isEqualTo(1, offset(1e-9));
    }

    @Test
    void shortFlap_doesNotStartTheRampAgain_aLongOneDoes() {
        addPods(10, START.minusSeconds(3_600));
        describe(9, EndpointHealth.UNHEALTHY, START.minusSeconds(3_600));
        now = START.plusSeconds(3);
        describe(9, EndpointHealth.HEALTHY, START.plusSeconds(3));
        assertThat(weightOf(9)).isEqualTo(1, offset(1e-9));

        describe(9, EndpointHealth.UNHEALTHY, START.plusSeconds(3));
        now = START.plusSeconds(60);
        describe(9, EndpointHealth.HEALTHY, START.plusSeconds(60));
        assertThat(weightOf(9)).isEqualTo(0.1, offset(1e-9));
    }

    @Test
    void aggression_makesTheStartFaster() {
        SlowStartSettings faster = new SlowStartSettings(Duration.ofSeconds(100), 0.1, 2);

        assertThat(faster.share(Duration.ofSeconds(25))).isEqualTo(0.5, offset(1e-9));
        assertThat(new SlowStartSettings(Duration.ZERO, 0.1, 1).share(Duration.ZERO))
                .isEqualTo(1);
    }

    @Test
    void endpointThatFailsMore_weighsLess_inProportionToThePool() {
        addPods(10, null);
        for (int i = 0; i < 10; i++) {
            requests(i, 100, i == 9 ? 30 : 0);
        }
        loads.tick();
        loads.slowTick();

        double own = 71.0 / 101;
        double pool = 971.0 / 1_001;
        double chance = 2 * Math.sqrt(pool * (1 - pool) / 101);
        assertThat(weightOf(9)).isEqualTo(Math.pow(1 - (pool - own - chance), 4), offset(1e-9));
        assertThat(weightOf(0)).isEqualTo(1, offset(1e-9));
    }

    @Test
    void burstOfErrorsOnAll_biasesNone() {
        addPods(10, null);
        for (int i = 0; i < 10; i++) {
            requests(i, 100, 60);
        }
        loads.tick();
        loads.slowTick();

        for (int i = 0; i < 10; i++) {
            assertThat(weightOf(i)).isGreaterThan(0.95);
        }
    }

    @Test
    void worstEndpoint_keepsAHundredth() {
        addPods(10, null);
        for (int i = 0; i < 10; i++) {
            requests(i, 1_000, i == 9 ? 1_000 : 0);
        }
        loads.tick();
        loads.slowTick();

        assertThat(weightOf(9)).isEqualTo(0.01, offset(1e-9));
    }

    @Test
    void settingsOutOfRange_areNamedWithTheirRange() {
        assertThatThrownBy(() -> new SlowStartSettings(Duration.ofSeconds(-1), 0.1, 1))
                .hasMessage("window: PT-1S (expected: >= 0)");
        assertThatThrownBy(() -> new SlowStartSettings(Duration.ZERO, 0, 1))
                .hasMessage("minShare: 0.0 (expected: > 0 and <= 1)");
        assertThatThrownBy(() -> new SlowStartSettings(Duration.ZERO, 0.1, 0))
                .hasMessage("aggression: 0.0 (expected: >= 0.0001 and finite)");
        assertThatThrownBy(() -> new ErrorBiasSettings(-1, 0.1))
                .hasMessage("exponent: -1.0 (expected: >= 0 and finite)");
        assertThatThrownBy(() -> new ErrorBiasSettings(4, 2)).hasMessage("minShare: 2.0 (expected: > 0 and <= 1)");
        assertThatThrownBy(() -> PolicySettings.DEFAULT.withAvoidance(Duration.ofSeconds(-1)))
                .hasMessage("avoidance: PT-1S (expected: >= 0)");
    }

    /** Lets both clocks go on, and the tick look. */
    private void pass(Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(SLOW_TICK)) {
            chain.slowTick(members);
            clock.advance(SLOW_TICK);
            now = now.plus(SLOW_TICK);
        }
        chain.slowTick(members);
    }

    private void addPods(int count, Instant readySince) {
        for (int i = 0; i < count; i++) {
            Endpoint endpoint = endpoint(members.size(), EndpointHealth.HEALTHY, readySince);
            members.add(Member.of(endpoint, loads.acquire(endpoint.key())));
        }
    }

    private void describe(int number, EndpointHealth health, Instant readySince) {
        members.set(number, members.get(number).describedBy(endpoint(number, health, readySince), now));
    }

    private static Endpoint endpoint(int number, EndpointHealth health, Instant readySince) {
        return Endpoint.builder("10.0.0." + (number + 1), 80)
                .pod("pod-" + number, "uid-" + number)
                .health(health)
                .readySince(readySince)
                .build();
    }

    private void requests(int number, int count, int failures) {
        for (int i = 0; i < count; i++) {
            Lease.start(members.get(number).load(), Lease.Listener.NONE)
                    .end(i < failures ? Outcome.FAILURE : Outcome.SUCCESS);
        }
    }

    private double weightOf(int number) {
        return weightOf(number, endpoint -> true);
    }

    private double weightOf(int number, Predicate<Endpoint> usable) {
        Pool pool = chain.plan(members, usable).groups().get(0);
        for (int i = 0; i < pool.size(); i++) {
            if (pool.get(i).endpoint().podName().equals("pod-" + number)) {
                return pool.get(i).weight();
            }
        }
        throw new AssertionError("pod-" + number + " is no candidate");
    }
}
