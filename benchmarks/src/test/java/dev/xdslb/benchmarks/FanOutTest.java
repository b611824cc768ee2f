/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.xdslb.benchmarks.fanout.FanOutSizes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FanOutTest {

    @Test
    void ownOptions_areTakenOutOfTheOthers() {
        Map<String, String> sizes = new LinkedHashMap<>();

        String[] others = FanOut.without(
                List.of("--streams", "--tls"),
                new String[] {"--scenario", "churn", "--streams", "10", "--json", "rows.jsonl", "--tls", "true"},
                sizes);

        assertThat(others).containsExactly("--scenario", "churn", "--json", "rows.jsonl");
        assertThat(sizes).containsExactly(Map.entry("--streams", "10"), Map.entry("--tls", "true"));
    }

    @Test
    void nothingSaid_isTheSizeOfTheBudget() {
        assertThat(FanOut.sizes(Map.of())).isEqualTo(FanOutSizes.DEFAULT);
    }

    @Test
    void otherNumbers_areRefusedWithWhatWasExpected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FanOut.sizes(Map.of("--streams", "many")))
                .withMessage("--streams: \"many\" (expected: a whole number, such as 5000)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FanOut.sizes(Map.of("--subscriptions", "11", "--services", "10")))
                .withMessage("--subscriptions: 11 (expected: 1 to 10)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FanOut.sizes(Map.of("--tls", "yes")))
                .withMessage("--tls: \"yes\" (expected: true or false)");
    }

    @Test
    void optionWithoutValue_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FanOut.without(List.of("--rate"), new String[] {"--rate"}, new LinkedHashMap<>()))
                .withMessage("--rate: no value (expected: one after it)");
    }
}
