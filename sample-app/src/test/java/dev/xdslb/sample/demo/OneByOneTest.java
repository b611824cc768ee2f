/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.EnumSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OneByOneTest {
    private static final ClientKind CLIENT = ClientKind.ONE_BY_ONE;

    private final Measurements measurements =
            new Measurements(System::nanoTime, new Tables(), EnumSet.allOf(ClientKind.class));
    private final Window window = measurements.openWindow();
    private final AtomicInteger begun = new AtomicInteger();

    @Test
    void callsAgainAndAgain_alsoAfterAFailure() {
        try (OneByOne client = new OneByOne(
                request -> {
                    request.sentTo("orders-a1");
                    if (begun.incrementAndGet() == 2) {
                        throw new IllegalStateException("of this test");
                    }
                    request.succeeded();
                },
                measurements)) {
            client.start();

            await().until(() -> figures().answered() >= 2 && figures().failed() == 1);
        }
    }

    @Test
    void callThatIsNotAnswered_isTheOnlyOne() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        try (OneByOne client = new OneByOne(
                request -> {
                    begun.incrementAndGet();
                    asked.countDown();
                    try {
                        answer.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    request.succeeded();
                },
                measurements)) {
            client.start();
            asked.await();
            await().pollDelay(OneByOne.INTERVAL.multipliedBy(3)).until(() -> true);

            assertThat(begun).hasValue(1);

            answer.countDown();
            await().until(() -> begun.get() > 1);
        }
    }

    @Test
    void closedOne_callsNoMore() {
        OneByOne client = new OneByOne(request -> begun.incrementAndGet(), measurements);
        client.start();
        await().until(() -> begun.get() > 0);
        client.close();
        int after = begun.get();

        await().pollDelay(OneByOne.INTERVAL.multipliedBy(3)).until(() -> begun.get() <= after + 1);
    }

    private ClientFigures figures() {
        return measurements.figures(window, CLIENT);
    }
}
