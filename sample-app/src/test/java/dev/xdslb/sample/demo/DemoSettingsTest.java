/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DemoSettingsTest {
    @Test
    void withoutArguments_isForSpectators() {
        DemoSettings settings = DemoSettings.from();

        assertThat(settings.unattended()).isFalse();
        assertThat(settings.port()).isEqualTo(8080);
        assertThat(settings.rate()).isEqualTo(400);
    }

    @Test
    void reportAndDuration_areForNobodyToWatch() {
        DemoSettings settings =
                DemoSettings.from("--xds-lb.demo.report=target/report.jsonl", "--xds-lb.demo.duration=45s");

        assertThat(settings.unattended()).isTrue();
        assertThat(settings.report()).isEqualTo(Path.of("target/report.jsonl"));
        assertThat(settings.measuredDuration()).isEqualTo(Duration.ofSeconds(45));
    }

    @Test
    void reportAlone_measuresForTheUsualTime() {
        assertThat(DemoSettings.from("--xds-lb.demo.report=r").measuredDuration())
                .isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void badValue_saysWhatIsExpected() {
        assertThatThrownBy(() -> DemoSettings.from("--xds-lb.demo.duration=0s"))
                .rootCause()
                .hasMessage("xds-lb.demo.duration: PT0S (expected: more than 0, as 30s)");
        assertThatThrownBy(() -> DemoSettings.from("--xds-lb.demo.rate=0"))
                .rootCause()
                .hasMessage("xds-lb.demo.rate: 0 (expected: 1 or more)");
        assertThatThrownBy(() -> DemoSettings.from("--xds-lb.demo.envoy=target/no-envoy"))
                .rootCause()
                .hasMessageStartingWith(
                        "xds-lb.demo.envoy: " + Path.of("target/no-envoy") + " (expected: the program of an Envoy");
    }
}
