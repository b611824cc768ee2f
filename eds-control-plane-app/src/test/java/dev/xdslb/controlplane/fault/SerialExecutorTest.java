/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {

    @Test
    void tasksOfOneThread_runInOrderAndNeverTwoAtOnce() throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            int count = 20_000;
            SerialExecutor executor = new SerialExecutor(pool, new Faults().boundary("test"));
            List<Integer> seen = new ArrayList<>(); // not thread-safe, and need not be
            CountDownLatch done = new CountDownLatch(count);
            for (int i = 0; i < count; i++) {
                int number = i;
                executor.execute(() -> {
                    seen.add(number);
                    done.countDown();
                });
            }
            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(seen).isEqualTo(IntStream.range(0, count).boxed().toList());
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void taskOfANewTurn_isHandedOverAnew_andInOrder() {
        List<Runnable> turns = new ArrayList<>(); // a pool that waits to be told
        SerialExecutor executor = new SerialExecutor(turns::add, new Faults().boundary("test"));
        List<String> done = new ArrayList<>();
        executor.execute(() -> {
            done.add("first");
            executor.executeInNewTurn(() -> done.add("second"));
            executor.execute(() -> done.add("third"));
        });

        turns.get(0).run();
        assertThat(done).containsExactly("first");
        assertThat(turns).hasSize(2);

        turns.get(1).run();
        assertThat(done).containsExactly("first", "second", "third");
        executor.executeInNewTurn(() -> done.add("fourth"));
        turns.get(2).run();
        assertThat(done).endsWith("fourth");
    }

    @Test
    void briefTask_runsAtOnceWhereNothingElseDoes_andInItsTurnOtherwise() {
        List<Runnable> turns = new ArrayList<>(); // a pool that waits to be told
        SerialExecutor executor = new SerialExecutor(turns::add, new Faults().boundary("test"));
        List<String> done = new ArrayList<>();
        executor.executeBrief(() -> {
            done.add("first");
            executor.execute(() -> done.add("second"));
            executor.executeBrief(() -> done.add("third"));
            throw new IllegalStateException("by the test");
        });
        assertThat(done).containsExactly("first");
        assertThat(turns).hasSize(1);

        turns.get(0).run();
        assertThat(done).containsExactly("first", "second", "third");

        executor.executeBrief(() -> done.add("fourth"));
        assertThat(done).endsWith("fourth");
        assertThat(turns).hasSize(1);
    }

    @Test
    void briefTask_doesNotOvertakeOneThatCouldNotBeHandedOver() {
        List<Runnable> turns = new ArrayList<>();
        AtomicBoolean refuses = new AtomicBoolean(true);
        SerialExecutor executor = new SerialExecutor(
                task -> {
                    if (refuses.get()) {
                        throw new RejectedExecutionException("by the test");
                    }
                    turns.add(task);
                },
                new Faults().boundary("test"));
        List<String> done = new ArrayList<>();
        executor.execute(() -> done.add("first"));
        refuses.set(false);

        executor.executeBrief(() -> done.add("second"));
        assertThat(turns).hasSize(1);
        turns.get(0).run();

        assertThat(done).containsExactly("first", "second");
    }

    @Test
    void manyTasksOfOneStream_doNotKeepAnotherWaiting() throws InterruptedException {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try {
            SerialExecutor busy = new SerialExecutor(pool, new Faults().boundary("test"));
            SerialExecutor other = new SerialExecutor(pool, new Faults().boundary("test"));
            CountDownLatch both = new CountDownLatch(1);
            CountDownLatch served = new CountDownLatch(1);
            busy.execute(() -> awaitUninterrupted(both));
            busy.execute(new Runnable() {
                @Override
                public void run() {
                    if (served.getCount() > 0) {
                        busy.execute(this); // for ever, unless the other gets its turn
                    }
                }
            });
            other.execute(served::countDown);
            both.countDown();
            assertThat(served.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void taskThatThrows_isFollowedByTheNext() {
        FaultBoundary boundary = new Faults().boundary("test");
        List<String> done = new ArrayList<>();
        SerialExecutor executor = new SerialExecutor(Runnable::run, boundary);
        executor.execute(() -> {
            throw new StackOverflowError();
        });
        executor.execute(() -> {
            throw new NoClassDefFoundError();
        });
        executor.execute(() -> done.add("third"));

        assertThat(done).containsExactly("third");
        assertThat(boundary.count()).isEqualTo(2);
    }

    @Test
    void poolThatTakesNothingForAWhile_losesNoTask_andWhoHandsOverHearsNothing() {
        FaultBoundary boundary = new Faults().boundary("test");
        List<String> done = new ArrayList<>();
        AtomicBoolean full = new AtomicBoolean(true);
        SerialExecutor executor = new SerialExecutor(
                task -> {
                    if (full.get()) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    task.run();
                },
                boundary);
        executor.execute(() -> done.add("first"));
        assertThat(done).isEmpty();
        assertThat(boundary.faults()).hasSize(1);

        full.set(false);
        executor.execute(() -> done.add("second"));

        assertThat(done).containsExactly("first", "second");
        assertThat(boundary.faults()).isEmpty();
    }

    @Test
    void poolThatTakesNothingBetweenTwoTurns_losesNoTask() {
        List<Runnable> handedOver = new ArrayList<>();
        List<Integer> done = new ArrayList<>();
        SerialExecutor executor = new SerialExecutor(
                task -> {
                    if (!handedOver.isEmpty()) {
                        throw new RejectedExecutionException("on purpose");
                    }
                    handedOver.add(task);
                },
                new Faults().boundary("test"));
        for (int i = 0; i < 100; i++) {
            int number = i;
            executor.execute(() -> done.add(number));
        }
        handedOver.get(0).run();

        assertThat(done).hasSize(100);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
