/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.time.Duration;
import java.util.Locale;

/** One thing that a Service may say of how clients are to balance over it, as the properties of our own client name it. */
public enum PolicyKnob {
    STRATEGY(String.class),
    SLOW_START(Duration.class),
    SLOW_START_MIN_SHARE(Double.class),
    SLOW_START_AGGRESSION(Double.class),
    EJECTION_CONSECUTIVE_FAILURES(Integer.class),
    EJECTION_FAILURE_RATIO(Double.class),
    EJECTION_MIN_REQUESTS(Integer.class),
    EJECTION_BASE_TIME(Duration.class),
    EJECTION_MAX_TIME(Duration.class),
    EJECTION_MAX_SHARE(Double.class),
    EJECTION_PROBE_BUDGET(Double.class),
    EJECTION_TCP_HEALTH_CHECK(Boolean.class),
    /** How often others look whom to eject and whom to take back; our own client does at once. */
    EJECTION_INTERVAL(Duration.class),
    ERROR_BIAS_EXPONENT(Double.class),
    ERROR_BIAS_MIN_SHARE(Double.class),
    AVOIDANCE(Duration.class),
    /** Statuses and ranges of them, separated by commas; empty for none. */
    FAILURE_STATUSES(String.class),
    /** Spill, forced or off. */
    ZONE_AFFINITY(String.class),
    ZONE_MIN_LOCAL_ENDPOINTS(Integer.class),
    PANIC_THRESHOLD(Double.class),
    MAX_IN_FLIGHT_PER_ENDPOINT(Integer.class),
    MAX_IN_FLIGHT(Integer.class),
    RETRY_BUDGET_ENABLED(Boolean.class),
    RETRY_BUDGET_SHARE(Double.class),
    RETRY_BUDGET_MIN_PER_SECOND(Integer.class),
    RETRY_BUDGET_WINDOW(Duration.class),
    /** Off, auto, or a number. */
    ENDPOINTS_PER_CLIENT(String.class),
    /** {@code header:NAME} and the like. */
    HASH_KEY(String.class),
    HASH_BALANCE_FACTOR(Double.class),
    HASH_RING_SIZE(Integer.class),
    HASH_TABLE_SIZE(Integer.class),
    SUBSET_LABEL(String.class),
    /** {@code header:NAME} and the like; without it, nothing else of the subset counts. */
    SUBSET_FROM(String.class),
    /** Fail, any or use. */
    SUBSET_IF_NONE_MATCHES(String.class),
    SUBSET_USE_VALUE(String.class);

    private static final String SUBSET = "SUBSET_";

    private final Class<?> type;

    PolicyKnob(Class<?> type) {
        this.type = type;
    }

    /** Returns what its values are: text, numbers, true or false, durations. */
    public Class<?> type() {
        return type;
    }

    /** Returns its name in annotations, without their prefix. */
    public String annotation() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns its name in our metadata, where durations are numbers of milliseconds. */
    public String field() {
        String name = name().toLowerCase(Locale.ROOT);
        return type == Duration.class ? name + "_ms" : name;
    }

    /** Returns whether it says nothing without the others of the subset. */
    public boolean isOfSubset() {
        return name().startsWith(SUBSET);
    }
}
