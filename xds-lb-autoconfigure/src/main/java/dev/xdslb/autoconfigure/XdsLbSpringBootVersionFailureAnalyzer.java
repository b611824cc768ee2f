/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Says that Spring Boot is too old, where else some class of it is missing. Runs on Spring Boot 3, so it may use only what
 * that has as well.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class XdsLbSpringBootVersionFailureAnalyzer extends AbstractFailureAnalyzer<LinkageError> {
    private static final int NEEDED = 4;

    private final String version;

    XdsLbSpringBootVersionFailureAnalyzer() {
        this(SpringBootVersion.getVersion());
    }

    XdsLbSpringBootVersionFailureAnalyzer(String version) {
        this.version = version;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, LinkageError cause) {
        String major = version.substring(0, Math.max(0, version.indexOf('.')));
        if (!major.matches("\\d{1,3}") || Integer.parseInt(major) >= NEEDED) {
            return null;
        }
        return new FailureAnalysis(
                "This application has Spring Boot " + version + ", and xds-lb needs 4.0 or newer ("
                        + cause.getClass().getSimpleName() + ": " + cause.getMessage() + ").",
                "Use Spring Boot 4.1 and Spring Cloud 2025.1.2 or later, or remove xds-lb-spring-boot-starter;"
                        + " docs/compatibility.md has the versions.",
                rootFailure);
    }
}
