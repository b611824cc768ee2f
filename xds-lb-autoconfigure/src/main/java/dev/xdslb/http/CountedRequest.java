/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import dev.xdslb.cluster.FailureStatuses;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.springcloud.PickedServiceInstance;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.http.HttpHeaders;

/**
 * One attempt of one HTTP request, counted in flight from the moment when it goes out until it is ended here. Each kind of client
 * tells what it sees; what that says about the endpoint is decided here, so that it is the same for all of them. There is no
 * other way to count an HTTP request.
 *
 * <pre>
 *  {@link #to} ──▶ {@link #answered} ──▶ {@link #awaitsBody} ──▶ {@link #bodyRead} … ──▶ {@link #completed}
 *    │                │                  │                  │
 *    └────────────────┴──────────────────┴──────────────────┴──▶ {@link #closed}, {@link #givenUp}, {@link #failed}, {@link #discarded}
 * </pre>
 *
 * <p>The first end counts, and whatever comes after it changes nothing: a client may tell all that it sees, in any order, and
 * had better tell an end twice than never. Each attempt of a retry is an object of its own; a client that drops an answer to try
 * again has {@link #closed} the attempt before.
 *
 * <p><b>Who is to blame.</b> A client that knows that something of its own went wrong says {@link #discarded} as soon as it
 * knows, before the exception that follows from it comes by: its own body could not be read, the connection of a gateway's
 * caller broke. All other exceptions go to {@link #failed}, as they were thrown, with their causes; it knows the usual ones of a
 * caller's own, such as those of a full pool of connections. An exception that a client wraps around <em>all</em> failures must be
 * taken off where it is also what a nested call would throw ({@code ResourceAccessException}).
 *
 * <p><b>Writers:</b> any threads; the body by one at a time, in its order. <b>Readers:</b> those that end it.
 */
public final class CountedRequest {
    private static final int SWITCHING_PROTOCOLS = 101;

    private final Lease lease;
    private final FailureStatuses failures;
    private final @Nullable String host; // of the endpoint; null - nothing is known of it
    private final @Nullable LinkedAttempt
            attempt; // null - no later attempt asks for it, or the client tells it by itself
    private volatile @Nullable ResponseHead head; // null - no answer yet
    private volatile boolean bodyAwaited;
    private volatile boolean callerAwaited;
    private volatile long bodyBytes; // read so far

    CountedRequest(Lease lease, FailureStatuses failures) {
        this(lease, failures, null, null);
    }

    private CountedRequest(
            Lease lease, FailureStatuses failures, @Nullable String host, @Nullable LinkedAttempt attempt) {
        this.lease = lease;
        this.failures = failures;
        this.host = host;
        this.attempt = attempt;
    }

    /**
     * Counts a request that goes out now.
     *
     * @param instance the chosen one, or whatever it was wrapped into
     * @return null where another balancer chose it, and nothing is to be counted
     */
    public static @Nullable CountedRequest to(@Nullable ServiceInstance instance) {
        PickedServiceInstance picked = PickedServiceInstance.in(instance);
        return picked == null ? null : to(picked);
    }

    /** Counts a request that goes out now. */
    public static CountedRequest to(PickedServiceInstance picked) {
        String host = picked.getHost(); // the application's own code, which may throw: before the lease
        return new CountedRequest(picked.lease(), picked.failureStatuses(), host, LinkedAttempt.ofThread(picked));
    }

    /**
     * Says that the endpoint waits for the rest of the request, which a gateway's caller has not sent yet. How long that takes says
     * nothing about the endpoint.
     */
    public void awaitsCaller() {
        if (lease.becomesStream()) {
            callerAwaited = true;
        }
    }

    /** Says that the gateway's caller has sent what was awaited: from now on it is the endpoint that owes something. */
    public void awaitsEndpoint() {
        if (callerAwaited) {
            callerAwaited = false;
            lease.startsAnew();
        }
    }

    /** Says that status and headers are there. */
    public void answered(int status, HttpHeaders headers) {
        answered(ResponseHead.of(status, headers, failures));
    }

    /**
     * Says that status and headers are there, of a client that fails by itself where the body is shorter than they say. How much of it
     * is read does not matter then: a filter between the client and here may have made it shorter.
     */
    public void answeredToCheckingClient(int status, HttpHeaders headers) {
        answered(ResponseHead.of(status, headers, failures).withoutLength());
    }

    /** Says that status and headers of an answer are there that has no body though its headers may tell the length of one: to HEAD. */
    public void answeredWithoutBody(int status, HttpHeaders headers) {
        answered(ResponseHead.of(status, headers, failures).withoutBody());
    }

    /** Says that both sides have changed to another protocol, such as WebSocket: what follows lasts for as long as they like. */
    public void upgraded() {
        answered(SWITCHING_PROTOCOLS, new HttpHeaders());
    }

    private void answered(ResponseHead newHead) {
        head = newHead;
        if (attempt != null && !newHead.isSuccess()) {
            attempt.failed();
        }
        newHead.tell(lease);
    }

    /**
     * Says that from now on somebody waits for the body. Who {@link #givenUp gives up} then has waited for the endpoint; who
     * {@link #closed closes} before that has all that he wanted.
     */
    public void awaitsBody() {
        bodyAwaited = true;
    }

    /** Returns whether there is an answer, and a good one as far as it is known. */
    public boolean isAnsweredWell() {
        ResponseHead known = head;
        return known != null && known.isSuccess();
    }

    /** Returns whether somebody waits for the body, and will tell how that ends. */
    public boolean isBodyAwaited() {
        return bodyAwaited;
    }

    /**
     * Counts more of the body. One of unknown length is a stream once it is longer than a mebibyte.
     *
     * @param more in bytes; 0 or less is nothing
     */
    public void bodyRead(long more) {
        if (more <= 0) {
            return;
        }
        long before = bodyBytes;
        long after = before + more;
        bodyBytes = after;
        if (before == 0) {
            lease.firstByte();
        }
        if (before <= ResponseHead.LONGEST_BOUNDED && after > ResponseHead.LONGEST_BOUNDED) {
            lease.becomesStream();
        }
    }

    /**
     * Ends the request with its body, where the client says that it ends: a body that is shorter than its headers said was cut
     * off. Without an answer it was never sent.
     */
    public void completed() {
        ResponseHead known = head;
        if (known == null) {
            lease.discard();
        } else {
            if (attempt != null && known.isSuccess()) {
                attempt.answered();
            }
            known.end(lease, bodyBytes);
        }
    }

    /** Ends the request of a caller who has what he wanted, or does not want the rest. Nobody was kept waiting. */
    public void closed() {
        ResponseHead known = head;
        if (known == null) {
            lease.end(Outcome.CANCELLED);
            return;
        }
        if (attempt != null && known.isSuccess() && !lease.hasEnded()) { // who reads what the headers say sees no end
            attempt.answered();
        }
        if (bodyAwaited) {
            known.endGivenUp(lease);
        } else {
            known.end(lease);
        }
    }

    /**
     * Ends the request of a caller who does not wait any longer: a cancel, an interrupt. Time-outs of libraries look the same;
     * where nothing had come yet, how long the endpoint had been given tells them apart.
     */
    public void givenUp() {
        ResponseHead known = head;
        if (attempt != null && (known == null || bodyBytes == 0)) {
            attempt.failed();
        }
        if (known == null) {
            lease.end(Outcome.CANCELLED);
        } else if (bodyAwaited) {
            known.endGivenUp(lease, bodyBytes);
        } else {
            known.endGivenUp(lease);
        }
    }

    /**
     * Ends the request as an exception says: an I/O error or a time-out of the endpoint, an interrupt as {@link #givenUp}, and
     * the caller's own doing as {@link #discarded}. So is what is no I/O error at all, as exceptions of filters and interceptors.
     * A host name that is not known is a connection that could not be made where it is the endpoint's, and the caller's otherwise.
     * A time-out within a stream of events that had begun is the caller's patience: no event was due at any moment.
     */
    public void failed(Throwable failure) {
        Outcome outcome = HttpOutcomes.of(failure, host);
        if (attempt != null && outcome != null) {
            if (isStreamUnderWay()) {
                attempt.lost();
            } else {
                attempt.failed();
            }
        }
        if (outcome == null) {
            discarded();
        } else if (outcome == Outcome.CANCELLED || (outcome == Outcome.FAILURE && isStreamUnderWay())) {
            givenUp();
        } else {
            lease.end(outcome);
        }
    }

    /**
     * Ends the request as {@link #failed} does, of a gateway whose own caller still owes a part of the body: what came too late
     * then is that part, not the answer. A connection that is lost is the endpoint's all the same.
     */
    public void failedWhileReceiving(Throwable failure) {
        if (HttpOutcomes.of(failure, host) == Outcome.CONNECTION_FAILURE) {
            failed(failure);
        } else {
            discarded();
        }
    }

    /** Returns whether a stream of events, or another one of which nobody knows when the next part is due, has begun. */
    public boolean isStreamUnderWay() {
        ResponseHead known = head;
        return known != null && known.isSuccess() && known.isOpenEnded() && bodyBytes > 0;
    }

    /**
     * Ends a request that was not sent, or went wrong by the caller's own doing: says nothing about the endpoint, but for an
     * answer that it has given before.
     */
    public void discarded() {
        ResponseHead known = head;
        if (known == null || known.isSuccess()) {
            lease.discard();
        } else {
            known.end(lease);
        }
    }

    /** Returns whether it was ended. */
    public boolean hasEnded() {
        return lease.hasEnded();
    }
}
