/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AnswersTest {

    private static final List<String> PODS = List.of("a", "b", "c");

    private final Answers answers = new Answers(
            List.of(answer(1, 5, "a"), answer(2, 9, "a"), answer(3, 4, "b"), answer(4, 6, null), answer(5, 6, "a")));

    @Test
    void aPodWithoutAnswersCountsInTheMean() {
        assertThat(answers.byPod(PODS)).containsEntry("c", 0L);
        assertThat(answers.maxOverMean(PODS)).isCloseTo(3 / (4 / 3.0), within(1e-9));
        assertThat(answers.shareOfMean(PODS, "c")).isZero();
    }

    @Test
    void aPodThatIsNotNamedCountsToo() {
        assertThat(answers.byPod(List.of())).containsOnlyKeys("a", "b");
    }

    @Test
    void aFailureIsNobodysAnswer() {
        assertThat(answers.failures()).hasSize(1);
        assertThat(answers.byPod(PODS).values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(4);
    }

    @Test
    void theLastAnswerIsTheOneThatEndedLast() {
        assertThat(answers.lastAnswerAfter(4, "a")).isEqualTo(Duration.ofNanos(5));
        assertThat(answers.lastAnswerAfter(9, "b")).isNegative();
    }

    @Test
    void sentSinceKeepsWhatWasSentThenOrLater() {
        assertThat(answers.sentSince(4).all()).hasSize(2);
    }

    private static Answer answer(long sentAt, long endedAt, @Nullable String pod) {
        return new Answer(sentAt, endedAt, pod == null ? 503 : 200, "", pod);
    }
}
