/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says which property there is none of, and which there are at its place. Public, because Spring Boot makes it. */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class UnknownPropertyFailureAnalyzer
        extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
        List<ConfigurationProperty> unknown = cause.getUnboundProperties().stream()
                .filter(property -> KnownProperties.PREFIX.isAncestorOf(property.getName()))
                .toList();
        if (unknown.isEmpty()) {
            return null;
        }
        return new FailureAnalysis(
                unknown.stream()
                        .map(property -> property.getName() + " is no property of the control plane"
                                + (property.getOrigin() == null ? "" : " (" + property.getOrigin() + ")") + ".")
                        .distinct()
                        .collect(Collectors.joining(System.lineSeparator())),
                unknown.stream()
                                .map(property -> KnownProperties.expectedFor(property.getName()))
                                .distinct()
                                .collect(Collectors.joining(System.lineSeparator()))
                        + System.lineSeparator() + "docs/operations.md says what they mean.",
                rootFailure);
    }
}
