/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says which property there is none of, and which there are at its place. Public, because Spring Boot makes it. */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class UnknownPropertyFailureAnalyzer
        extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException> {
    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("xds-lb.control-plane");

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
        List<ConfigurationProperty> unknown = cause.getUnboundProperties().stream()
                .filter(property -> PREFIX.isAncestorOf(property.getName()))
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
                                .map(property -> known(property.getName()))
                                .distinct()
                                .collect(Collectors.joining(System.lineSeparator()))
                        + System.lineSeparator() + "docs/operations.md says what they mean.",
                rootFailure);
    }

    /** Walks down as far as the name leads. */
    private static String known(ConfigurationPropertyName name) {
        Class<?> type = ControlPlaneProperties.class;
        int depth = PREFIX.getNumberOfElements();
        while (depth < name.getNumberOfElements()) {
            Class<?> inner = inner(type, name.getElement(depth, ConfigurationPropertyName.Form.DASHED));
            if (inner == null) {
                break;
            }
            type = inner;
            depth++;
            while (depth < name.getNumberOfElements() && name.isNumericIndex(depth)) {
                depth++;
            }
        }
        return "Expected below " + name.chop(depth) + ": "
                + Arrays.stream(type.getRecordComponents())
                        .map(UnknownPropertyFailureAnalyzer::dashed)
                        .sorted()
                        .collect(Collectors.joining(", "))
                + ".";
    }

    /** Returns the record that a property is, or a list of; null where there is none, or it is a value. */
    private static @Nullable Class<?> inner(Class<?> type, String name) {
        for (RecordComponent component : type.getRecordComponents()) {
            if (dashed(component).equals(name)) {
                Class<?> found = component.getType();
                if (component.getGenericType() instanceof ParameterizedType list
                        && list.getActualTypeArguments()[0] instanceof Class<?> element) {
                    found = element;
                }
                return found.isRecord() ? found : null;
            }
        }
        return null;
    }

    private static String dashed(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
