/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says first which property there is none of, and which was meant; Boot's own words begin with what it was to be bound to. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class XdsLbUnknownPropertyFailureAnalyzer
        extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {
    private static final String PREFIX = "xds-lb";

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
        Map<String, String> unknown = new TreeMap<>();
        for (ConfigurationProperty property : cause.getUnboundProperties()) {
            String name = property.getName().toString();
            if (!name.equals(PREFIX) && !name.startsWith(PREFIX + '.')) {
                return null;
            }
            unknown.put(name, property.getOrigin() == null ? "" : " (" + property.getOrigin() + ')');
        }
        if (unknown.isEmpty()) {
            return null;
        }
        List<String> described = unknown.entrySet().stream()
                .map(entry -> entry.getKey() + entry.getValue())
                .toList();
        String description = described.size() == 1
                ? described.get(0) + " is no property of xds-lb."
                : "These are no properties of xds-lb: " + String.join(", ", described) + '.';
        List<String> meant = unknown.keySet().stream()
                .flatMap(name -> NearestProperties.to(name).stream())
                .distinct()
                .toList();
        return new FailureAnalysis(
                description,
                (meant.isEmpty() ? "" : "Did you mean " + String.join(", ", meant) + "? ")
                        + "Look for a misspelt name or a wrong indentation; docs/configuration.md lists all names. Properties"
                        + " of one service are under xds-lb.clients.<id>.",
                rootFailure);
    }
}
