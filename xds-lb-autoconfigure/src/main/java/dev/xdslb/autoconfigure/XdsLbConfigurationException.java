/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

/** The application is configured in a way that cannot work. Says what is wrong and what to do about it. */
final class XdsLbConfigurationException extends RuntimeException {
    private final String description;
    private final String action;

    /**
     * Makes the exception.
     *
     * @param description what was given and why it cannot work
     * @param action what to do about it
     */
    XdsLbConfigurationException(String description, String action) {
        super(description + ' ' + action);
        this.description = description;
        this.action = action;
    }

    /** Returns an exception about the value of one property. */
    static XdsLbConfigurationException value(String property, Object value, String wrong, String action) {
        return new XdsLbConfigurationException(property + " is \"" + value + "\": " + wrong, action);
    }

    String description() {
        return description;
    }

    String action() {
        return action;
    }
}
