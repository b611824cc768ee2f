/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.topology.ServicePolicy;
import java.time.Duration;
import java.util.Map;
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

        assertThat(read.policy()).isEqualTo(new ServicePolicy("p2c-least-request", Duration.ofSeconds(30), 100));
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
                        .slowStart())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "30", "-30s", "30 s", "s", "1m-30s", "25h", "99999999999s", "30s30", "PT30S", "NaN"})
    void durationThatIsNone_isSaid_andTheOthersCount(String text) {
        PolicyAnnotations.Read read =
                PolicyAnnotations.read(Map.of("xdslb.dev/slow-start", text, "xdslb.dev/strategy", "random"));

        assertThat(read.policy()).isEqualTo(new ServicePolicy("random", null, null));
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
}
