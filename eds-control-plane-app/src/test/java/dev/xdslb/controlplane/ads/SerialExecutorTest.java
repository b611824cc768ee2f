/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {

    @Test
    void tasksOfOneThread_runInOrderAndNeverTwoAtOnce() throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            int count = 20_000;
            SerialExecutor executor = new SerialExecutor(pool);
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
    void manyTasksOfOneStream_doNotKeepAnotherWaiting() throws InterruptedException {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try {
            SerialExecutor busy = new SerialExecutor(pool);
            SerialExecutor other = new SerialExecutor(pool);
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

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
