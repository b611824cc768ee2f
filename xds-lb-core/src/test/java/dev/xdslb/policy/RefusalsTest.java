/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.load.Lease;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Exclusion.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What refusing costs an endpoint: weight, relative to the others, and its turn for a while; never an ejection. */
class RefusalsTest {
    private final FakeNanoClock clock = new FakeNanoClock();
    private final LoadRegistry loads = new LoadRegistry(clock);
    private final List<Member> members = new ArrayList<>();
    private final PolicyChain chain = new PolicyChain(
            PolicySettings.DEFAULT,
            ClientPlace.UNKNOWN,
            clock,
            () -> Instant.EPOCH.plusNanos(clock.getAsLong()),
            () -> 0);

    @Test
    void oneThatRefusesHalf_losesWeight_andTheOthersNone() {
        pods(10);
        for (int i = 0; i < 10; i++) {
            requests(i, 50, Outcome.SUCCESS);
        }
        requests(0, 50, Outcome.REFUSED);
        pass(Duration.ofMillis(500));

        assertThat(weight(0)).isBetween(0.25, 0.4); // ((1 - 0.5 + chance) / (1 - 0.09))^2
        assertThat(weight(1)).isEqualTo(1);
    }

    @Test
    void oneThatRefusesEverything_keepsATwentieth() {
        pods(10);
        for (int i = 1; i < 10; i++) {
            requests(i, 50, Outcome.SUCCESS);
        }
        requests(0, 50, Outcome.REFUSED);
        pass(Duration.ofMillis(500));

        assertThat(weight(0)).isEqualTo(WeightShares.MIN_REFUSALS_SHARE);
    }

    @Test
    void whereAllRefuse_nobodyLosesAnything() {
        for (int successes : new int[] {0, 70}) {
            members.clear();
            pods(10);
            for (int i = 0; i < 10; i++) {
                requests(i, successes, Outcome.SUCCESS);
                requests(i, 30, Outcome.REFUSED);
            }
            for (int i = 0; i < 10; i++) {
                assertThat(chain.onRefused(candidate(i), Duration.ofSeconds(5), members))
                        .as("avoided although others refuse as well")
                        .isEqualTo(false);
                pass(Duration.ofMillis(500));
            }
            for (int i = 0; i < 10; i++) {
                assertThat(weight(i)).isEqualTo(1, offset(0.1));
            }
        }
    }

    @Test
    void oneRefusalOfOneRequest_isNotTheEnd_andForgotten() {
        pods(3);
        requests(0, 1, Outcome.REFUSED);
        requests(1, 20, Outcome.SUCCESS);
        requests(2, 20, Outcome.SUCCESS);
        pass(Duration.ofMillis(500));
        assertThat(weight(0)).isBetween(0.05, 0.9);

        requests(0, 3, Outcome.SUCCESS);
        pass(Duration.ofSeconds(30));
        assertThat(weight(0)).isGreaterThan(0.8);
        pass(Duration.ofMinutes(10));
        assertThat(weight(0)).isGreaterThan(0.97);
    }

    @Test
    void beforeTheFirstTick_aRunOfRefusalsCounts_andSoDoesTheRequestToBeLeftAlone() {
        pods(4);
        requests(1, 1, Outcome.SUCCESS);
        requests(0, 4, Outcome.REFUSED);
        assertThat(chain.onRefused(candidate(0), Duration.ZERO, members)).isTrue();
        assertThat(chain.onRefused(candidate(1), Duration.ofSeconds(5), members))
                .as("somebody else refuses as well")
                .isFalse();
        assertThat(avoided()).isEqualTo(1);
    }

    @Test
    void requestToBeLeftAlone_isObeyed_butNotForLong_norByMoreThanHalf() {
        pods(4);
        for (int i = 0; i < 4; i++) {
            requests(i, 100, Outcome.SUCCESS);
        }
        pass(Duration.ofMillis(500));

        assertThat(chain.onRefused(candidate(0), Duration.ofSeconds(5), members))
                .isTrue();
        assertThat(chain.onRefused(candidate(1), Duration.ofDays(400), members)).isTrue();
        assertThat(chain.onRefused(candidate(2), Duration.ofSeconds(5), members))
                .isFalse();
        assertThat(avoided()).isEqualTo(2);
        pass(Duration.ofMillis(5_500));
        assertThat(avoided()).isEqualTo(1);
        pass(Duration.ofSeconds(25));
        assertThat(avoided()).isZero();
        assertThat(chain.onRefused(candidate(0), Duration.ofSeconds(-5), members))
                .isFalse();
        assertThat(chain.onRefused(candidate(0), Duration.ZERO, members)).isFalse();
    }

    @Test
    void shortAvoidanceOfAConnection_doesNotEndTheLongOneThatWasAskedFor() {
        pods(3);
        pass(Duration.ofMillis(500));
        Candidate busy = candidate(0);
        chain.onRefused(busy, Duration.ofSeconds(10), members);
        chain.onRefused(busy, Duration.ofSeconds(1), members); // the answer to a request that was under way

        pass(Duration.ofSeconds(5));
        assertThat(avoided()).isEqualTo(1);
    }

    @Test
    void fourRefusalsInARow_arePassedOverForASecondAndThenForLonger() {
        pods(3);
        pass(Duration.ofMillis(500));
        Candidate busy = candidate(0);
        for (int i = 0; i < 3; i++) {
            requests(0, 1, Outcome.REFUSED);
            assertThat(chain.onRefused(busy, Duration.ZERO, members)).isFalse();
        }
        requests(0, 1, Outcome.REFUSED);
        assertThat(chain.onRefused(busy, Duration.ZERO, members)).isTrue();
        pass(Duration.ofMillis(1_500));
        assertThat(avoided()).isZero();

        for (int i = 0; i < 20; i++) {
            requests(0, 1, Outcome.REFUSED);
        }
        assertThat(chain.onRefused(busy, Duration.ZERO, members)).isTrue();
        pass(Duration.ofSeconds(15));
        assertThat(avoided()).isEqualTo(1);
        pass(Duration.ofSeconds(2));
        assertThat(avoided()).isZero();
        assertThat(chain.plan(members, endpoint -> true).ejected()).isZero();
    }

    @Test
    void onlyEndpoint_isNeverLeftAlone() {
        pods(1);
        pass(Duration.ofMillis(500));
        assertThat(chain.onRefused(candidate(0), Duration.ofSeconds(5), members))
                .isFalse();
    }

    @Test
    void probeThatIsRefused_isAnAnswer() {
        pods(3);
        requests(0, 5, Outcome.FAILURE);
        chain.onOutcome(candidate(0), Outcome.FAILURE, members);
        assertThat(chain.plan(members, endpoint -> true).ejected()).isEqualTo(1);
        pass(Duration.ofSeconds(2));
        Candidate probe = chain.plan(members, endpoint -> true).takeProbe(0, () -> 0, candidate -> true);
        assertThat(probe).isNotNull();

        assertThat(chain.onOutcome(probe, Outcome.REFUSED, members)).isTrue();

        assertThat(chain.plan(members, endpoint -> true).ejected()).isZero();
    }

    private void pods(int count) {
        for (Member member : Members.healthy(count)) {
            members.add(
                    Member.of(member.endpoint(), loads.acquire(member.endpoint().key())));
        }
    }

    private void requests(int pod, int count, Outcome outcome) {
        for (int i = 0; i < count; i++) {
            Lease.start(members.get(pod).load(), Lease.Listener.NONE).end(outcome);
        }
    }

    private Candidate candidate(int pod) {
        Member member = members.get(pod);
        return new Candidate(member.endpoint(), member.load(), member.ejection(), WeightFactors.FULL, false);
    }

    private double weight(int pod) {
        return new WeightShares(PolicySettings.DEFAULT, Instant.EPOCH, members).refusals(members.get(pod));
    }

    private long avoided() {
        return chain.plan(members, endpoint -> true).exclusions().stream()
                .filter(exclusion -> exclusion.reason() == Reason.AVOIDED)
                .count();
    }

    private void pass(Duration time) {
        for (long millis = 0; millis < time.toMillis(); millis += 500) {
            clock.advance(Duration.ofMillis(500));
            loads.tick();
            loads.slowTick();
            chain.tick(members);
            chain.slowTick(members);
        }
    }
}
