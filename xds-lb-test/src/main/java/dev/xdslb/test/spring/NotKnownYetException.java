/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

/** Whoever is to tell an address does not know it: a server that was not started, a field that is null. */
final class NotKnownYetException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    NotKnownYetException(String message, Throwable cause) {
        super(message, cause);
    }

    NotKnownYetException(String message) {
        super(message);
    }
}
