/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.load.Lease;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.load.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutlierEjectionTest {
    private static final Duration JUST_BEFORE = Duration.ofMillis(990);
    private static final Duration BASE_AND_JITTER = Duration.ofMillis(1_201);

    private final FakeNanoClock clock = new FakeNanoClock();
    private final PolicyChain chain = new PolicyChain(
            PolicySettings.DEFAULT.withEjection(new EjectionSettings(
                    5, 0.5, 10, Duration.ofSeconds(1), Duration.ofSeconds(30), 0.5, 1, true)), // all may be probes
            ClientPlace.UNKNOWN,
            clock,
            () -> Instant.EPOCH,
            () -> Long.MIN_VALUE >>> 1); // a middling jitter
    private final List<Member> members = Members.healthy(4);

    @Test
    void fourFailures_areForgiven_aFifthEjects() {
        for (int i = 0; i < 4; i++) {
            assertThat(fail(0)).isFalse();
        }
        assertThat(plan().eligible()).isEqualTo(4);

        assertThat(fail(0)).isTrue();

        assertThat(plan().eligible()).isEqualTo(3);
        assertThat(plan().ejected()).isEqualTo(1);
        assertThat(probe(plan())).isNull();
    }

    @Test
    void successBetweenFailures_startsTheCountAgain() {
        failTimes(0, 4);
        end(candidate(0), Outcome.SUCCESS);
        failTimes(0, 4);

        assertThat(plan().eligible()).isEqualTo(4);
    }

    @Test
    void callersThatGaveUp_neverEject() {
        for (int i = 0; i < 20; i++) {
            end(candidate(0), Outcome.CANCELLED);
        }

        assertThat(plan().eligible()).isEqualTo(4);
    }

    @Test
    void ejectedEndpoint_returnsWithOneProbeThatSucceeds() {
        failTimes(0, 5);
        clock.advance(JUST_BEFORE);
        assertThat(chain.slowTick(members)).isFalse();
        clock.advance(BASE_AND_JITTER.minus(JUST_BEFORE));
        assertThat(chain.slowTick(members)).isTrue();

        Plan probing = plan();
        assertThat(probing.eligible()).isEqualTo(3);
        Candidate probe = probe(probing);
        assertThat(probe).isNotNull();
        assertThat(probe.isProbe()).isTrue();
        assertThat(probe(probing))
                .as("a second request while the probe is under way")
                .isNull();

        assertThat(end(probe, Outcome.SUCCESS)).isTrue();
        assertThat(plan().eligible()).isEqualTo(4);
        assertThat(plan().ejected()).isZero();
    }

    @Test
    void failedProbes_doubleTheTime_upToTheMaximum() {
        failTimes(0, 5);
        for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
            clock.advance(Duration.ofSeconds(seconds).minusMillis(1));
            assertThat(chain.slowTick(members))
                    .as("before %s s are over", seconds)
                    .isFalse();
            clock.advance(Duration.ofMillis(200L * seconds + 2));
            assertThat(chain.slowTick(members))
                    .as("after %s s and the jitter", seconds)
                    .isTrue();
            assertThat(end(probe(plan()), Outcome.FAILURE)).isTrue();
        }
    }

    @Test
    void timesStartAgainAtTheBase_afterALongTrust() {
        failTimes(0, 5);
        clock.advance(BASE_AND_JITTER);
        chain.slowTick(members);
        end(probe(plan()), Outcome.SUCCESS);
        clock.advance(Duration.ofSeconds(31));

        failTimes(0, 5);
        clock.advance(BASE_AND_JITTER);

        assertThat(chain.slowTick(members)).isTrue();
    }

    @Test
    void probeThatIsNeverSent_givesItsTurnBack() {
        failTimes(0, 5);
        clock.advance(BASE_AND_JITTER);
        chain.slowTick(members);
        assertThat(probe(plan())).isNotNull();

        clock.advance(Duration.ofSeconds(1));

        assertThat(probe(plan())).isNotNull();
    }

    @Test
    void probeThatTheCallerGaveUp_decidesNothing() {
        failTimes(0, 5);
        clock.advance(BASE_AND_JITTER);
        chain.slowTick(members);

        assertThat(end(probe(plan()), Outcome.CANCELLED)).isFalse();

        assertThat(plan().eligible()).isEqualTo(3);
        clock.advance(Duration.ofSeconds(1));
        assertThat(probe(plan())).isNotNull();
    }

    @Test
    void oldRequestsThatStillFail_doNotProlongTheEjection() {
        Candidate early = candidate(0);
        failTimes(0, 5);
        clock.advance(Duration.ofMillis(900));

        assertThat(end(early, Outcome.FAILURE)).isFalse();

        clock.advance(Duration.ofMillis(301));
        assertThat(chain.slowTick(members)).isTrue();
    }

    @Test
    void atMostHalf_isEjectedAtOnce() {
        for (int i = 0; i < 4; i++) {
            failTimes(i, 5);
        }

        assertThat(plan().eligible()).isEqualTo(2);
    }

    @Test
    void notReadyEndpoints_doNotWidenTheShareThatMayBeEjected() {
        members.set(2, Members.member(2, 1, EndpointHealth.UNHEALTHY));
        members.set(3, Members.member(3, 1, EndpointHealth.UNHEALTHY));
        failTimes(0, 5);
        failTimes(1, 5);

        assertThat(plan().eligible()).isEqualTo(1);
    }

    @Test
    void lastEndpoint_isNeverEjected() {
        List<Member> single = Members.healthy(1);
        Candidate only = chain.plan(single, endpoint -> true).groups().get(0).get(0);
        for (int i = 0; i < 20; i++) {
            Lease.start(only.endpointLoad(), Lease.Listener.NONE).end(Outcome.FAILURE);
            assertThat(chain.onOutcome(only, Outcome.FAILURE, single)).isFalse();
        }
    }

    @Test
    void fewerThanHalfTrusted_ignoresEjection() {
        failTimes(0, 5);
        failTimes(1, 5);
        members.remove(3);

        assertThat(plan().eligible()).as("1 trusted of 3 ready").isEqualTo(3);
    }

    @Test
    void refusedConnection_isAvoidedForASecond_whereAnotherIsLeft() {
        assertThat(end(candidate(0), Outcome.CONNECTION_FAILURE)).isTrue();
        assertThat(end(candidate(0), Outcome.CONNECTION_FAILURE))
                .as("known already")
                .isFalse();
        assertThat(plan().eligible()).isEqualTo(3);

        clock.advance(Duration.ofMillis(999));
        assertThat(chain.slowTick(members)).isFalse();
        clock.advance(Duration.ofMillis(1));
        assertThat(chain.slowTick(members)).isTrue();
        assertThat(plan().eligible()).isEqualTo(4);
    }

    @Test
    void refusedEverywhere_isAvoidedNowhere() {
        for (int i = 0; i < 4; i++) {
            end(candidate(i), Outcome.CONNECTION_FAILURE);
        }

        assertThat(plan().eligible()).isEqualTo(4);
    }

    @Test
    void settingsOutOfRange_areNamedWithTheirRange() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new EjectionSettings(0, 0.5, 10, second, second, 0.5))
                .hasMessage("consecutiveFailures: 0 (expected: >= 1)");
        assertThatThrownBy(() -> new EjectionSettings(5, 0, 10, second, second, 0.5))
                .hasMessage("failureRatio: 0.0 (expected: > 0 and <= 1)");
        assertThatThrownBy(() -> new EjectionSettings(5, 0.5, 0, second, second, 0.5))
                .hasMessage("minRequests: 0 (expected: >= 1)");
        assertThatThrownBy(() -> new EjectionSettings(5, 0.5, 10, Duration.ZERO, second, 0.5))
                .hasMessage("baseTime: PT0S (expected: > 0)");
        assertThatThrownBy(() -> new EjectionSettings(5, 0.5, 10, second, Duration.ofMillis(10), 0.5))
                .hasMessage("maxTime: PT0.01S (expected: >= baseTime PT1S)");
        assertThatThrownBy(() -> new EjectionSettings(5, 0.5, 10, second, second, Double.NaN))
                .hasMessage("maxShare: NaN (expected: 0 to 1)");
    }

    @Test
    void shareOfZero_switchesEjectionOff() {
        assertThat(new EjectionSettings(5, 0.5, 10, Duration.ofSeconds(1), Duration.ofSeconds(1), 0).maxEjected(100))
                .isZero();
    }

    @Test
    void runThatChanceExplains_doesNotEject() {
        PoolOf pool = new PoolOf(4);
        for (int i = 0; i < 200; i++) { // three of ten fail, never five in a row
            pool.send(0, i % 10 < 3);
        }
        pool.succeed(1, 200);
        pool.slowTick();

        pool.fail(0, 5);
        assertThat(pool.eligible()).isEqualTo(4);
        pool.fail(0, 15);
        assertThat(pool.eligible()).isEqualTo(3);
    }

    @Test
    void failuresOfMostEndpoints_ejectNone() {
        PoolOf pool = new PoolOf(4);
        for (int i = 0; i < 20; i++) {
            for (int member = 0; member < 4; member++) {
                pool.send(member, true);
            }
        }
        pool.slowTick();

        assertThat(pool.eligible()).isEqualTo(4);
    }

    @Test
    void halfOfTheRequestsFailing_ejects_thoughNeverSeveralInARow() {
        PoolOf pool = new PoolOf(4);
        pool.alternate(0, 30);
        pool.succeed(1, 30);
        assertThat(pool.slowTick()).isFalse(); // exactly half is not more than half

        pool.alternate(0, 30);
        pool.fail(0, 3);
        assertThat(pool.slowTick()).isTrue();
        assertThat(pool.eligible()).isEqualTo(3);
    }

    @Test
    void fewRequests_sayNothingAboutTheRatio() {
        PoolOf pool = new PoolOf(4);
        pool.fail(0, 4);
        pool.succeed(0, 1);
        pool.fail(0, 4);
        pool.slowTick();

        assertThat(pool.eligible()).isEqualTo(4);
    }

    @Test
    void ratio_countsAgainstTheOthers() {
        PoolOf pool = new PoolOf(4);
        for (int member = 0; member < 4; member++) {
            pool.alternate(member, 60);
            pool.fail(member, 2);
        }
        pool.slowTick();

        assertThat(pool.eligible()).isEqualTo(4);
    }

    @Test
    void ratio_ejectsTheWorst_whereNotAllMayBe() {
        PoolOf pool = new PoolOf(5);
        for (int i = 0; i < 300; i++) {
            pool.send(0, i % 5 > 1);
            pool.send(1, i % 3 > 0);
            pool.send(2, i % 4 > 0);
        }
        for (int member = 3; member < 5; member++) {
            pool.succeed(member, 1000);
        }
        pool.slowTick();

        assertThat(pool.ejected()).containsExactly("10.0.0.2:8080", "10.0.0.3:8080");
    }

    @Test
    void ratio_comparesWithinTheSubset() {
        PoolOf pool = new PoolOf(8);
        for (int member = 0; member < 8; member++) {
            for (int i = 0; i < 60; i++) {
                pool.send(member, member < 4 ? i % 3 > 0 : member == 4 && i % 3 > 0);
            }
        }
        pool.slowTick(List.of(pool.endpoints.subList(0, 4), pool.endpoints.subList(4, 7)));

        assertThat(pool.ejected())
                .as("the first four fail alike, the fifth more than its own kind; the last one is of no kind")
                .containsExactly("10.0.0.5:8080");
    }

    @Test
    void endpointThatWasOneTooMany_isEjectedWhenThereIsRoom() {
        failTimes(0, 5);
        failTimes(1, 5);
        failTimes(2, 10);
        assertThat(plan().ejected()).as("at most half").isEqualTo(2);

        clock.advance(BASE_AND_JITTER);
        chain.slowTick(members);
        Candidate probe = probe(plan());
        assertThat(probe).isNotNull();
        end(probe, Outcome.SUCCESS);

        assertThat(fail(2)).isTrue();
    }

    @Test
    void endpointThatCameBack_isNotJudgedByTheRequestsFromBefore() {
        PoolOf pool = new PoolOf(4);
        pool.alternate(0, 60);
        pool.fail(0, 4);
        pool.succeed(1, 60);
        pool.slowTick();
        assertThat(pool.eligible()).isEqualTo(3);

        clock.advance(BASE_AND_JITTER);
        pool.slowTick();
        Candidate probe = probe(pool.plan());
        assertThat(probe).isNotNull();
        pool.end(probe, Outcome.SUCCESS);
        pool.slowTick();

        assertThat(pool.eligible()).isEqualTo(4);
    }

    private Plan plan() {
        return chain.plan(members, endpoint -> true);
    }

    /** The probe of a request that the draw leads to the first endpoint that waits for one. */
    private static Candidate probe(Plan plan) {
        return plan.takeProbe(0, () -> 0, candidate -> true);
    }

    private Candidate candidate(int number) {
        Member member = members.get(number);
        return new Candidate(member.endpoint(), member.load(), member.ejection(), WeightFactors.FULL, false);
    }

    private boolean fail(int number) {
        return end(candidate(number), Outcome.FAILURE);
    }

    private void failTimes(int number, int times) {
        for (int i = 0; i < times; i++) {
            fail(number);
        }
    }

    private boolean end(Candidate candidate, Outcome outcome) {
        Lease.start(candidate.endpointLoad(), Lease.Listener.NONE).end(outcome);
        return chain.onOutcome(candidate, outcome, members);
    }

    /** Endpoints whose windows advance. */
    private final class PoolOf {
        private final LoadRegistry loads = new LoadRegistry(clock);
        private final List<Member> endpoints;

        private PoolOf(int size) {
            endpoints = Members.healthy(size).stream()
                    .map(member -> Member.of(
                            member.endpoint(), loads.acquire(member.endpoint().key())))
                    .toList();
        }

        private void send(int number, boolean fails) {
            Member member = endpoints.get(number);
            Candidate candidate =
                    new Candidate(member.endpoint(), member.load(), member.ejection(), WeightFactors.FULL, false);
            end(candidate, fails ? Outcome.FAILURE : Outcome.SUCCESS);
        }

        private void end(Candidate candidate, Outcome outcome) {
            Lease.start(candidate.endpointLoad(), Lease.Listener.NONE).end(outcome);
            chain.onOutcome(candidate, outcome, endpoints);
        }

        private void fail(int number, int times) {
            for (int i = 0; i < times; i++) {
                send(number, true);
            }
        }

        private void succeed(int number, int times) {
            for (int i = 0; i < times; i++) {
                send(number, false);
            }
        }

        private void alternate(int number, int times) {
            for (int i = 0; i < times; i++) {
                send(number, i % 2 == 0);
            }
        }

        private boolean slowTick() {
            return slowTick(List.of());
        }

        private boolean slowTick(List<List<Member>> subsets) {
            loads.tick();
            loads.slowTick();
            long before = plan().ejected();
            chain.slowTick(endpoints, subsets);
            return plan().ejected() != before;
        }

        private Plan plan() {
            return chain.plan(endpoints, endpoint -> true);
        }

        private int eligible() {
            return plan().eligible();
        }

        private List<String> ejected() {
            return plan().exclusions().stream()
                    .map(exclusion -> exclusion.endpoint().address())
                    .sorted()
                    .toList();
        }
    }
}
