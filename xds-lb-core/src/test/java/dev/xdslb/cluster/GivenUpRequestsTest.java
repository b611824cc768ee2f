/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RoundRobin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that their callers give up before there is an answer: what is a time-out, and what says nothing. */
class GivenUpRequestsTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final Duration USUAL = Duration.ofMillis(20);
    private static final Duration TIME_OUT = Duration.ofMillis(300);

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final List<ClusterRegistry> registries = new ArrayList<>();
    private final Set<Integer> hung = new HashSet<>();
    private long nextTick;
    private ClusterRegistry registry;
    private Cluster cluster;

    @AfterEach
    void close() {
        registries.forEach(ClusterRegistry::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {RoundRobin.NAME, P2cLeastRequest.NAME, P2cEwma.NAME})
    void hungPodBehindATimeOutOfTheCaller_isEjected(String strategy) {
        start(strategy, 3);
        callFor(Duration.ofSeconds(5), 20);
        hung.add(0);

        callFor(Duration.ofSeconds(20), 20);

        if (!strategy.equals(P2cEwma.NAME)) { // which leaves it alone by itself
            assertThat(ejected()).isEqualTo(1);
        }
        int lost = callFor(Duration.ofSeconds(60), 20);
        assertThat(lost).isLessThanOrEqualTo(4); // probes
        hung.clear();
        callFor(Duration.ofSeconds(60), 20);
        assertThat(ejected()).isZero();
    }

    @Test
    void hungPod_thatNeverAnsweredAnything_isMeasuredByItsNeighbours() {
        hung.add(0);
        start(RoundRobin.NAME, 3);

        callFor(Duration.ofSeconds(20), 20);

        assertThat(ejected()).isEqualTo(1);
    }

    @Test
    void hungPod_whoseOnlyAnswerWasACold_isNotExcusedForGood() {
        start(RoundRobin.NAME, 3);
        request(candidate(0), Duration.ofMillis(400), Outcome.SUCCESS);
        for (int i = 0; i < 20; i++) {
            request(candidate(1), USUAL, Outcome.SUCCESS);
            request(candidate(2), USUAL, Outcome.SUCCESS);
        }
        pass(Duration.ofSeconds(1));

        for (int i = 0; i < 5; i++) {
            request(candidate(0), Duration.ofMillis(500), Outcome.CANCELLED);
        }

        assertThat(ejected()).isEqualTo(1);
    }

    @Test
    void everythingHangsFromTheStart_ejectsNobody() {
        hung.addAll(List.of(0, 1, 2));
        start(RoundRobin.NAME, 3);

        callFor(Duration.ofSeconds(30), 20);

        assertThat(ejected()).isZero();
        assertThat(failures()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10})
    void serviceThatGetsSlowAlike_ejectsNobody_callsOneByOne(int pods) {
        for (String strategy : List.of(RoundRobin.NAME, P2cLeastRequest.NAME)) {
            start(strategy, pods);
            callFor(Duration.ofSeconds(5), 20);
            IntStream.range(0, pods).forEach(hung::add);

            for (int i = 0; i < 300; i++) {
                call();
                assertThat(ejected()).as("%s, call %d", strategy, i).isZero();
            }
            hung.clear();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10})
    void serviceThatGetsSlowAlike_ejectsNobody_manyCallsAtOnce(int pods) {
        start(RoundRobin.NAME, pods);
        callFor(Duration.ofSeconds(5), 20);

        for (int burst = 0; burst < 20; burst++) {
            List<Lease> open = new ArrayList<>();
            for (int i = 0; i < 10 * pods; i++) {
                open.add(cluster.lease(pick()));
            }
            pass(TIME_OUT);
            open.forEach(lease -> lease.end(Outcome.CANCELLED));
            assertThat(ejected()).isZero();
        }
    }

    @Test
    void userWhoTypesAhead_andHedgesThatLose_ejectNobodyAndFailNothing() {
        start(RoundRobin.NAME, 3);
        callFor(Duration.ofSeconds(5), 20);

        for (int i = 0; i < 100; i++) {
            request(candidate(0), USUAL.multipliedBy(4), Outcome.CANCELLED);
        }

        assertThat(ejected()).isZero();
        assertThat(failures()).isZero();
    }

    @Test
    void fastService_itsCallersOwnPausesDoNotCount() {
        start(RoundRobin.NAME, 3);
        for (int i = 0; i < 30; i++) {
            request(candidate(i % 3), Duration.ofNanos(300_000), Outcome.SUCCESS);
        }
        pass(Duration.ofSeconds(1));

        for (int i = 0; i < 10; i++) {
            request(candidate(0), Duration.ofMillis(9), Outcome.CANCELLED);
        }

        assertThat(failures()).isZero();
    }

    @Test
    void requestsThatWereNotTimed_areGivenTheTickByWhichTheirStartIsUncertain() {
        start(RoundRobin.NAME, 3);
        callFor(Duration.ofSeconds(5), 20);
        pass(ClusterRegistry.TICK);
        for (int i = 0; i < 4; i++) { // those that are timed all the same
            request(candidate(0), Duration.ZERO, Outcome.CANCELLED);
        }
        clock.advance(Duration.ofMillis(99)); // the next request's start counts as of the tick before

        request(candidate(0), USUAL.multipliedBy(5), Outcome.CANCELLED);
        assertThat(failures()).isZero();
        request(candidate(0), Duration.ofSeconds(1), Outcome.CANCELLED);
        assertThat(failures()).isEqualTo(1);
    }

    @Test
    void givenUpAfterTheHeaders_isASuccess_howeverLate() {
        start(P2cEwma.NAME, 3);
        callFor(Duration.ofSeconds(5), 20);
        Lease lease = cluster.lease(candidate(0));
        pass(Duration.ofSeconds(2));
        lease.firstMessage();
        pass(Duration.ofMinutes(15));
        lease.end(Outcome.CANCELLED);

        assertThat(failures()).isZero();
        assertThat(candidate(0).endpointLoad().abandoned()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {RoundRobin.NAME, P2cLeastRequest.NAME, P2cEwma.NAME})
    void discarded_saysNothing_howeverLateAndHoweverOften(String strategy) {
        start(strategy, 3);
        callFor(Duration.ofSeconds(5), 20);
        long succeeded = candidate(0).endpointLoad().succeeded();
        for (int i = 0; i < 30; i++) {
            Lease lease = cluster.lease(candidate(0));
            pass(Duration.ofSeconds(2));
            assertThat(lease.discard()).isTrue();
        }

        assertThat(ejected()).isZero();
        assertThat(failures()).isZero();
        assertThat(candidate(0).endpointLoad().lateInARow()).isZero();
        assertThat(candidate(0).endpointLoad().succeeded()).isEqualTo(succeeded);
        assertThat(candidate(0).endpointLoad().inFlight()).isZero();
    }

    @Test
    void silentStream_isNoTimeOut() {
        start(P2cEwma.NAME, 3);
        callFor(Duration.ofSeconds(5), 20);
        for (int i = 0; i < 10; i++) {
            Lease watch = cluster.streamLease(candidate(0));
            pass(Duration.ofSeconds(60));
            watch.end(Outcome.CANCELLED);
        }

        assertThat(failures()).isZero();
    }

    private void start(String strategy, int pods) {
        nextTick = 0;
        ClusterSettings settings = switch (strategy) {
            case RoundRobin.NAME -> ClusterSettings.of(new RoundRobin());
            case P2cLeastRequest.NAME -> ClusterSettings.of(new P2cLeastRequest(random));
            default -> ClusterSettings.of(new P2cEwma(random));
        };
        registry = ClusterRegistry.driven(source, resource -> settings, clock, random);
        registries.add(registry);
        cluster = registry.cluster(ORDERS);
        source.publish(
                ORDERS,
                IntStream.range(0, pods)
                        .mapToObj(i -> Endpoint.builder("10.0.0." + (i + 1), 8080)
                                .pod("pod-" + i, "uid-" + i)
                                .build())
                        .toArray(Endpoint[]::new));
        pass(Duration.ofSeconds(1));
    }

    /** Calls one after the other, and returns how many were given up. */
    private int callFor(Duration time, int perSecond) {
        int lost = 0;
        long until = clock.getAsLong() + time.toNanos();
        while (clock.getAsLong() - until < 0) {
            lost += call();
            pass(Duration.ofMillis(1000 / perSecond));
        }
        return lost;
    }

    private int call() {
        Candidate candidate = pick();
        boolean hangs =
                hung.contains(Integer.parseInt(candidate.endpoint().podName().substring("pod-".length())));
        request(candidate, hangs ? TIME_OUT : USUAL, hangs ? Outcome.CANCELLED : Outcome.SUCCESS);
        return hangs ? 1 : 0;
    }

    private void request(Candidate candidate, Duration time, Outcome outcome) {
        Lease lease = cluster.lease(candidate);
        pass(time);
        lease.end(outcome);
    }

    private Candidate pick() {
        return cluster.picker().pick(RequestAttributes.NONE);
    }

    private Candidate candidate(int pod) {
        Pool pool = cluster.picker().plan().groups().get(0);
        for (int i = 0; i < pool.size(); i++) {
            if (pool.get(i).endpoint().podName().equals("pod-" + pod)) {
                return pool.get(i);
            }
        }
        throw new AssertionError("pod-" + pod + " may not be picked");
    }

    private long failures() {
        Pool pool = cluster.picker().plan().groups().get(0);
        long failures = 0;
        for (int i = 0; i < pool.size(); i++) {
            failures += pool.get(i).endpointLoad().failed();
        }
        return failures;
    }

    private int ejected() {
        return (int) cluster.picker().plan().exclusions().stream()
                .filter(exclusion -> exclusion.reason().name().matches("EJECTED|AWAITS_PROBE"))
                .count();
    }

    /** Lets the time pass, with the ticks that are due. */
    private void pass(Duration time) {
        long left = time.toNanos();
        while (left > 0) {
            long step = Math.min(left, ClusterRegistry.TICK.toNanos() - nextTick);
            clock.advance(Duration.ofNanos(step));
            nextTick += step;
            left -= step;
            if (nextTick == ClusterRegistry.TICK.toNanos()) {
                nextTick = 0;
                registry.tick();
            }
        }
    }
}
