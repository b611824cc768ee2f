/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

/**
 * A {@link RequestKey}, most often a bean of the application, failed to read a request. The message says which one and where;
 * the request is not sent.
 */
public final class RequestKeyException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private RequestKeyException(String message, Throwable cause) {
        super(message, cause);
    }

    static RequestKeyException of(RequestKey key, Throwable failure) {
        return new RequestKeyException(
                "request key " + key + " of class " + key.getClass().getName() + " failed" + where(failure) + ": "
                        + failure
                        + " (expected: the key, or null for a request that has none). Let it return null where the "
                        + "request lacks what it reads",
                failure);
    }

    /** The class of a key may be a wrapper's; the application's own is where it happened, below what it called of the JDK. */
    private static String where(Throwable failure) {
        for (StackTraceElement frame : failure.getStackTrace()) {
            if (!frame.getClassName().startsWith("java.")) {
                return " at " + frame;
            }
        }
        return "";
    }
}
