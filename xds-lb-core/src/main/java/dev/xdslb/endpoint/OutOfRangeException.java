/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.endpoint;

import static java.util.Objects.requireNonNull;

/** A setting has a value that it cannot have. Whoever knows where the value was written can say so from the parts. */
public final class OutOfRangeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final String setting;
    private final String value;
    private final String expected;

    /**
     * Makes the exception.
     *
     * @param setting the name of the record component, such as {@code maxShare}
     * @param value what was given
     * @param expected the range, such as {@code 0 to 1}
     */
    public OutOfRangeException(String setting, Object value, String expected) {
        super(setting + ": " + value + " (expected: " + expected + ')');
        this.setting = requireNonNull(setting, "setting");
        this.value = value.toString();
        this.expected = requireNonNull(expected, "expected");
    }

    /** Returns the name of the record component. */
    public String setting() {
        return setting;
    }

    /** Returns what was given. */
    public String value() {
        return value;
    }

    /** Returns what it may be. */
    public String expected() {
        return expected;
    }
}
