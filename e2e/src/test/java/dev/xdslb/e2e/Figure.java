/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.util.Locale;

/** What a test measured, for people who read its output. */
final class Figure {

    private Figure() {}

    static void report(String name, Object value) {
        String shown = value instanceof Double number ? String.format(Locale.ROOT, "%.3f", number) : value.toString();
        System.out.println("figure: " + name + ": " + shown);
    }
}
