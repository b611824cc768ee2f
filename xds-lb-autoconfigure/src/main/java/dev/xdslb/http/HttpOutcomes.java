/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import dev.xdslb.load.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What the end of an HTTP request says about the endpoint that it was sent to. */
public final class HttpOutcomes {
    private static final int FIRST_SERVER_ERROR = 500;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    /** Bounds the walk along the causes of an exception, which may be a circle. */
    private static final int MAX_CAUSES = 16;

    private HttpOutcomes() {}

    /** Returns what a status says of which no headers are known, like {@link #of(int, boolean)}. */
    public static Outcome of(int status) {
        return of(status, false);
    }

    /**
     * Returns REFUSED for 429, and for 503 where the endpoint says when to come again; FAILURE for other statuses of 500 and
     * above; SUCCESS otherwise: a 4xx is the caller's mistake.
     *
     * @param saysRetryAfter whether there is a header {@code Retry-After}
     */
    public static Outcome of(int status, boolean saysRetryAfter) {
        if (status == TOO_MANY_REQUESTS || (status == UNAVAILABLE && saysRetryAfter)) {
            return Outcome.REFUSED;
        }
        return status >= FIRST_SERVER_ERROR ? Outcome.FAILURE : Outcome.SUCCESS;
    }

    /**
     * Returns what an exception says: a time-out is a failure, any other I/O error a connection failure. An interrupt, and
     * an exception that has nothing to do with I/O, such as one thrown by an interceptor, come from the application itself
     * and count as cancelled: the engine asks how long the endpoint had been given.
     */
    public static Outcome of(Throwable failure) {
        Throwable cause = failure;
        Outcome outcome = Outcome.CANCELLED;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (isInterrupt(cause)) {
                return Outcome.CANCELLED;
            }
            Outcome own = ofOne(cause);
            // Deeper causes know more: an IOException may be nothing but the wrapping of a time-out.
            outcome = own == null ? outcome : own;
            cause = cause.getCause();
        }
        return outcome;
    }

    private static boolean isInterrupt(Throwable cause) {
        return cause instanceof InterruptedException
                || cause instanceof ClosedByInterruptException
                || (cause instanceof InterruptedIOException
                        && !(cause instanceof SocketTimeoutException)
                        && Thread.currentThread().isInterrupted());
    }

    private static @Nullable Outcome ofOne(Throwable cause) {
        String type = cause.getClass().getSimpleName();
        if (cause instanceof ConnectException
                || cause instanceof HttpConnectTimeoutException
                || type.startsWith("ConnectTimeout")) { // Netty's and Apache's, neither of which need be there
            return Outcome.CONNECTION_FAILURE;
        }
        if (cause instanceof HttpTimeoutException
                || cause instanceof TimeoutException
                || type.startsWith("ReadTimeout") // Netty's, a RuntimeException
                || type.startsWith("WriteTimeout")) {
            return Outcome.FAILURE;
        }
        if (cause instanceof SocketTimeoutException) {
            return saysConnect(cause) ? Outcome.CONNECTION_FAILURE : Outcome.FAILURE;
        }
        return cause instanceof IOException ? Outcome.CONNECTION_FAILURE : null;
    }

    /** The JDK has one type for both time-outs and tells them apart in the message only. */
    private static boolean saysConnect(Throwable cause) {
        String message = cause.getMessage();
        return message != null && message.regionMatches(true, 0, "connect", 0, "connect".length());
    }
}
