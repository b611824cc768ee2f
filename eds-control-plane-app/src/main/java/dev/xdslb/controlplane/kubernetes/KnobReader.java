/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text of an annotation. The ranges are those of the properties that our own client has for the same.
 *
 * @param parse gives null for a text that cannot be used
 * @param expected what can be used, for people
 */
record KnobReader(Function<String, @Nullable Object> parse, String expected) {
    private static final Pattern COUNT = Pattern.compile("\\d{1,9}");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final Pattern STATUSES = Pattern.compile("([1-9]\\d\\d)(?:-([1-9]\\d\\d))?");
    private static final int MOST_STATUSES = 50;

    /** What a client can read of a request; a bean is one that all clients have declared under the same name. */
    private static final Pattern KEY = Pattern.compile(
            "path|(header|metadata):[0-9A-Za-z_.-]{1,200}(?<!-[bB][iI][nN])|cookie:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}"
                    + "|bean:[0-9A-Za-z_.$-]{1,200}");

    static KnobReader matching(Pattern pattern, String expected) {
        return new KnobReader(text -> pattern.matcher(text).matches() ? text : null, expected);
    }

    static KnobReader oneOf(String... words) {
        Set<String> known = Set.of(words);
        return new KnobReader(text -> known.contains(text) ? text : null, String.join(", ", words));
    }

    static KnobReader count(int min, int max) {
        return new KnobReader(
                text -> {
                    Integer count = COUNT.matcher(text).matches() ? Integer.valueOf(text) : null;
                    return count != null && count >= min && count <= max ? count : null;
                },
                "a whole number from " + min + " to " + max);
    }

    static KnobReader prime(int min, int max) {
        KnobReader count = count(min, max);
        return new KnobReader(
                text -> count.parse.apply(text) instanceof Integer number
                                && BigInteger.valueOf(number).isProbablePrime(50)
                        ? number
                        : null,
                "a prime number from " + min + " to " + max + ", such as 65537");
    }

    static KnobReader number(double min, double max, String expected) {
        return new KnobReader(
                text -> {
                    Double number = NUMBER.matcher(text).matches() ? Double.valueOf(text) : null;
                    return number != null && number >= min && number <= max ? number : null;
                },
                expected);
    }

    /** Returns one for shares from 0 on. */
    static KnobReader share() {
        return number(0, 1, "a share from 0 to 1, such as 0.5");
    }

    /** Returns one for shares above 0. */
    static KnobReader shareAboveZero() {
        return number(Double.MIN_VALUE, 1, "a share above 0, up to 1, such as 0.5");
    }

    static KnobReader flag() {
        return new KnobReader(
                text -> switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> null;
                },
                "true or false");
    }

    /** Returns one for durations as Kubernetes writes them: numbers with units, the larger ones first. */
    static KnobReader duration(Duration min, Duration max, String expected) {
        return new KnobReader(
                text -> {
                    Duration duration = duration(text);
                    return duration != null && duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0
                            ? duration
                            : null;
                },
                expected);
    }

    /** Returns one for what in a request is looked at. */
    static KnobReader requestKey() {
        return matching(KEY, "header:NAME, metadata:NAME, cookie:NAME, path or bean:NAME");
    }

    static KnobReader statuses() {
        return new KnobReader(
                KnobReader::statuses,
                "HTTP statuses and ranges such as \"500-599, 429\", at most " + MOST_STATUSES + ", or none");
    }

    private static @Nullable String statuses(String text) {
        if (text.equals("none")) {
            return "";
        }
        List<String> ranges = new ArrayList<>();
        for (String part : text.split(",", MOST_STATUSES + 1)) {
            Matcher range = STATUSES.matcher(part.strip());
            boolean isUsable =
                    range.matches() && (range.group(2) == null || range.group(1).compareTo(range.group(2)) <= 0);
            if (!isUsable || ranges.size() == MOST_STATUSES) {
                return null;
            }
            ranges.add(range.group());
        }
        return String.join(",", ranges);
    }

    private static @Nullable Duration duration(String text) {
        Matcher part = DURATION.matcher(text);
        Duration sum = Duration.ZERO;
        int at = 0;
        while (at < text.length()) {
            if (!part.find(at) || part.start() != at) {
                return null;
            }
            long number = Long.parseLong(part.group(1));
            sum = sum.plus(
                    switch (part.group(2)) {
                        case "ms" -> Duration.ofMillis(number);
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        default -> Duration.ofHours(number);
                    });
            at = part.end();
        }
        return text.isEmpty() ? null : sum;
    }
}
