/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailureStatusesTest {

    @Test
    void serverErrors_byDefault() {
        for (int status = 100; status < 1000; status++) {
            assertThat(FailureStatuses.DEFAULT.contains(status))
                    .as("%d", status)
                    .isEqualTo(status / 100 == 5);
        }
    }

    @Test
    void singleOnesAndRanges() {
        FailureStatuses statuses = FailureStatuses.parse(List.of("429", " 500-503 ", "404-404"));
        assertThat(List.of(429, 500, 503, 404)).allMatch(statuses::contains);
        assertThat(List.of(428, 430, 499, 504, 200)).noneMatch(statuses::contains);
        assertThat(statuses)
                .hasToString("429, 500-503, 404")
                .isEqualTo(FailureStatuses.parse(List.of("429", "500-503", "404")));
    }

    @Test
    void none() {
        assertThat(FailureStatuses.parse(List.of()).contains(500)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5xx",
                "500-",
                "-599",
                "500..599",
                "99",
                "1000",
                "500-499",
                "500-1000",
                "500 - 599",
                "099",
                "٥٠٠"
            })
    void nonsense_isRefused(String text) {
        assertThatThrownBy(() -> FailureStatuses.parse(List.of("404", text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }
}
