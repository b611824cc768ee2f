/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultBoundaryTest {
    private final FakeNanoClock clock = new FakeNanoClock();
    private final Faults faults = new Faults(clock);
    private final FaultBoundary boundary = faults.boundary("the tested code", "nothing follows");

    @ParameterizedTest
    @ValueSource(
            classes = {
                IllegalStateException.class,
                StackOverflowError.class,
                NoClassDefFoundError.class,
                OutOfMemoryError.class,
                AssertionError.class
            })
    void whateverIsThrown_staysInside_andIsShown(Class<? extends Throwable> type) throws Exception {
        Throwable thrown = type.getDeclaredConstructor().newInstance();

        assertThat(boundary.run(() -> sneaky(thrown))).isFalse();

        assertThat(faults.faults()).containsExactly(new Fault("the tested code", thrown.toString(), 1));
        assertThat(faults.total()).isEqualTo(1);
    }

    @Test
    void whatItReturns_isReturned_andNothingWhereItFails() {
        assertThat(boundary.<String>call(() -> "yes")).isEqualTo("yes");
        assertThat(boundary.<String>call(() -> {
                    throw new StackOverflowError();
                }))
                .isNull();
    }

    @Test
    void failureOfManyTimes_isOneFault() {
        for (int i = 0; i < 1_000; i++) {
            boundary.failed(new IllegalStateException("no " + i));
        }

        assertThat(faults.faults())
                .containsExactly(new Fault("the tested code", "java.lang.IllegalStateException: no 999", 1_000));
    }

    @Test
    void failureNowAndThen_isOneFault_untilItHasWorkedForHalfAMinute() {
        boundary.failed(new IllegalStateException("first"));
        boundary.worked();
        assertThat(boundary.isFailing()).as("may fail again at once").isTrue();
        boundary.failed(new IllegalStateException("second"));
        assertThat(faults.faults()).singleElement().extracting(Fault::times).isEqualTo(2L);

        clock.advance(Duration.ofSeconds(30));
        boundary.worked();

        assertThat(boundary.isFailing()).isFalse();
        assertThat(faults.faults()).isEmpty();
    }

    @Test
    void exceptionWhoseMessageCannotBeMade_staysInside() {
        boundary.failed(new MessagelessException());

        assertThat(faults.faults())
                .containsExactly(new Fault("the tested code", MessagelessException.class.getName(), 1));
    }

    @Test
    void interrupt_isPassedOnToTheThread() {
        boundary.run(() -> sneaky(new InterruptedException()));

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void closedBoundary_isNotShown() {
        boundary.failed(new IllegalStateException());
        boundary.close();
        boundary.failed(new IllegalStateException());

        assertThat(faults.faults()).isEmpty();
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneaky(Throwable thrown) throws E {
        throw (E) thrown;
    }

    private static final class MessagelessException extends RuntimeException {
        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }
    }
}
