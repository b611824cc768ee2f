/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.EndpointKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseTimeTest {
    private static final double MILLIS = 1e6;

    private final FakeNanoClock clock = new FakeNanoClock();
    private final EndpointLoad load = new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), clock);

    @Test
    void nothingObserved_isInDoubt_andExpectedToBeTheBest() {
        assertThat(load.isInDoubt()).isTrue();
        assertThat(load.expectedNanos()).isZero();
        assertThat(load.costNanos()).isZero();
    }

    @Test
    void coldCalls_areForgotten_byTheFirstThatIsNot() {
        request(430);
        request(32);
        assertThat(load.isInDoubt()).isTrue();
        request(2);

        assertThat(load.isInDoubt()).isFalse();
        assertThat(load.responseNanos()).isEqualTo(2 * MILLIS);
    }

    @Test
    void inDoubt_onlyTheIdleEndpointCountsAsTheBest() {
        request(430);
        Lease open = Lease.start(load, Lease.Listener.NONE);
        assertThat(load.expectedNanos()).isEqualTo(430 * MILLIS);

        open.end(Outcome.CANCELLED);
        assertThat(load.expectedNanos()).isZero();
    }

    @Test
    void average_isTheMeanOfWhatScatters() {
        RandomGenerator random = Randoms.seeded();
        double sum = 0;
        for (int i = 0; i < 2_000; i++) {
            request(Math.exp(Math.log(10) + 0.3 * random.nextGaussian()));
            sum += load.responseNanos();
        }

        double mean = 10 * Math.exp(0.3 * 0.3 / 2);
        assertThat(sum / 2_000 / MILLIS).isCloseTo(mean, within(0.03 * mean));
        assertThat(load.responseNanos() / MILLIS).isCloseTo(mean, within(0.3 * mean));
    }

    @Test
    void twiceAsSlow_isLearnedWithinThirtyRequests() {
        known(10);
        for (int i = 0; i < 30; i++) {
            request(20);
        }

        assertThat(load.responseNanos() / MILLIS).isBetween(16.0, 20.0);
    }

    @Test
    void oneObservationAfterALongTime_weighsASixth() {
        known(10);
        clock.advance(Duration.ofMinutes(5));
        request(16);

        assertThat(load.responseNanos() / MILLIS).isCloseTo(11, within(0.01));
    }

    @Test
    void spike_isBelieved_andForgottenByTheNextRequest() {
        known(2);
        request(52);
        assertThat(load.responseNanos()).isEqualTo(52 * MILLIS);
        assertThat(load.isInDoubt()).isTrue();
        assertThat(load.expectedNanos()).isZero();

        request(2);

        assertThat(load.isInDoubt()).isFalse();
        assertThat(load.responseNanos() / MILLIS).isBetween(2.0, 2.4);
    }

    @Test
    void spike_isNotBelieved_whereALaterRequestHasBeenAnsweredWell() {
        known(2);
        Lease slow = Lease.start(load, Lease.Listener.NONE);
        clock.advance(Duration.ofMillis(1));
        request(2);
        clock.advance(Duration.ofMillis(50));
        slow.end(Outcome.SUCCESS);

        assertThat(load.isInDoubt()).isFalse();
        assertThat(load.responseNanos() / MILLIS).isBetween(2.0, 2.4);
    }

    @Test
    void firstCall_isNotBelieved_whereLaterOnesHaveBeenAnsweredWell() {
        Lease cold = Lease.start(load, Lease.Listener.NONE);
        clock.advance(Duration.ofMillis(30));
        known(2);
        clock.advance(Duration.ofMillis(370));
        cold.end(Outcome.SUCCESS);

        assertThat(load.isInDoubt()).isFalse();
        assertThat(load.responseNanos() / MILLIS).isBetween(2.0, 2.4);
    }

    @Test
    void manySpikesAmongGoodAnswers_raiseTheAverage() {
        known(10);
        for (int i = 0; i < 100; i++) {
            Lease slow = Lease.start(load, Lease.Listener.NONE);
            clock.advance(Duration.ofMillis(1));
            request(10);
            clock.advance(Duration.ofMillis(489));
            slow.end(Outcome.SUCCESS);
        }

        assertThat(load.responseNanos() / MILLIS).isGreaterThan(25);
    }

    @Test
    void confirmedJump_isTriedAgain_laterAndLater_butWithinFiveSeconds() {
        known(10);
        request(50);
        List<Long> tries = new ArrayList<>();
        for (int tick = 0; tick < 300; tick++) {
            tick(100);
            load.passedOver(10);
            if (load.isInDoubt()) {
                request(50);
                tries.add(clock.getAsLong());
            }
        }

        List<Double> seconds = new ArrayList<>();
        for (int i = 1; i < tries.size(); i++) {
            seconds.add((tries.get(i) - tries.get(i - 1)) / 1e9);
        }
        assertThat(seconds.subList(0, 5)).isSorted();
        assertThat(seconds).allMatch(gap -> gap < 5.3);
        assertThat(tries).hasSizeBetween(8, 20);
        assertThat(load.responseNanos() / MILLIS).isCloseTo(50, within(1.0));
    }

    @Test
    void confirmedJump_isForgotten_byOneAnswerNearerToWhatWas() {
        known(10);
        for (int i = 0; i < 20; i++) {
            request(50);
        }
        request(12);

        assertThat(load.isInDoubt()).isFalse();
        assertThat(load.responseNanos() / MILLIS).isBetween(10.0, 12.0);
    }

    @ParameterizedTest
    @CsvSource({"0.5, 2.5", "2, 40"}) // seconds: the square, in tenths
    void longJump_isVerifiedAfterTheSquareOfItsLength(double seconds, double after) {
        known(100);
        request(seconds * 1000);
        tick((after - 0.2) * 1000);
        assertThat(load.isInDoubt()).isFalse();

        tick(300);
        assertThat(load.isInDoubt()).isTrue();
    }

    @Test
    void slowFromTheStart_isTriedAgainAfterItsSquare_whereOthersGetRequests() {
        known(800);
        tick(6_500);
        assertThat(load.isInDoubt()).as("nobody else was asked").isFalse();

        load.passedOver(64);
        tick(100);
        assertThat(load.isInDoubt()).isTrue();

        request(5);
        assertThat(load.responseNanos()).isEqualTo(5 * MILLIS);
    }

    @Test
    void jumpsOfAllLengths_neverMakeTheAverageAnythingButATime() {
        RandomGenerator random = Randoms.seeded();
        for (int i = 0; i < 20_000; i++) {
            request(Math.exp(random.nextGaussian() * 4));
            if (i % 7 == 0) {
                tick(random.nextDouble() * 10_000);
                load.passedOver(random.nextInt(100));
            }
            assertThat(load.responseNanos()).isFinite().isPositive();
            assertThat(load.expectedNanos()).isFinite().isNotNegative();
        }
    }

    @Test
    void hungRequests_costTheirMeanAge_untilTheyEnd() {
        known(10);
        List<Lease> hung = new ArrayList<>();
        hung.add(Lease.start(load, Lease.Listener.NONE));
        clock.advance(Duration.ofSeconds(1));
        hung.add(Lease.start(load, Lease.Listener.NONE));
        tick(1_000);

        assertThat(load.costNanos()).isCloseTo(1_500 * MILLIS, within(MILLIS));

        hung.forEach(lease -> lease.end(Outcome.CANCELLED));
        tick(0);
        assertThat(load.costNanos()).isLessThanOrEqualTo(10 * MILLIS);
    }

    @Test
    void oneRequestThatHangs_costsNothing_whereLaterOnesAreAnsweredWell() {
        known(10);
        Lease unused = Lease.start(load, Lease.Listener.NONE);
        for (int i = 0; i < 100; i++) {
            request(10);
        }
        tick(0);

        assertThat(load.costNanos()).isCloseTo(10 * MILLIS, within(MILLIS));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 30, 100})
    void requestsYoungerThanTwoResponseTimes_areNotHung(int millis) {
        known(millis);
        Lease unused = Lease.start(load, Lease.Listener.NONE);
        tick(Math.min(99, 2 * millis - 1));

        assertThat(load.costNanos()).isEqualTo(millis * MILLIS);
    }

    private void known(double millis) {
        for (int i = 0; i < ResponseTime.MEMORY; i++) {
            request(millis);
        }
    }

    private void request(double millis) {
        Lease lease = Lease.start(load, Lease.Listener.NONE);
        clock.advance(Duration.ofNanos((long) (millis * MILLIS)));
        lease.end(Outcome.SUCCESS);
    }

    private void tick(double millis) {
        clock.advance(Duration.ofNanos((long) (millis * MILLIS)));
        load.tick();
    }
}
