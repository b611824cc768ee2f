/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaymvc;

import dev.xdslb.http.CountedRequest;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;

/**
 * Which attempt a received request is at. A retry closes the attempt before it, whose answer a filter has dropped; the end of the
 * received request closes the last one, whatever filters, fallbacks and the caller have done.
 */
public final class GatewayAttempt implements ServletRequestListener {
    private static final String ATTRIBUTE = GatewayAttempt.class.getName();

    /** Remembers an attempt that goes out. */
    static void begin(ServletRequest received, CountedRequest attempt) {
        close(received);
        received.setAttribute(ATTRIBUTE, attempt);
    }

    @Override
    public void requestDestroyed(ServletRequestEvent event) {
        close(event.getServletRequest());
    }

    private static void close(ServletRequest received) {
        if (received.getAttribute(ATTRIBUTE) instanceof CountedRequest attempt) {
            attempt.closed(); // unless its body came to its end
        }
    }
}
