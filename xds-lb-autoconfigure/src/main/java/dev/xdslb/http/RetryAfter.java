/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** Reads the header {@code Retry-After} (RFC 9110, 10.2.3): a number of seconds or a date. */
final class RetryAfter {
    static final String NAME = "Retry-After";

    /** Longer than anybody obeys, and short enough to calculate with. */
    private static final long MAX_SECONDS = Duration.ofDays(1).toSeconds();

    private RetryAfter() {}

    /** Returns how long to wait from now on; zero where the value says nothing that can be read, or what is past. */
    static Duration parse(@Nullable String value, Instant now) {
        if (value == null || value.isBlank()) {
            return Duration.ZERO;
        }
        String text = value.strip();
        if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            boolean isHuge = text.length() > 9;
            return Duration.ofSeconds(isHuge ? MAX_SECONDS : Math.min(MAX_SECONDS, Long.parseLong(text)));
        }
        try {
            Duration until = Duration.between(
                    now,
                    ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
            return until.isNegative() ? Duration.ZERO : Duration.ofSeconds(Math.min(MAX_SECONDS, until.toSeconds()));
        } catch (DateTimeParseException e) {
            return Duration.ZERO;
        }
    }
}
