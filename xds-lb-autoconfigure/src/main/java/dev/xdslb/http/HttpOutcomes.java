/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import dev.xdslb.cluster.FailureStatuses;
import dev.xdslb.load.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What the end of an HTTP request says about the endpoint that it was sent to. */
final class HttpOutcomes {
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    /** Bounds the walk along the causes of an exception, which may be a circle. */
    private static final int MAX_CAUSES = 16;

    /** In lower case: of the JDK's two HTTP clients, of its streams and of its sockets. */
    private static final Set<String> LOCAL_CLOSE =
            Set.of("closed", "stream is closed", "stream closed", "socket closed");

    private HttpOutcomes() {}

    /**
     * Returns REFUSED for 503 where the endpoint says when to come again, and for 429 where it is no failure; FAILURE for the
     * statuses that count as one; SUCCESS otherwise: a 4xx is the caller's mistake.
     *
     * @param saysRetryAfter whether there is a header {@code Retry-After}
     */
    static Outcome of(int status, boolean saysRetryAfter, FailureStatuses failures) {
        if (status == UNAVAILABLE && saysRetryAfter) {
            return Outcome.REFUSED;
        }
        if (failures.contains(status)) {
            return Outcome.FAILURE;
        }
        return status == TOO_MANY_REQUESTS ? Outcome.REFUSED : Outcome.SUCCESS;
    }

    /**
     * Returns what an exception says: a time-out is a failure, any other I/O error a connection failure. {@link Outcome#CANCELLED}
     * stands for an interrupt or a cancel, where the engine asks how long the endpoint had been given.
     *
     * @param host of the endpoint, an address or a name; null where nothing is known of it
     * @return null where it says nothing: it is the caller's own doing, or has nothing to do with I/O, such as an exception of an
     *     interceptor
     */
    static @Nullable Outcome of(Throwable failure, @Nullable String host) {
        Throwable cause = failure;
        Outcome outcome = null;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (UnknownHost.isOf(host, cause)) {
                return Outcome.CONNECTION_FAILURE;
            }
            if (CallersOwn.is(cause)) {
                return null;
            }
            if (isInterrupt(cause)) {
                return Outcome.CANCELLED;
            }
            if (isLocalClose(cause)) { // who closes on purpose has said so before: what is left are time-outs
                return Outcome.FAILURE;
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
                || cause instanceof CancellationException
                || cause instanceof ClosedByInterruptException
                || (cause instanceof InterruptedIOException
                        && !(cause instanceof SocketTimeoutException)
                        && Thread.currentThread().isInterrupted());
    }

    /**
     * Returns whether somebody on this side has closed what was read, as clients do whose time is over: what the JDK then says, it
     * never says of the other side. With a cause it does: its HTTP client says "closed" of a connection that was lost, too.
     */
    private static boolean isLocalClose(Throwable cause) {
        return cause instanceof IOException
                && cause.getCause() == null
                && cause.getMessage() != null
                && LOCAL_CLOSE.contains(cause.getMessage().toLowerCase(Locale.ROOT));
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
                || type.equals("TimeoutException") // Gateway WebFlux has one of its own
                || isTimeOutOfCall(cause)
                || type.startsWith("ReadTimeout") // Netty's, a RuntimeException
                || type.startsWith("WriteTimeout")) {
            return Outcome.FAILURE;
        }
        if (cause instanceof SocketTimeoutException) {
            return saysConnect(cause) ? Outcome.CONNECTION_FAILURE : Outcome.FAILURE;
        }
        return cause instanceof IOException || isGarbage(cause) ? Outcome.CONNECTION_FAILURE : null;
    }

    /** OkHttp has no class for the time-out of a whole call. */
    private static boolean isTimeOutOfCall(Throwable cause) {
        return cause.getClass() == InterruptedIOException.class && "timeout".equals(cause.getMessage());
    }

    /** What Netty throws where an answer is no HTTP is no I/O error to it. */
    private static boolean isGarbage(Throwable cause) {
        return cause.getClass().getName().startsWith("io.netty.handler.codec.");
    }

    /** The JDK has one type for both time-outs and tells them apart in the message only. */
    private static boolean saysConnect(Throwable cause) {
        String message = cause.getMessage();
        return message != null && message.regionMatches(true, 0, "connect", 0, "connect".length());
    }
}
