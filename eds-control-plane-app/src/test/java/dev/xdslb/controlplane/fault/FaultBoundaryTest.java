/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class FaultBoundaryTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final Faults faults = new Faults(now::get, System::nanoTime);
    private final FaultBoundary boundary = faults.boundary("test");

    static Stream<Throwable> throwables() {
        return Stream.of(
                new StackOverflowError(),
                new NoClassDefFoundError("some.Class"),
                new AssertionError("on purpose"),
                new OutOfMemoryError("on purpose"),
                new IllegalStateException("on purpose"));
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void whateverIsThrown_endsNothing_isCountedAndSaidOnce(Throwable thrown, CapturedOutput output) {
        for (int i = 0; i < 3; i++) {
            assertThat(boundary.run("orders", () -> sneak(thrown))).isFalse();
            assertThat(boundary.run("carts", () -> {})).isTrue();
        }

        assertThat(boundary.count()).isEqualTo(3);
        assertThat(boundary.faults()).singleElement().satisfies(fault -> {
            assertThat(fault.subject()).isEqualTo("orders");
            assertThat(fault.what()).isEqualTo(thrown.toString());
            assertThat(fault.since()).isEqualTo(now.get());
        });
        assertThat(output.getOut()).containsOnlyOnce("test: orders fails").doesNotContain("carts");

        assertThat(boundary.run("orders", () -> {})).isTrue();
        assertThat(boundary.faults()).isEmpty();
        assertThat(output.getOut()).containsOnlyOnce("test: orders works again");
    }

    @Test
    void moreSubjectsThanAnybodyCanRead_areKeptAsOne() {
        for (int i = 0; i < 10 * FaultBoundary.MAX_SUBJECTS; i++) {
            boundary.failed("subject " + i, new AssertionError());
        }

        assertThat(boundary.faults()).hasSizeLessThanOrEqualTo(FaultBoundary.MAX_SUBJECTS + 1);
        assertThat(boundary.count()).isEqualTo(10L * FaultBoundary.MAX_SUBJECTS);
    }

    @Test
    void subjectThatNobodyTriesAnyMore_isForgotten() {
        boundary.failed("a stream that is gone", new AssertionError());
        now.set(now.get().plus(FaultBoundary.REMEMBERED).plus(Duration.ofSeconds(1)));

        assertThat(boundary.faults()).isEmpty();
    }

    @Test
    void failureThatCannotEvenBeDescribed_isCounted() {
        boundary.failed("orders", new IllegalStateException() {
            private static final long serialVersionUID = 1;

            @Override
            public String getMessage() {
                throw new StackOverflowError();
            }
        });

        assertThat(boundary.count()).isEqualTo(1);
    }

    @SuppressWarnings({"unchecked", "DoNotCallSuggester"})
    static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
