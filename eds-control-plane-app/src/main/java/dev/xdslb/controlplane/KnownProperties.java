/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/** The names of the properties that there are: those of {@link ControlPlaneProperties}. */
final class KnownProperties {
    static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("xds-lb.control-plane");

    /** As Spring Boot writes them now, and as it did before. */
    private static final List<String> VARIABLES = List.of(variable(""), variable("_"));

    private static final Pattern VARIABLE = Pattern.compile(variables(ControlPlaneProperties.class));

    private KnownProperties() {}

    /** Says what is wrong with a name that was bound to nothing. */
    static String expectedFor(ConfigurationPropertyName name) {
        Class<?> type = ControlPlaneProperties.class;
        int depth = PREFIX.getNumberOfElements();
        while (depth < name.getNumberOfElements()) {
            RecordComponent component = find(type, name.getElement(depth, Form.UNIFORM));
            if (component == null) {
                return "Expected below " + name.chop(depth) + ": "
                        + Arrays.stream(type.getRecordComponents())
                                .map(KnownProperties::dashed)
                                .sorted()
                                .collect(Collectors.joining(", "))
                        + ".";
            }
            depth++;
            while (depth < name.getNumberOfElements() && name.isNumericIndex(depth)) {
                depth++;
            }
            type = recordOf(component);
            if (type == null) {
                break;
            }
        }
        return depth == name.getNumberOfElements()
                ? "Expected in the list of " + name + ": numbers from 0 on, without a gap."
                : "Expected below " + name.chop(depth) + ": nothing.";
    }

    /** Returns those environment variables that are meant for the control plane, and are none of its properties; sorted. */
    static List<String> unknownVariables(Collection<String> names) {
        return names.stream()
                .filter(name -> VARIABLES.stream()
                        .anyMatch(prefix -> name.startsWith(prefix)
                                && !VARIABLE.matcher(name.substring(prefix.length())
                                                .replace("_", "")
                                                .toLowerCase(Locale.ROOT))
                                        .matches()))
                .sorted()
                .toList();
    }

    private static String variable(String dash) {
        return PREFIX.toString().replace("-", dash).replace('.', '_').toUpperCase(Locale.ROOT) + '_';
    }

    private static String variables(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(component -> {
                    Class<?> inner = recordOf(component);
                    return uniform(component)
                            + (Collection.class.isAssignableFrom(component.getType()) ? "[0-9]*" : "")
                            + (inner == null ? "" : variables(inner));
                })
                .collect(Collectors.joining("|", "(", ")"));
    }

    private static @Nullable RecordComponent find(Class<?> type, String uniform) {
        return Arrays.stream(type.getRecordComponents())
                .filter(component -> uniform(component).equals(uniform))
                .findFirst()
                .orElse(null);
    }

    /** Returns the record that a property is, or is a list of; null for a value. */
    private static @Nullable Class<?> recordOf(RecordComponent component) {
        Type type = component.getGenericType();
        if (type instanceof ParameterizedType list) {
            type = list.getActualTypeArguments()[0];
        }
        return type instanceof Class<?> found && found.isRecord() ? found : null;
    }

    private static String uniform(RecordComponent component) {
        return component.getName().toLowerCase(Locale.ROOT);
    }

    private static String dashed(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
