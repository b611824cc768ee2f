/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2026-11-26T10:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "5, 5",
        "' 120 ', 120",
        "0, 0",
        "-1, 0",
        "1.5, 0",
        "soon, 0",
        "'', 0",
        "٣, 0",
        "999999999999999999999999, 86400",
        "100000, 86400",
        "'Thu, 26 Nov 2026 10:00:07 GMT', 7",
        "'Thu, 26 Nov 2026 09:00:00 GMT', 0",
        "'Fri, 26 Nov 2027 10:00:00 GMT', 86400",
        "'Mon, 26 Nov 2026 10:00:07 GMT', 0", // no such day
        "'Thursday, 26-Nov-26 10:00:07 GMT', 0"
    })
    void value(String value, long seconds) {
        assertThat(RetryAfter.parse(value, NOW)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void none() {
        assertThat(RetryAfter.parse(null, NOW)).isZero();
    }
}
