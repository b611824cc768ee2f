/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;

class XdsLbSpringBootVersionFailureAnalyzerTest {
    private final Throwable missing = new IllegalStateException(
            "Error creating bean", new NoClassDefFoundError("org/springframework/core/retry/RetryPolicy"));

    @Test
    void classThatSpringBoot3Lacks_isSaidToBeItsVersion() {
        FailureAnalysis analysis = new XdsLbSpringBootVersionFailureAnalyzer("3.5.9").analyze(missing);

        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription())
                .startsWith("This application has Spring Boot 3.5.9, and xds-lb needs 4.0 or newer")
                .contains("org/springframework/core/retry/RetryPolicy");
        assertThat(analysis.getAction()).contains("Use Spring Boot 4.1 and Spring Cloud 2025.1.2 or later");
    }

    @ParameterizedTest
    @ValueSource(strings = {"4.0.0", "4.1.2", "10.0.0", "unknown", ""})
    void classThatAnotherVersionLacks_isLeftToOthers(String version) {
        assertThat(new XdsLbSpringBootVersionFailureAnalyzer(version).analyze(missing))
                .isNull();
    }

    @Test
    void anotherFailure_isLeftToOthers() {
        assertThat(new XdsLbSpringBootVersionFailureAnalyzer("3.5.9").analyze(new IllegalStateException("port in use")))
                .isNull();
    }

    @Test
    void isFoundBySpringBoot() {
        List<FailureAnalyzer> found = SpringFactoriesLoader.forDefaultResourceLocation()
                .load(FailureAnalyzer.class, FailureHandler.handleMessage((message, failure) -> {})); // some need beans

        assertThat(found).anyMatch(XdsLbSpringBootVersionFailureAnalyzer.class::isInstance);
    }
}
