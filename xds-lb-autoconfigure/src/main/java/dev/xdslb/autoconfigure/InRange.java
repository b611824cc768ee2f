/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.endpoint.OutOfRangeException;
import java.util.function.Supplier;

/** Reads a group of properties into settings that know their ranges, and names the property whose value is wrong. */
final class InRange {
    private InRange() {}

    /**
     * Returns the settings.
     *
     * @param group the name of the properties up to the last part
     */
    static <T> T of(String group, Supplier<T> settings) {
        try {
            return settings.get();
        } catch (OutOfRangeException e) {
            throw XdsLbConfigurationException.value(
                    group + '.' + kebabCase(e.setting()),
                    e.value(),
                    "it must be " + e.expected() + '.',
                    "Give a value in this range, or leave it out to have the default.");
        }
    }

    private static String kebabCase(String component) {
        StringBuilder name = new StringBuilder();
        component.chars().forEach(c -> {
            if (Character.isUpperCase(c)) {
                name.append('-');
            }
            name.append((char) Character.toLowerCase(c));
        });
        return name.toString();
    }
}
