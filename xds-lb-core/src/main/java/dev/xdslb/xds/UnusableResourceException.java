/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

/** A resource that cannot be used. The message says which part of it, what that holds and what was expected. */
final class UnusableResourceException extends Exception {
    UnusableResourceException(String message) {
        super(message);
    }
}
