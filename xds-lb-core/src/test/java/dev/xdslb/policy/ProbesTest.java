/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.load.Lease;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Exclusion.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which requests are probes. */
class ProbesTest {
    private static final int PICKS = 20_000;
    private static final EjectionSettings ALL_PROBES =
            new EjectionSettings(5, 0.5, 10, Duration.ofSeconds(1), Duration.ofSeconds(30), 0.9, 1, true);

    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final LoadRegistry loads = new LoadRegistry(clock);
    private final List<Member> members = new ArrayList<>();
    private ClientPlace place = ClientPlace.UNKNOWN;
    private PolicyChain chain = chain(PolicySettings.DEFAULT.withEjection(ALL_PROBES));

    @Test
    void eachThatWaits_isDrawnAsOftenAsAnEligibleOne() {
        add(10, 0, "");
        eject(0, 1, 2);

        double[] probes = new double[10];
        Plan plan = plan();
        for (int i = 0; i < PICKS; i++) {
            Candidate due = plan.dueProbe(0, random, candidate -> true);
            if (due != null) {
                probes[members.indexOf(memberOf(due))]++;
            }
        }

        for (int i = 0; i < 3; i++) {
            assertThat(probes[i] / PICKS).isCloseTo(0.1, within(0.015));
        }
    }

    @Test
    void turnThatIsTaken_isNoOthers_andComesBackByItself() {
        add(2, 0, "");
        eject(0);
        Plan plan = plan();

        assertThat(take(plan)).isNotNull();
        assertThat(take(plan)).isNull();
        assertThat(plan.isProbing())
                .as("nobody looks in vain again before the tick")
                .isFalse();
        clock.advance(Duration.ofSeconds(1));
        slowTick();
        assertThat(take(plan)).isNotNull();
    }

    @Test
    void budget_boundsTheProbesOfAll_andIsFilledByWhatEnds() {
        chain = chain(PolicySettings.DEFAULT.withEjection(
                new EjectionSettings(5, 0.5, 10, Duration.ofSeconds(1), Duration.ofSeconds(30), 0.9)));
        add(200, 0, "");
        eject(ints(100));
        clock.advance(Duration.ofSeconds(1));

        assertThat(takeAll()).isLessThanOrEqualTo(ProbeBudget.MOST_SAVED);

        slowTick(); // counts what there was: 500 failures
        takeAll();
        int probes = 0;
        for (int round = 0; round < 100; round++) {
            for (int i = 0; i < 200; i++) {
                end(candidate(150), Outcome.SUCCESS);
            }
            clock.advance(Duration.ofSeconds(1));
            slowTick();
            probes += takeAll();
        }
        assertThat(probes).isBetween(350, 400); // of 20,000 requests; at times one is come upon whose turn is taken
    }

    @Test
    void lowerPriorityThatNobodyUses_isNotProbed() {
        add(4, 0, "");
        add(4, 1, "");
        eject(4);

        assertThat(takeAll()).isZero();
        assertThat(plan().exclusions()).extracting(Exclusion::reason).containsExactly(Reason.AWAITS_PROBE);
    }

    @Test
    void priorityWithNobodyLeft_isProbedFromTheNext() {
        add(2, 0, "");
        add(6, 1, "");
        eject(0, 1);

        assertThat(plan().groups()).hasSize(1);
        assertThat(takeAll()).isPositive();
    }

    @Test
    void lowerPriorityThatWouldHaveToHelp_isProbed() {
        add(4, 0, "");
        add(1, 1, "");
        members.set(0, Members.member(0, 1, EndpointHealth.UNHEALTHY));
        members.set(1, Members.member(1, 1, EndpointHealth.UNHEALTHY));
        eject(4);

        assertThat(takeAll()).isPositive();
    }

    @Test
    void otherZone_isProbedByTheRequestsThatGoThere() {
        place = ClientPlace.inZone("a");
        chain = chain(PolicySettings.DEFAULT.withEjection(ALL_PROBES));
        add(4, 0, "a");
        add(4, 0, "b");
        eject(4);
        Plan plan = plan();

        for (int group = 0; group < plan.groups().size(); group++) {
            String zone = plan.groups().get(group).get(0).endpoint().locality().zone();
            boolean probed = false;
            for (int i = 0; i < 1_000; i++) {
                probed |= plan.dueProbe(group, random, candidate -> true) != null;
            }
            assertThat(probed).as("a request to zone " + zone).isEqualTo(zone.equals("b"));
        }
    }

    @Test
    void panic_makesEachRequestToOneWhoseTimeIsUp_itsProbe_andTakesNoTurn() {
        add(4, 0, "");
        eject(0, 1, 2);

        Plan plan = plan();
        assertThat(plan.isPanic()).isTrue();
        assertThat(plan.isProbing()).isFalse();
        Pool all = plan.groups().get(0);
        assertThat(all.size()).isEqualTo(4);
        assertThat(all.get(0).isProbe()).isTrue();
        assertThat(all.get(3).isProbe()).isFalse();

        assertThat(end(all.get(0), Outcome.SUCCESS)).isTrue();
        assertThat(end(all.get(1), Outcome.SUCCESS)).isTrue();
        assertThat(plan().isPanic()).isFalse();
    }

    @Test
    void whatTheCallerCannotUse_isNoProbe() {
        add(4, 0, "");
        eject(0);
        Endpoint ejected = members.get(0).endpoint();

        Plan restricted = chain.plan(members, endpoint -> !endpoint.equals(ejected));

        assertThat(restricted.isProbing()).isFalse();
    }

    @Test
    void setting_isInRange() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new EjectionSettings(5, 0.5, 10, second, second, 0.5, 0, true))
                .hasMessage("probeBudget: 0.0 (expected: > 0 and <= 1)");
        assertThatThrownBy(() -> new EjectionSettings(5, 0.5, 10, second, second, 0.5, Double.NaN, true))
                .hasMessage("probeBudget: NaN (expected: > 0 and <= 1)");
    }

    private PolicyChain chain(PolicySettings settings) {
        return new PolicyChain(settings, place, clock, () -> Instant.EPOCH, random);
    }

    private void add(int count, int priority, String zone) {
        for (int i = 0; i < count; i++) {
            int number = members.size();
            Endpoint endpoint = Endpoint.builder("10.0." + number / 250 + '.' + (number % 250 + 1), 8080)
                    .pod("pod-" + number, "uid-" + number)
                    .priority(priority)
                    .locality(Locality.ofZone(zone))
                    .build();
            members.add(Member.of(endpoint, loads.acquire(endpoint.key())));
        }
    }

    /** Ejects some, and lets the time pass until they wait for their probes. */
    private void eject(int... numbers) {
        for (int number : numbers) {
            for (int i = 0; i < 5; i++) {
                end(candidate(number), Outcome.FAILURE);
            }
        }
        clock.advance(Duration.ofSeconds(2));
        chain.slowTick(members);
    }

    private int takeAll() {
        Plan plan = plan();
        int taken = 0;
        for (int i = 0; i < 2_000; i++) {
            taken += take(plan) == null ? 0 : 1;
        }
        return taken;
    }

    /** Takes the probe of a request to any group, if one is due at all. */
    private Candidate take(Plan plan) {
        for (int i = 0; i < 20; i++) {
            Candidate probe = plan.takeProbe(plan.route(random), random, candidate -> true);
            if (probe != null) {
                return probe;
            }
        }
        return null;
    }

    private void slowTick() {
        loads.tick();
        loads.slowTick();
        chain.slowTick(members);
    }

    private Plan plan() {
        return chain.plan(members, endpoint -> true);
    }

    private Candidate candidate(int number) {
        Member member = members.get(number);
        return new Candidate(member.endpoint(), member.load(), member.ejection(), WeightFactors.FULL, false);
    }

    private Member memberOf(Candidate candidate) {
        return members.stream()
                .filter(member -> member.endpoint().equals(candidate.endpoint()))
                .findFirst()
                .orElseThrow();
    }

    private boolean end(Candidate candidate, Outcome outcome) {
        Lease.start(candidate.endpointLoad(), Lease.Listener.NONE).end(outcome);
        return chain.onOutcome(candidate, outcome, members);
    }

    private static int[] ints(int count) {
        return IntStream.range(0, count).toArray();
    }
}
