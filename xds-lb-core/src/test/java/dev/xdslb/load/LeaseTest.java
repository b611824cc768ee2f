/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.endpoint.EndpointKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeaseTest {
    private final FakeNanoClock clock = new FakeNanoClock();
    private final EndpointLoad load = new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), clock);

    @Test
    void countsInFlight_fromStartToEnd() {
        Lease first = Lease.start(load, Lease.Listener.NONE);
        Lease second = Lease.start(load, Lease.Listener.NONE);
        assertThat(load.inFlight()).isEqualTo(2);

        first.end(Outcome.SUCCESS);
        assertThat(load.inFlight()).isEqualTo(1);
        second.end(Outcome.FAILURE);
        assertThat(load.inFlight()).isZero();
    }

    @Test
    void secondEnd_changesNothingAndSaysSo() {
        List<Outcome> told = new ArrayList<>();
        Lease lease = Lease.start(load, (l, outcome) -> told.add(outcome));

        assertThat(lease.hasEnded()).isFalse();
        assertThat(lease.end(Outcome.CANCELLED)).isTrue();
        assertThat(lease.end(Outcome.FAILURE)).isFalse();

        assertThat(lease.hasEnded()).isTrue();
        assertThat(load.inFlight()).isZero();
        assertThat(load.consecutiveFailures()).isZero();
        assertThat(told).containsExactly(Outcome.CANCELLED);
    }

    @Test
    void runOfFailures_endsWithASuccess_andIsNotTouchedByACancel() {
        end(Outcome.FAILURE);
        end(Outcome.CONNECTION_FAILURE);
        end(Outcome.CANCELLED);
        assertThat(load.consecutiveFailures()).isEqualTo(2);

        end(Outcome.SUCCESS);
        assertThat(load.consecutiveFailures()).isZero();
    }

    @Test
    void discarded_isCountedOut_andNothingElse() {
        end(Outcome.FAILURE);
        List<Outcome> told = new ArrayList<>();
        Lease lease = Lease.start(load, (l, outcome) -> told.add(outcome));

        assertThat(lease.discard()).isTrue();
        assertThat(lease.discard()).isFalse();
        assertThat(lease.end(Outcome.FAILURE)).isFalse();

        assertThat(load.inFlight()).isZero();
        assertCounted(0, 1, 0);
        assertThat(load.consecutiveFailures()).isEqualTo(1);
        assertThat(told).containsExactly(Outcome.CANCELLED);
    }

    @Test
    void discardedAfterAGoodAnswer_hasAnswered() {
        end(Outcome.FAILURE);
        Lease lease = Lease.start(load, Lease.Listener.NONE);
        lease.firstMessage();

        assertThat(lease.discard()).isTrue();

        assertCounted(1, 1, 0);
        assertThat(load.consecutiveFailures()).isZero();
    }

    @Test
    void firstMessageOfAStream_isASuccessAtOnce_andItsEndAddsNothing() {
        end(Outcome.FAILURE);
        Lease stream = Lease.startStream(load, Lease.Listener.NONE);

        assertThat(stream.firstMessage()).isTrue();
        assertThat(stream.firstMessage()).isFalse();
        assertThat(load.consecutiveFailures()).isZero();
        end(Outcome.FAILURE);
        stream.end(Outcome.CANCELLED);
        stream.end(Outcome.SUCCESS);

        assertCounted(1, 2, 0);
        assertThat(load.consecutiveFailures()).isEqualTo(1);
    }

    @Test
    void streamThatFailsAfterItsFirstMessage_isOneFailure() {
        Lease stream = Lease.startStream(load, Lease.Listener.NONE);
        stream.firstMessage();
        stream.end(Outcome.CONNECTION_FAILURE);

        assertCounted(0, 1, 0);
        assertThat(load.consecutiveFailures()).isEqualTo(1);
    }

    @Test
    void bodyThatFailsAfterGoodHeaders_isOneFailure_andTheRunOfFailuresGoesOn() {
        for (int i = 1; i <= 5; i++) {
            Lease lease = Lease.start(load, Lease.Listener.NONE);
            lease.firstMessage();
            lease.end(Outcome.CONNECTION_FAILURE);
            assertThat(load.consecutiveFailures()).isEqualTo(i);
        }

        assertCounted(0, 5, 0);
    }

    @Test
    void cancelAfterGoodHeaders_isASuccess() {
        end(Outcome.FAILURE);
        List<Outcome> told = new ArrayList<>();
        Lease lease = Lease.start(load, (l, outcome) -> told.add(outcome));
        lease.firstMessage();
        assertThat(load.consecutiveFailures()).isEqualTo(1); // its end decides
        lease.end(Outcome.CANCELLED);

        assertThat(told).containsExactly(Outcome.SUCCESS);
        assertThat(load.consecutiveFailures()).isZero();
        assertCounted(1, 1, 0);
    }

    @Test
    void responseTime_isThatToTheHeaders_andTheBodyIsNoHungRequest() {
        Lease lease = Lease.start(load, Lease.Listener.NONE);
        clock.advance(Duration.ofMillis(10));
        lease.firstMessage();
        clock.advance(Duration.ofMinutes(1));
        load.tick();

        assertThat(load.unansweredAgeNanos()).isZero();
        assertThat(load.inFlight()).isEqualTo(1);
        lease.end(Outcome.SUCCESS);
        load.tick();
        assertThat(load.costNanos()).isEqualTo(10e6);
        assertThat(load.successMicros()).isEqualTo(10_000);
        assertThat(load.timed()).isEqualTo(1);
        assertThat(load.inFlight()).isZero();
    }

    @Test
    void requestThatBecomesAStream_hasNeitherTimeNorAge_whenEver() {
        for (boolean headersFirst : new boolean[] {true, false}) {
            Lease lease = Lease.start(load, Lease.Listener.NONE);
            clock.advance(Duration.ofSeconds(60));
            if (headersFirst) {
                lease.becomesStream();
                lease.firstMessage();
                assertThat(load.costNanos()).isZero();
            } else {
                lease.firstMessage(); // its time is that to the headers, before anybody knew
                lease.becomesStream();
            }
            assertThat(load.inFlight()).isEqualTo(1);
            assertThat(lease.becomesStream()).isFalse();
            lease.end(Outcome.CANCELLED);
            assertThat(load.inFlight()).isZero();
        }
        assertCounted(2, 0, 0);
    }

    @Test
    void streamThatStartsAnew_isARequestFromThatMomentOn() {
        Lease lease = Lease.start(load, Lease.Listener.NONE);
        clock.advance(Duration.ofSeconds(5));
        lease.becomesStream();
        load.tick();
        assertThat(load.unansweredAgeNanos()).as("age while its caller sends").isZero();
        clock.advance(Duration.ofSeconds(5));

        assertThat(lease.startsAnew()).isTrue();
        assertThat(load.inFlight()).isEqualTo(1);
        assertThat(load.requestsInFlight()).isEqualTo(1);
        clock.advance(Duration.ofMillis(10));
        lease.end(Outcome.SUCCESS);

        assertThat(load.inFlight()).isZero();
        assertCounted(1, 0, 0);
        assertThat(load.successMicros()).isEqualTo(10_000);
    }

    @Test
    void whatIsNoOpenStream_doesNotStartAnew() {
        Lease request = Lease.start(load, Lease.Listener.NONE);
        Lease answered = Lease.startStream(load, Lease.Listener.NONE);
        answered.firstMessage();
        Lease ended = Lease.startStream(load, Lease.Listener.NONE);
        ended.end(Outcome.SUCCESS);

        assertThat(request.startsAnew()).isFalse();
        assertThat(answered.startsAnew()).isFalse();
        assertThat(ended.startsAnew()).isFalse();
        assertThat(load.inFlight()).isEqualTo(2);
    }

    @Test
    void startsAndEndsAtOnce_areCountedOnce() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            for (int i = 0; i < 5_000; i++) {
                Lease lease = Lease.start(load, Lease.Listener.NONE);
                lease.becomesStream();
                Future<?> end = executor.submit(() -> lease.end(Outcome.SUCCESS));
                boolean unused = lease.startsAnew();
                end.get();
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(load.inFlight()).isZero();
        assertThat(load.requestsInFlight()).isZero();
    }

    @Test
    void whatComesAfterTheEnd_changesNothing() {
        Lease lease = Lease.start(load, Lease.Listener.NONE);
        lease.end(Outcome.CANCELLED);

        assertThat(lease.firstMessage()).isFalse();
        assertThat(lease.becomesStream()).isFalse();
        lease.firstByte();
        assertThat(lease.endRefused(Duration.ofSeconds(1))).isFalse();

        assertThat(load.inFlight()).isZero();
        assertCounted(0, 0, 0);
    }

    @Test
    void refused_isNeitherSuccessNorFailure_andHasNoTime() {
        end(Outcome.FAILURE);
        Lease lease = Lease.start(load, Lease.Listener.NONE);
        clock.advance(Duration.ofMillis(1));
        lease.endRefused(Duration.ZERO);
        end(Outcome.REFUSED);

        assertThat(load.consecutiveFailures()).isEqualTo(1);
        assertThat(load.costNanos()).isZero();
        assertCounted(0, 1, 2);
        assertThat(load.recentOutcomes().completed()).isEqualTo(1);
        assertThat(load.recentAnswers().refused()).isEqualTo(2);
        assertThat(load.recentAnswers().answered()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void responseTime_isMeasuredUntilTheMomentThatIsSet(TimedUntil until) {
        Lease lease = new TimedLease(load, until);
        clock.advance(Duration.ofMillis(10));
        lease.firstMessage();
        clock.advance(Duration.ofMillis(20));
        lease.firstByte();
        clock.advance(Duration.ofMillis(70));
        lease.end(Outcome.SUCCESS);
        load.tick();

        double millis = until == TimedUntil.HEADERS ? 10 : until == TimedUntil.FIRST_BYTE ? 30 : 100;
        assertThat(load.costNanos()).isEqualTo(millis * 1e6);
        assertThat(load.timed()).isEqualTo(1);
        assertCounted(1, 0, 0);
    }

    @ParameterizedTest
    @EnumSource
    void responseWithoutABody_isMeasuredAtItsEnd_andACancelledOneNotMoreThanIsKnown(TimedUntil until) {
        Lease empty = new TimedLease(load, until);
        clock.advance(Duration.ofMillis(10));
        empty.firstMessage();
        empty.end(Outcome.SUCCESS);
        assertThat(load.costNanos()).isEqualTo(10e6);

        Lease given = new TimedLease(load, until);
        clock.advance(Duration.ofMillis(500));
        given.firstMessage();
        clock.advance(Duration.ofMillis(500));
        given.end(Outcome.CANCELLED);

        assertThat(load.costNanos()).as("the least of the first").isEqualTo(10e6);
        load.tick();
        assertThat(load.timed()).isEqualTo(until == TimedUntil.HEADERS ? 2 : 1);
        assertCounted(2, 0, 0);
    }

    @Test
    void whoIsGivenUp_andThenAnswers_staysGivenUp_andAStreamIsInFlightAgain() {
        Lease answered = Lease.start(load, Lease.Listener.NONE);
        Lease stream = Lease.start(load, Lease.Listener.NONE);
        giveUp();
        assertThat(load.inFlight()).isZero();
        assertThat(load.abandoned()).isEqualTo(2);

        answered.firstMessage();
        stream.becomesStream();
        stream.firstMessage();
        assertThat(load.inFlight()).isEqualTo(1);
        assertThat(load.costNanos()).isZero();
        answered.end(Outcome.SUCCESS);
        stream.end(Outcome.SUCCESS);

        assertThat(load.inFlight()).isZero();
        assertThat(load.abandoned()).isZero();
        assertCounted(2, 0, 0);
    }

    @Test
    void answeredButNeverClosed_isGivenUp_asOneThatIsNotAnswered() {
        List<Lease> open = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Lease lease = Lease.start(load, Lease.Listener.NONE);
            lease.firstMessage();
            open.add(lease);
        }
        assertThat(load.inFlight()).isEqualTo(10);
        giveUp();

        assertThat(load.inFlight()).isZero();
        assertThat(load.abandoned()).isEqualTo(10);

        open.forEach(lease -> lease.end(Outcome.SUCCESS));
        assertThat(load.inFlight()).isZero();
        assertThat(load.abandoned()).isZero();
        assertCounted(10, 0, 0);
    }

    private void giveUp() {
        for (int i = 0; i < 8; i++) {
            clock.advance(EndpointLoad.MAX_LEASE_AGE);
            load.tick();
            int unused = load.slowTick();
        }
    }

    @Test
    void manyThreadsThatEndTheSameLeases_countEachOnce() throws Exception {
        int leases = 2_000;
        int threads = 4;
        AtomicInteger told = new AtomicInteger();
        List<Lease> open = new ArrayList<>();
        for (int i = 0; i < leases; i++) {
            open.add(Lease.start(load, (l, outcome) -> told.incrementAndGet()));
        }
        CyclicBarrier together = new CyclicBarrier(threads);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> ends = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                ends.add(executor.submit(() -> {
                    together.await();
                    open.forEach(lease -> lease.end(Outcome.SUCCESS));
                    return null;
                }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        } finally {
            executor.shutdownNow();
        }

        assertThat(load.inFlight()).isZero();
        assertThat(told).hasValue(leases);
    }

    private void assertCounted(int succeeded, int failed, int refused) {
        load.tick();
        int unused = load.slowTick();
        assertThat(load.succeeded()).as("succeeded").isEqualTo(succeeded);
        assertThat(load.failed()).as("failed").isEqualTo(failed);
        assertThat(load.refused()).as("refused").isEqualTo(refused);
    }

    private static final class TimedLease extends Lease {
        private final EndpointLoad load;
        private final TimedUntil until;

        TimedLease(EndpointLoad load, TimedUntil until) {
            super(load.begin(true));
            this.load = load;
            this.until = until;
        }

        @Override
        public EndpointLoad load() {
            return load;
        }

        @Override
        protected TimedUntil timedUntil() {
            return until;
        }

        @Override
        protected void countChange(long before, long after) {
            load.advance(before, after);
        }

        @Override
        protected void countOut(long last, Outcome outcome) {
            load.end(last, outcome);
        }
    }

    private void end(Outcome outcome) {
        Lease.start(load, Lease.Listener.NONE).end(outcome);
    }
}
