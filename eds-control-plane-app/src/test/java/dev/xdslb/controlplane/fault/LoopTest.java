/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LoopTest {

    private final AtomicLong nanos = new AtomicLong();
    private final Faults faults = new Faults(InstantSource.system(), nanos::get);

    @Test
    void turnsThatThrow_areFollowedByOthers() {
        Iterator<Throwable> toThrow = List.of(
                        new StackOverflowError(),
                        new NoClassDefFoundError("some.Class"),
                        new AssertionError("on purpose"),
                        new Exception("on purpose"))
                .iterator();
        CountDownLatch wentOn = new CountDownLatch(1);
        BlockingQueue<String> work = new LinkedBlockingQueue<>();
        try (Loop loop = new Loop(faults, "test", () -> {
            if (toThrow.hasNext()) {
                FaultBoundaryTest.sneak(toThrow.next());
            }
            wentOn.countDown();
            work.poll(1, TimeUnit.SECONDS);
        })) {
            loop.start();

            await().until(() -> wentOn.getCount() == 0);
            assertThat(faults.boundary("test").count()).isEqualTo(4);
            await().until(() -> faults.boundary("test").faults().isEmpty());
            assertThat(faults.silent()).isEmpty();
        }
    }

    @Test
    void interruptThatIsNotAClose_endsNothing() {
        AtomicInteger turns = new AtomicInteger();
        AtomicReference<Thread> thread = new AtomicReference<>();
        try (Loop loop = new Loop(faults, "test", () -> {
            thread.set(Thread.currentThread());
            turns.incrementAndGet();
            TimeUnit.HOURS.sleep(1);
        })) {
            loop.start();
            await().until(() -> turns.get() == 1);
            thread.get().interrupt();
            await().until(() -> turns.get() == 2);
        }
        assertThat(thread.get().isAlive()).isFalse();
    }

    @Test
    void turnThatHangs_isShown_untilItGoesOn() {
        BlockingQueue<String> work = new LinkedBlockingQueue<>();
        AtomicInteger turns = new AtomicInteger();
        try (Loop loop = new Loop(faults, "test", () -> {
            turns.incrementAndGet();
            work.take();
        })) {
            loop.start();
            await().until(() -> turns.get() == 1);
            assertThat(faults.silent()).isEmpty();

            nanos.addAndGet(Pulse.MAX_SILENCE.toNanos() + TimeUnit.SECONDS.toNanos(1));
            assertThat(faults.silent()).containsExactly("test: not heard from for 61 s");

            work.add("something");
            await().until(() -> faults.silent().isEmpty());
        }
        nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
        assertThat(faults.silent()).as("closed on purpose").isEmpty();
    }

    @Test
    void threadThatHasEndedAllTheSame_isShownAtOnce() throws InterruptedException {
        Thread thread = new Thread(() -> {});
        thread.start();
        thread.join();
        Pulse pulse = faults.pulse("test");
        pulse.of(thread);

        assertThat(faults.silent()).containsExactly("test: has ended");
    }
}
