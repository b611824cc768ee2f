/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import dev.xdslb.cluster.FailureStatuses;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * What status and headers of a response say, before its body: the outcome, as far as the body does not end it otherwise, and
 * whether what follows is a stream, whose length is not the endpoint's doing. Immutable.
 */
final class ResponseHead {
    /**
     * A response that is longer than this, in bytes, is a stream: above it, what a caller can take decides how long it lasts.
     * A megabyte takes 80 ms at 100 Mbit/s.
     */
    static final long LONGEST_BOUNDED = 1 << 20;

    private static final int SWITCHING_PROTOCOLS = 101;
    private static final List<Integer> HAVE_NO_BODY = List.of(SWITCHING_PROTOCOLS, 204, 304);
    private static final long UNKNOWN = -1;
    private static final List<String> STREAMS = List.of(
            "text/event-stream",
            "application/x-ndjson",
            "application/ndjson",
            "application/stream+json",
            "application/json-seq",
            "application/grpc", // with +proto, -web and all others
            "multipart/x-mixed-replace");

    private final Outcome outcome;
    private final Duration retryAfter;
    private final boolean stream;
    private final boolean openEnded; // a stream by its kind, not for its length
    private final long length; // of the body, in bytes; UNKNOWN where it is not known

    private ResponseHead(Outcome outcome, Duration retryAfter, boolean stream, boolean openEnded, long length) {
        this.outcome = outcome;
        this.retryAfter = retryAfter;
        this.stream = stream;
        this.openEnded = openEnded;
        this.length = length;
    }

    /** Reads what is there; headers that cannot be read say nothing. */
    static ResponseHead of(int status, HttpHeaders headers, FailureStatuses failures) {
        String retryAfter = headers.getFirst(RetryAfter.NAME);
        Outcome outcome = HttpOutcomes.of(status, retryAfter != null, failures);
        Duration wait = outcome == Outcome.REFUSED ? RetryAfter.parse(retryAfter, Instant.now()) : Duration.ZERO;
        long length = length(headers.getFirst(HttpHeaders.CONTENT_LENGTH));
        boolean openEnded = status == SWITCHING_PROTOCOLS || isStream(headers.getFirst(HttpHeaders.CONTENT_TYPE));
        boolean stream = openEnded || length > LONGEST_BOUNDED;
        boolean isEncoded = headers.getFirst(HttpHeaders.CONTENT_ENCODING) != null; // what is read may be shorter
        return new ResponseHead(
                outcome, wait, stream, openEnded, isEncoded || HAVE_NO_BODY.contains(status) ? UNKNOWN : length);
    }

    /** Returns what the response is, where its body comes to its end. */
    Outcome outcome() {
        return outcome;
    }

    boolean isSuccess() {
        return outcome == Outcome.SUCCESS;
    }

    /** Returns whether nobody knows when the next part of the body is due, as of events. */
    boolean isOpenEnded() {
        return openEnded;
    }

    /** Returns for how long the endpoint asked to be left alone; zero where it did not. */
    Duration retryAfter() {
        return retryAfter;
    }

    /** Tells the request that it is answered, where it is answered well. */
    void tell(Lease lease) {
        if (outcome == Outcome.SUCCESS) {
            if (stream) {
                lease.becomesStream();
            }
            lease.firstMessage();
        }
    }

    /**
     * Ends the request after its body was read to where the client says that it ends. One that is shorter than it was said to be
     * was cut off; not every client says so, {@code HttpURLConnection} for one does not.
     *
     * @param bytes how much was read
     */
    void end(Lease lease, long bytes) {
        if (bytes < length) {
            lease.end(Outcome.CONNECTION_FAILURE);
        } else {
            end(lease);
        }
    }

    /** Returns the same of a response that has no body although its headers may tell the length of one, as to HEAD. */
    ResponseHead withoutBody() {
        return new ResponseHead(outcome, retryAfter, false, false, UNKNOWN);
    }

    /** Returns the same of a response whose body may have been changed before it is read, and whose length says nothing then. */
    ResponseHead withoutLength() {
        return new ResponseHead(outcome, retryAfter, stream, openEnded, UNKNOWN);
    }

    /** Ends the request after its body, or without looking at it. */
    void end(Lease lease) {
        if (outcome == Outcome.REFUSED) {
            lease.endRefused(retryAfter);
        } else {
            lease.end(outcome);
        }
    }

    /** Ends the request of a caller that does not want the rest. Only what he had is known; a good answer is one all the same. */
    void endGivenUp(Lease lease) {
        if (outcome == Outcome.SUCCESS) {
            lease.end(Outcome.CANCELLED);
        } else {
            end(lease);
        }
    }

    /**
     * Ends the request of a caller who waited for the body and does not want it any more.
     *
     * @param bytes how much of it came
     */
    void endGivenUp(Lease lease, long bytes) {
        if (outcome == Outcome.SUCCESS && bytes == 0) {
            lease.endSilent();
        } else {
            endGivenUp(lease);
        }
    }

    private static boolean isStream(@Nullable String contentType) {
        if (contentType == null) {
            return false;
        }
        String lower = contentType.strip().toLowerCase(Locale.ROOT);
        for (String kind : STREAMS) { // no Stream: once per response
            if (lower.startsWith(kind)) {
                return true;
            }
        }
        return false;
    }

    private static long length(@Nullable String contentLength) {
        if (contentLength == null) {
            return UNKNOWN;
        }
        try {
            return Long.parseLong(contentLength.strip());
        } catch (NumberFormatException e) {
            return UNKNOWN;
        }
    }
}
