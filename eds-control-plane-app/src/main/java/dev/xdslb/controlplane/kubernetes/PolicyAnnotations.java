/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.topology.ServicePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the annotations of a Service say of how to balance over it. A value that cannot be used is a problem for people,
 * and as if it were not there; the others count.
 */
final class PolicyAnnotations {
    private static final String PREFIX = "xdslb.dev/";
    private static final String STRATEGY = PREFIX + "strategy";
    private static final String SLOW_START = PREFIX + "slow-start";
    private static final String MAX_IN_FLIGHT = PREFIX + "max-in-flight-per-endpoint";

    /** A name that an application may give to a strategy: which there are, only the client knows. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final Duration LONGEST_SLOW_START = Duration.ofHours(24);
    private static final int HIGHEST_LIMIT = 1_000_000;

    private final Map<String, String> annotations;
    private final List<String> problems = new ArrayList<>();

    private PolicyAnnotations(Map<String, String> annotations) {
        this.annotations = annotations;
    }

    /** What was said, and what of it cannot be used. */
    record Read(ServicePolicy policy, List<String> problems) {}

    static Read read(@Nullable Map<String, String> annotations) {
        if (annotations == null || annotations.isEmpty()) {
            return new Read(ServicePolicy.NONE, List.of());
        }
        PolicyAnnotations reading = new PolicyAnnotations(annotations);
        ServicePolicy policy = new ServicePolicy(reading.strategy(), reading.slowStart(), reading.maxInFlight());
        return new Read(policy, List.copyOf(reading.problems));
    }

    private String strategy() {
        String text = annotations.get(STRATEGY);
        if (text == null) {
            return "";
        }
        String name = text.trim();
        if (NAME.matcher(name).matches()) {
            return name;
        }
        refuse(STRATEGY, text, "the name of a strategy, e.g. p2c-ewma");
        return "";
    }

    private @Nullable Duration slowStart() {
        String text = annotations.get(SLOW_START);
        if (text == null) {
            return null;
        }
        Duration duration = duration(text.trim());
        if (duration != null && duration.compareTo(LONGEST_SLOW_START) <= 0) {
            return duration;
        }
        refuse(SLOW_START, text, "a duration up to 24h, e.g. 30s, 1m30s, or 0s for none");
        return null;
    }

    private @Nullable Integer maxInFlight() {
        String text = annotations.get(MAX_IN_FLIGHT);
        if (text == null) {
            return null;
        }
        try {
            int limit = Integer.parseInt(text.trim());
            if (limit >= 1 && limit <= HIGHEST_LIMIT) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        refuse(MAX_IN_FLIGHT, text, "a whole number from 1 to " + HIGHEST_LIMIT);
        return null;
    }

    /** As Kubernetes writes durations: numbers with units, the larger ones first. */
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

    private void refuse(String annotation, String text, String expected) {
        problems.add(
                "annotation " + annotation + " is \"" + text + "\" (expected: " + expected + "); it does not count");
    }
}
