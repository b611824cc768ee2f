/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static java.util.Map.entry;
import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServicePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the annotations of a Service say of how to balance over it. A value that cannot be used is a problem for people,
 * and as if it were not there; the others count.
 */
final class PolicyAnnotations {
    static final String PREFIX = "xdslb.dev/";

    private static final int HIGHEST_LIMIT = 1_000_000;
    private static final int HIGHEST_COUNT = 999_999_999;
    private static final Duration LONGEST_SLOW_START = Duration.ofHours(24);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Duration SHORTEST = Duration.ofMillis(1);

    /** Enough to find a fault; an object may have thousands of annotations. */
    private static final int MOST_UNKNOWN = 10;

    private static final int MOST_SHOWN = 100; // of a value's characters

    /** What Pods have. */
    private static final List<String> OF_PODS = List.of("weight", "shard");

    private static final Map<PolicyKnob, KnobReader> READERS = new EnumMap<>(Map.ofEntries(
            // A name that an application may give to a strategy: which there are, only the client knows.
            entry(
                    PolicyKnob.STRATEGY,
                    KnobReader.matching(
                            Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"),
                            "the name of a strategy, e.g. p2c-ewma")),
            entry(
                    PolicyKnob.SLOW_START,
                    KnobReader.duration(
                            Duration.ZERO,
                            LONGEST_SLOW_START,
                            "a duration up to 24h, e.g. 30s, 1m30s, or 0s for none")),
            entry(PolicyKnob.SLOW_START_MIN_SHARE, KnobReader.shareAboveZero()),
            entry(PolicyKnob.SLOW_START_AGGRESSION, KnobReader.number(0.0001, 1000, "a number from 0.0001 to 1000")),
            entry(PolicyKnob.EJECTION_CONSECUTIVE_FAILURES, KnobReader.count(1, HIGHEST_COUNT)),
            entry(PolicyKnob.EJECTION_FAILURE_RATIO, KnobReader.shareAboveZero()),
            entry(PolicyKnob.EJECTION_MIN_REQUESTS, KnobReader.count(1, HIGHEST_COUNT)),
            entry(PolicyKnob.EJECTION_BASE_TIME, upToAnHour("1s")),
            entry(PolicyKnob.EJECTION_MAX_TIME, upToAnHour("30s")),
            entry(PolicyKnob.EJECTION_MAX_SHARE, KnobReader.share()),
            entry(PolicyKnob.EJECTION_PROBE_BUDGET, KnobReader.shareAboveZero()),
            entry(PolicyKnob.EJECTION_TCP_HEALTH_CHECK, KnobReader.flag()),
            entry(PolicyKnob.EJECTION_INTERVAL, upToAnHour("10s")),
            entry(PolicyKnob.ERROR_BIAS_EXPONENT, KnobReader.number(0, 1000, "a number from 0 to 1000")),
            entry(PolicyKnob.ERROR_BIAS_MIN_SHARE, KnobReader.shareAboveZero()),
            entry(
                    PolicyKnob.AVOIDANCE,
                    KnobReader.duration(Duration.ZERO, LONGEST, "a duration up to 1h, e.g. 1s, or 0s for none")),
            entry(PolicyKnob.FAILURE_STATUSES, KnobReader.statuses()),
            entry(PolicyKnob.ZONE_AFFINITY, KnobReader.oneOf("spill", "forced", "off")),
            entry(PolicyKnob.ZONE_MIN_LOCAL_ENDPOINTS, KnobReader.count(1, HIGHEST_COUNT)),
            entry(PolicyKnob.PANIC_THRESHOLD, KnobReader.share()),
            entry(PolicyKnob.MAX_IN_FLIGHT_PER_ENDPOINT, KnobReader.count(1, HIGHEST_LIMIT)),
            entry(PolicyKnob.MAX_IN_FLIGHT, KnobReader.count(1, HIGHEST_COUNT)),
            entry(PolicyKnob.RETRY_BUDGET_ENABLED, KnobReader.flag()),
            entry(PolicyKnob.RETRY_BUDGET_SHARE, KnobReader.share()),
            entry(PolicyKnob.RETRY_BUDGET_MIN_PER_SECOND, KnobReader.count(0, HIGHEST_LIMIT)),
            entry(
                    PolicyKnob.RETRY_BUDGET_WINDOW,
                    KnobReader.duration(
                            Duration.ofSeconds(1), Duration.ofMinutes(10), "a duration from 1s to 10m, e.g. 10s")),
            entry(
                    PolicyKnob.ENDPOINTS_PER_CLIENT,
                    KnobReader.matching(
                            Pattern.compile("off|auto|[1-9]\\d{0,5}"), "off, auto, or a number from 1 to 999999")),
            entry(PolicyKnob.HASH_KEY, KnobReader.requestKey()),
            entry(
                    PolicyKnob.HASH_BALANCE_FACTOR,
                    new KnobReader(
                            text -> KnobReader.number(0, 100, "").parse().apply(text) instanceof Double factor
                                            && (factor == 0 || factor > 1)
                                    ? factor
                                    : null,
                            "0 for no bound, or a number above 1, up to 100")),
            entry(PolicyKnob.HASH_RING_SIZE, KnobReader.count(1024, 8_388_608)),
            entry(PolicyKnob.HASH_TABLE_SIZE, KnobReader.prime(1009, 5_000_011)),
            entry(
                    PolicyKnob.SUBSET_LABEL,
                    KnobReader.matching(
                            Pattern.compile("([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"),
                            "shard, or the name of a label")),
            entry(PolicyKnob.SUBSET_FROM, KnobReader.requestKey()),
            entry(PolicyKnob.SUBSET_IF_NONE_MATCHES, KnobReader.oneOf("fail", "any", "use")),
            entry(
                    PolicyKnob.SUBSET_USE_VALUE,
                    KnobReader.matching(
                            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"),
                            "a value of the label"))));

    private final Map<PolicyKnob, Object> said = new EnumMap<>(PolicyKnob.class);
    private final List<String> problems = new ArrayList<>();

    private PolicyAnnotations() {}

    /** What was said, and what of it cannot be used. */
    record Read(ServicePolicy policy, List<String> problems) {}

    static Read read(@Nullable Map<String, String> annotations) {
        if (annotations == null || annotations.isEmpty()) {
            return new Read(ServicePolicy.NONE, List.of());
        }
        PolicyAnnotations reading = new PolicyAnnotations();
        for (PolicyKnob knob : PolicyKnob.values()) {
            String text = annotations.get(PREFIX + knob.annotation());
            if (text != null) {
                reading.read(knob, text);
            }
        }
        reading.dropWhatDoesNotGoTogether();
        reading.nameMistypedStrategy();
        reading.nameUnknown(annotations);
        return new Read(new ServicePolicy(reading.said), List.copyOf(reading.problems));
    }

    private static KnobReader upToAnHour(String example) {
        return KnobReader.duration(SHORTEST, LONGEST, "a duration from 1ms to 1h, e.g. " + example);
    }

    private void read(PolicyKnob knob, String text) {
        KnobReader reader = requireNonNull(READERS.get(knob), "a reader of each");
        Object value = reader.parse().apply(text.trim());
        if (value == null) {
            problems.add(name(knob) + " is \"" + shown(text) + "\" (expected: " + reader.expected()
                    + "); it does not count");
        } else {
            said.put(knob, value);
        }
    }

    private void dropWhatDoesNotGoTogether() {
        if (said.get(PolicyKnob.EJECTION_BASE_TIME) instanceof Duration base
                && said.get(PolicyKnob.EJECTION_MAX_TIME) instanceof Duration max
                && max.compareTo(base) < 0) {
            drop(
                    PolicyKnob.EJECTION_MAX_TIME,
                    "is shorter than " + PREFIX + PolicyKnob.EJECTION_BASE_TIME.annotation());
        }
        boolean byKey = new ServicePolicy(said).picksByKey();
        if (byKey && !said.containsKey(PolicyKnob.HASH_KEY)) {
            problems.add(name(PolicyKnob.STRATEGY) + " is \"" + said.get(PolicyKnob.STRATEGY) + "\", which needs "
                    + PREFIX + PolicyKnob.HASH_KEY.annotation()
                    + " (such as header:x-user); only clients with a key of their own obey it");
        }
        if (byKey && !said.getOrDefault(PolicyKnob.ENDPOINTS_PER_CLIENT, "off").equals("off")) {
            drop(
                    PolicyKnob.ENDPOINTS_PER_CLIENT,
                    "does not go together with a strategy by key, whose endpoint may be none of the client's");
        }
        dropUnusableSubset();
    }

    /** It counts all the same: an application may have a strategy of its own, of any name. */
    private void nameMistypedStrategy() {
        if (said.get(PolicyKnob.STRATEGY) instanceof String name) {
            String nearest = NearestKnob.strategy(name);
            if (nearest != null) {
                problems.add(name(PolicyKnob.STRATEGY) + " is \"" + name + "\" (meant: " + nearest
                        + "?), which only applications with a strategy of that name obey");
            }
        }
    }

    private void dropUnusableSubset() {
        boolean hasUse = "use".equals(said.get(PolicyKnob.SUBSET_IF_NONE_MATCHES));
        boolean hasValue = said.containsKey(PolicyKnob.SUBSET_USE_VALUE);
        if (!said.containsKey(PolicyKnob.SUBSET_FROM)) {
            for (PolicyKnob knob : PolicyKnob.values()) {
                if (knob.isOfSubset() && said.containsKey(knob)) {
                    drop(knob, "says nothing without a usable " + PREFIX + PolicyKnob.SUBSET_FROM.annotation());
                }
            }
        } else if (hasUse && !hasValue) {
            drop(
                    PolicyKnob.SUBSET_IF_NONE_MATCHES,
                    "is \"use\", which needs " + PREFIX + PolicyKnob.SUBSET_USE_VALUE.annotation());
        } else if (hasValue && !hasUse && said.containsKey(PolicyKnob.SUBSET_IF_NONE_MATCHES)) {
            drop(
                    PolicyKnob.SUBSET_USE_VALUE,
                    "goes only together with " + PREFIX + PolicyKnob.SUBSET_IF_NONE_MATCHES.annotation() + ": use");
        }
    }

    private void drop(PolicyKnob knob, String why) {
        said.remove(knob);
        problems.add(name(knob) + " " + why + "; it does not count");
    }

    /** Whoever mistypes a name sees no effect, and nothing else would tell. */
    private void nameUnknown(Map<String, String> annotations) {
        int unknown = 0;
        for (String key : new TreeMap<>(annotations).keySet()) {
            if (!key.startsWith(PREFIX) || isKnown(key.substring(PREFIX.length()))) {
                continue;
            }
            unknown++;
            if (unknown <= MOST_UNKNOWN) {
                String name = key.substring(PREFIX.length());
                problems.add("annotation " + PREFIX + shown(name)
                        + (OF_PODS.contains(name)
                                ? " is read on Pods, and does not count on a Service"
                                : " is none of those that a Service may have" + NearestKnob.hint(name)
                                        + "; it does not count"));
            }
        }
        if (unknown > MOST_UNKNOWN) {
            problems.add(
                    (unknown - MOST_UNKNOWN) + " more annotations " + PREFIX + "… are none that a Service may have");
        }
    }

    private static boolean isKnown(String name) {
        return NearestKnob.NAMES.contains(name);
    }

    private static String name(PolicyKnob knob) {
        return "annotation " + PREFIX + knob.annotation();
    }

    private static String shown(String text) {
        return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "…";
    }
}
