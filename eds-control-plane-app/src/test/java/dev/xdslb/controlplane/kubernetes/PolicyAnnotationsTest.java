/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServicePolicy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyAnnotationsTest {

    @Test
    void everyValueCounts() {
        PolicyAnnotations.Read read = PolicyAnnotations.read(Map.of(
                "xdslb.dev/strategy", "p2c-least-request",
                "xdslb.dev/slow-start", "30s",
                "xdslb.dev/max-in-flight-per-endpoint", "100",
                "other.dev/strategy", "none"));

        assertThat(read.policy())
                .isEqualTo(new ServicePolicy(Map.of(
                        PolicyKnob.STRATEGY,
                        "p2c-least-request",
                        PolicyKnob.SLOW_START,
                        Duration.ofSeconds(30),
                        PolicyKnob.MAX_IN_FLIGHT_PER_ENDPOINT,
                        100)));
        assertThat(read.problems()).isEmpty();
    }

    @Test
    void nothingSaid_isNoPolicy() {
        assertThat(PolicyAnnotations.read(null).policy()).isEqualTo(ServicePolicy.NONE);
        assertThat(PolicyAnnotations.read(Map.of("a", "b")).policy()).isEqualTo(ServicePolicy.NONE);
    }

    @ParameterizedTest
    @CsvSource({"30s,PT30S", "1m30s,PT1M30S", "500ms,PT0.5S", "2h,PT2H", "0s,PT0S", "24h,PT24H"})
    void durationAsKubernetesWritesIt(String text, Duration expected) {
        assertThat(PolicyAnnotations.read(Map.of("xdslb.dev/slow-start", text))
                        .policy()
                        .duration(PolicyKnob.SLOW_START))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "30", "-30s", "30 s", "s", "1m-30s", "25h", "99999999999s", "30s30", "PT30S", "NaN"})
    void durationThatIsNone_isSaid_andTheOthersCount(String text) {
        PolicyAnnotations.Read read =
                PolicyAnnotations.read(Map.of("xdslb.dev/slow-start", text, "xdslb.dev/strategy", "random"));

        assertThat(read.policy()).isEqualTo(new ServicePolicy(Map.of(PolicyKnob.STRATEGY, "random")));
        assertThat(read.problems())
                .singleElement()
                .asString()
                .startsWith("annotation xdslb.dev/slow-start is \"" + text + "\" (expected: a duration up to 24h");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "many", "", "2147483648", "1000001"})
    void limitThatIsNone_isSaid(String text) {
        PolicyAnnotations.Read read = PolicyAnnotations.read(Map.of("xdslb.dev/max-in-flight-per-endpoint", text));

        assertThat(read.policy()).isEqualTo(ServicePolicy.NONE);
        assertThat(read.problems()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "P2C", "a b", "-a", "a-", "x\ny"})
    void strategyThatCanBeNoName_isSaid(String text) {
        PolicyAnnotations.Read read = PolicyAnnotations.read(Map.of("xdslb.dev/strategy", text));

        assertThat(read.policy()).isEqualTo(ServicePolicy.NONE);
        assertThat(read.problems()).hasSize(1);
    }

    /** At the ends of each range. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    slow-start-min-share          | 0.1          | 0.1
                    slow-start-min-share          | 1            | 1.0
                    slow-start-aggression         | 0.0001       | 1.0E-4
                    ejection-consecutive-failures | 1            | 1
                    ejection-consecutive-failures | 999999999    | 999999999
                    ejection-failure-ratio        | 0.000000001  | 1.0E-9
                    ejection-failure-ratio        | 1            | 1.0
                    ejection-min-requests         | 1            | 1
                    ejection-base-time            | 1ms          | PT0.001S
                    ejection-max-time             | 1h           | PT1H
                    ejection-max-share            | 0            | 0.0
                    ejection-max-share            | 1            | 1.0
                    ejection-probe-budget         | 0.02         | 0.02
                    ejection-tcp-health-check     | false        | false
                    ejection-interval             | 10s          | PT10S
                    error-bias-exponent           | 0            | 0.0
                    error-bias-min-share          | 0.01         | 0.01
                    avoidance                     | 0s           | PT0S
                    failure-statuses              | 500-599, 429 | 500-599,429
                    failure-statuses              | none         | ''
                    zone-affinity                 | spill        | spill
                    zone-affinity                 | forced       | forced
                    zone-affinity                 | off          | off
                    zone-min-local-endpoints      | 1            | 1
                    panic-threshold               | 0            | 0.0
                    panic-threshold               | 1            | 1.0
                    max-in-flight                 | 1            | 1
                    retry-budget-enabled          | true         | true
                    retry-budget-share            | 0            | 0.0
                    retry-budget-share            | 1            | 1.0
                    retry-budget-min-per-second   | 0            | 0
                    retry-budget-window           | 1s           | PT1S
                    retry-budget-window           | 10m          | PT10M
                    endpoints-per-client          | auto         | auto
                    endpoints-per-client          | 20           | 20
                    hash-key                      | header:X-User| header:X-User
                    hash-key                      | metadata:user| metadata:user
                    hash-key                      | cookie:sid   | cookie:sid
                    hash-key                      | path         | path
                    hash-key                      | bean:tenant  | bean:tenant
                    hash-balance-factor           | 0            | 0.0
                    hash-balance-factor           | 100          | 100.0
                    hash-ring-size                | 1024         | 1024
                    hash-ring-size                | 8388608      | 8388608
                    hash-table-size               | 1009         | 1009
                    hash-table-size               | 5000011      | 5000011
                    subset-from                   | header:shard | header:shard
                    """)
    void valueWithinItsRange_counts(String name, String text, String value) {
        PolicyAnnotations.Read read = PolicyAnnotations.read(Map.of("xdslb.dev/" + name, text));

        assertThat(read.problems()).isEmpty();
        assertThat(read.policy().said().values()).singleElement().hasToString(value);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    slow-start-min-share          | 0
                    slow-start-min-share          | 1.01
                    slow-start-aggression         | 0
                    ejection-consecutive-failures | 0
                    ejection-consecutive-failures | 1000000000
                    ejection-failure-ratio        | 0
                    ejection-failure-ratio        | 50%
                    ejection-failure-ratio        | NaN
                    ejection-min-requests         | -1
                    ejection-base-time            | 0s
                    ejection-max-time             | 61m
                    ejection-max-share            | 1.1
                    ejection-probe-budget         | 0
                    ejection-tcp-health-check     | yes
                    ejection-interval             | 10
                    error-bias-exponent           | -1
                    error-bias-min-share          | 2
                    avoidance                     | 2h
                    failure-statuses              | 5xx
                    failure-statuses              | 599-500
                    failure-statuses              | 99
                    failure-statuses              | 500,,501
                    zone-affinity                 | SPILL
                    zone-min-local-endpoints      | 0
                    panic-threshold               | 50
                    max-in-flight                 | 0
                    retry-budget-enabled          | 1
                    retry-budget-share            | 1.5
                    retry-budget-min-per-second   | 1000001
                    retry-budget-window           | 999ms
                    endpoints-per-client          | 0
                    endpoints-per-client          | all
                    hash-key                      | x-user
                    hash-key                      | header:x-user-bin
                    hash-key                      | header:
                    hash-key                      | header:a b
                    hash-balance-factor           | 1
                    hash-balance-factor           | 101
                    hash-ring-size                | 1023
                    hash-ring-size                | 8388609
                    hash-table-size               | 1010
                    hash-table-size               | 5000012
                    subset-from                   | query:shard
                    """)
    void valueOutOfItsRange_isSaid_andTheOthersCount(String name, String text) {
        PolicyAnnotations.Read read =
                PolicyAnnotations.read(Map.of("xdslb.dev/" + name, text, "xdslb.dev/strategy", "random"));

        assertThat(read.policy()).isEqualTo(new ServicePolicy(Map.of(PolicyKnob.STRATEGY, "random")));
        assertThat(read.problems())
                .singleElement()
                .asString()
                .startsWith("annotation xdslb.dev/" + name + " is \"" + text + "\" (expected: ");
    }

    @ParameterizedTest
    @CsvSource({
        "ringhash, ring-hash",
        "p2c-ewm, p2c-ewma",
        "roundrobin, round-robin",
        "of-our-own, ",
        "weighted-rtt, ",
        "random, "
    })
    void strategyThatIsNearlyOneOfOurs_countsAndIsSaid(String name, @Nullable String meant) {
        PolicyAnnotations.Read read = PolicyAnnotations.read(Map.of("xdslb.dev/strategy", name));

        assertThat(read.policy().text(PolicyKnob.STRATEGY)).isEqualTo(name);
        if (meant == null) {
            assertThat(read.problems()).isEmpty();
        } else {
            assertThat(read.problems()).singleElement().asString().contains("\"" + name + "\" (meant: " + meant + "?)");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    stratgy         | (meant: xdslb.dev/strategy?)
                    Strategy        | (meant: xdslb.dev/strategy?)
                    slowstart       | (meant: xdslb.dev/slow-start?)
                    base-time       | (meant: xdslb.dev/ejection-base-time?)
                    hash            | (meant: xdslb.dev/hash-balance-factor or xdslb.dev/hash-key or xdslb.dev/hash-ring-size?)
                    weight          | is read on Pods
                    something-else-entirely | is none of those that a Service may have; it does not count
                    """)
    void annotationThatNobodyReads_isSaid_withTheNearestOne(String name, String hint) {
        PolicyAnnotations.Read read = PolicyAnnotations.read(Map.of("xdslb.dev/" + name, "x", "other.dev/a", "b"));

        assertThat(read.policy()).isEqualTo(ServicePolicy.NONE);
        assertThat(read.problems())
                .singleElement()
                .asString()
                .contains(hint)
                .startsWith("annotation xdslb.dev/" + name);
    }

    /** An object may have 256 KiB of them, and what is said is kept, logged and written to the API server. */
    @Test
    void whatIsSaid_isBounded_howeverManyAndLongTheAnnotationsAre() {
        Map<String, String> annotations = new HashMap<>();
        for (int i = 0; i < 5_000; i++) {
            annotations.put("xdslb.dev/" + "x".repeat(200) + i, "y");
        }
        for (PolicyKnob knob : PolicyKnob.values()) {
            annotations.put("xdslb.dev/" + knob.annotation(), "?".repeat(100_000));
        }

        List<String> problems = PolicyAnnotations.read(annotations).problems();

        assertThat(problems).hasSize(PolicyKnob.values().length + 11);
        assertThat(problems).allSatisfy(problem -> assertThat(problem).hasSizeLessThan(400));
        assertThat(problems.get(problems.size() - 1)).startsWith("4990 more annotations");
    }

    @Test
    void strategyByKey_withoutAKey_isSaid_andLeftToClientsThatHaveOne() {
        PolicyAnnotations.Read read = PolicyAnnotations.read(Map.of("xdslb.dev/strategy", "maglev"));

        assertThat(read.policy().text(PolicyKnob.STRATEGY)).isEqualTo("maglev");
        assertThat(read.problems()).singleElement().asString().contains("needs xdslb.dev/hash-key");
    }

    @Test
    void valuesThatDoNotGoTogether_areSaid_andOneOfThemDoesNotCount() {
        assertDropped(
                Map.of("ejection-base-time", "10s", "ejection-max-time", "5s"),
                PolicyKnob.EJECTION_MAX_TIME,
                "is shorter than xdslb.dev/ejection-base-time");
        assertDropped(
                Map.of("strategy", "ring-hash", "hash-key", "path", "endpoints-per-client", "10"),
                PolicyKnob.ENDPOINTS_PER_CLIENT,
                "does not go together with a strategy by key");
        assertDropped(
                Map.of("subset-label", "version"), PolicyKnob.SUBSET_LABEL, "without a usable xdslb.dev/subset-from");
        assertDropped(
                Map.of("subset-from", "path", "subset-if-none-matches", "use"),
                PolicyKnob.SUBSET_IF_NONE_MATCHES,
                "needs xdslb.dev/subset-use-value");
        assertDropped(
                Map.of("subset-from", "path", "subset-if-none-matches", "any", "subset-use-value", "7"),
                PolicyKnob.SUBSET_USE_VALUE,
                "goes only together with");
    }

    private static void assertDropped(Map<String, String> annotations, PolicyKnob dropped, String why) {
        Map<String, String> named = new HashMap<>();
        annotations.forEach((name, value) -> named.put("xdslb.dev/" + name, value));

        PolicyAnnotations.Read read = PolicyAnnotations.read(named);

        assertThat(read.policy().said()).doesNotContainKey(dropped).hasSize(annotations.size() - 1);
        assertThat(read.problems())
                .singleElement()
                .asString()
                .startsWith("annotation xdslb.dev/" + dropped.annotation())
                .contains(why)
                .endsWith("it does not count");
    }
}
