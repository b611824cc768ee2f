/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.endpoint.EndpointKey;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

/** Many threads start and end requests while the tick runs as fast as it can, so that the two words change places often. */
@Timeout(60)
class EndpointLoadStressTest {
    private static final int THREADS = 4;
    private static final int REQUESTS = 40_000; // per thread
    private static final int MAX_OPEN = 50; // per thread
    private static final List<Outcome> OUTCOMES = List.of(Outcome.values());

    /** Of the test's clock, which the second test moves on by a thousandth of it per tick. */
    private static final Duration MAX_AGE = Duration.ofSeconds(1);

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(3));
    private final EndpointLoad load = new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), clock::get, MAX_AGE);
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();

    @RepeatedTest(5)
    void whateverInterleaves_everyRequestIsCountedInAndOutOnce() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed: " + seed);
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService executor = Executors.newFixedThreadPool(THREADS + 1);
        try {
            Future<?> ticks = executor.submit(() -> {
                while (!done.get()) {
                    assertThat(load.inFlight()).isBetween(0, THREADS * MAX_OPEN);
                    load.tick();
                    load.tick();
                }
            });
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                SplittableRandom random = new SplittableRandom(seed + i);
                clients.add(executor.submit(() -> sendRequests(random)));
            }
            for (Future<?> client : clients) {
                client.get();
            }
            done.set(true);
            ticks.get();
        } finally {
            done.set(true);
            executor.shutdownNow();
        }
        load.tick();

        assertThat(load.inFlight()).isZero();
        assertThat(load.meanAgeNanos(clock.get())).isZero();
        assertThat(load.succeeded()).isEqualTo(succeeded.sum());
        assertThat(load.failed()).isEqualTo(failed.sum());
        assertThat(load.abandoned()).isZero();
    }

    /** Far faster than in life: threads do stand still between their look at a word's age and their subtraction. */
    @RepeatedTest(5)
    void whileWordsChangePlaces_whatIsGivenUpAndWhatEndsAddUp() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed: " + seed);
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService executor = Executors.newFixedThreadPool(THREADS + 1);
        try {
            Future<?> ticks = executor.submit(() -> {
                while (!done.get()) {
                    clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));
                    load.tick();
                    int unused = load.slowTick();
                }
            });
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                SplittableRandom random = new SplittableRandom(seed + i);
                clients.add(executor.submit(() -> sendRequests(random)));
            }
            for (Future<?> client : clients) {
                client.get();
            }
            done.set(true);
            ticks.get();
        } finally {
            done.set(true);
            executor.shutdownNow();
        }
        for (int i = 0; i < 8; i++) { // every word is emptied once more
            clock.addAndGet(MAX_AGE.toNanos());
            load.tick();
            int unused = load.slowTick();
        }

        assertThat(load.inFlight()).isZero();
        assertThat(load.abandoned()).isZero(); // all of those have ended late
        assertThat(load.failed()).isEqualTo(failed.sum());
        load.tick();
        assertThat(load.succeeded()).isEqualTo(succeeded.sum());
    }

    /** An answer and an end that are told at the same moment: the counts must not depend on who was first. */
    @RepeatedTest(5)
    void answerBesideTheEnd_leavesNothingInFlight_andOneOutcomeEach() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed: " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<Lease> leases = new ArrayList<>();
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            leases.add(
                    random.nextInt(4) == 0
                            ? Lease.startStream(load, Lease.Listener.NONE)
                            : Lease.start(load, Lease.Listener.NONE));
            outcomes.add(OUTCOMES.get(random.nextInt(OUTCOMES.size())));
        }
        CyclicBarrier together = new CyclicBarrier(3);
        ExecutorService executor = Executors.newFixedThreadPool(3);
        try {
            List<Future<?>> all = List.of(
                    executor.submit(() -> {
                        together.await();
                        leases.forEach(Lease::firstMessage);
                        return null;
                    }),
                    executor.submit(() -> {
                        together.await();
                        leases.forEach(Lease::becomesStream);
                        return null;
                    }),
                    executor.submit(() -> {
                        together.await();
                        for (int i = 0; i < REQUESTS; i++) {
                            if (outcomes.get(i) != Outcome.CANCELLED || i % 2 == 0) {
                                leases.get(i).end(outcomes.get(i));
                            } else {
                                leases.get(i).discard();
                            }
                        }
                        return null;
                    }));
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            executor.shutdownNow();
        }
        load.tick();

        long failures = outcomes.stream().filter(Outcome::isFailure).count();
        long successes = outcomes.stream().filter(Outcome.SUCCESS::equals).count();
        long cancels = outcomes.stream().filter(Outcome.CANCELLED::equals).count();
        assertThat(load.inFlight()).isZero();
        assertThat(load.meanAgeNanos(clock.get())).isZero();
        assertThat(load.failed()).isEqualTo(failures);
        assertThat(load.refused()).isEqualTo(REQUESTS - failures - successes - cancels);
        assertThat(load.succeeded()).isBetween(successes, successes + cancels); // a cancel after an answer is one
    }

    private void sendRequests(SplittableRandom random) {
        Queue<Long> open = new ArrayDeque<>();
        for (int i = 0; i < REQUESTS; i++) {
            open.add(random.nextInt(20) == 0 ? load.beginStream() : load.begin(random.nextBoolean()));
            if (open.size() > random.nextInt(MAX_OPEN)) {
                end(open.remove(), random);
            }
        }
        open.forEach(begun -> end(begun, random));
    }

    private void end(long begun, SplittableRandom random) {
        Outcome outcome = OUTCOMES.get(random.nextInt(OUTCOMES.size()));
        load.end(begun, outcome);
        if (outcome == Outcome.SUCCESS) {
            succeeded.increment();
        } else if (outcome.isFailure()) {
            failed.increment();
        }
    }
}
