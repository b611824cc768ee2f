/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import com.google.rpc.Status;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The turns of one type on one stream: what was sent, whether the client has answered it, and what it answered. One
 * response at a time is unanswered. Confined to the stream's executor.
 */
final class Exchange {
    private static final Logger log = LoggerFactory.getLogger(Exchange.class);

    private final String typeUrl;
    private final Client client;

    private boolean awaitingAck;
    private long sentAtNanos;
    private String lastNonce = "";
    private StreamView.@Nullable NackView lastNack; // of the last response, or of one before it
    private boolean rejecting; // the last answer was a NACK

    private long requests;
    private long responses;
    private long resources;
    private long removals;
    private long bytes;
    private long acks;
    private long nacks;
    private long staleNonces;

    Exchange(String typeUrl, Client client) {
        this.typeUrl = typeUrl;
        this.client = client;
    }

    boolean isFirstRequest() {
        return requests == 1;
    }

    boolean isAwaitingAck() {
        return awaitingAck;
    }

    boolean hasSent() {
        return responses > 0;
    }

    /**
     * Takes what a request says of the last response. A nonce that is not the last response's says nothing of it: the
     * client had not seen it yet.
     */
    void received(String nonce, @Nullable Status error, Instant now) {
        requests++;
        if (nonce.isEmpty()) {
            return;
        }
        if (!nonce.equals(lastNonce)) {
            staleNonces += isFirstRequest() ? 0 : 1; // the first one may bring a nonce of an earlier stream
            return;
        }
        if (!awaitingAck && error == null) {
            return; // a change of names, said with the nonce of a response that was answered before
        }
        awaitingAck = false;
        if (error == null) {
            acks++;
            rejecting = false;
        } else {
            nacks++;
            rejected(new StreamView.NackView(nonce, error.getCode(), error.getMessage(), now));
        }
    }

    void sent(Push push, long nowNanos) {
        awaitingAck = true;
        sentAtNanos = nowNanos;
        lastNonce = push.nonce();
        responses++;
        resources += push.resources().size();
        removals += push.removed().size();
        bytes += push.size();
    }

    /** Stops waiting for an answer that does not come, so that later changes are not held back for good. */
    void giveUpWaiting(long nowNanos, long timeoutNanos) {
        if (awaitingAck && nowNanos - sentAtNanos >= timeoutNanos) {
            awaitingAck = false;
        }
    }

    StreamView.Counts counts() {
        return new StreamView.Counts(requests, responses, resources, removals, bytes, acks, nacks, staleNonces);
    }

    @Nullable
    String unansweredNonce() {
        return awaitingAck ? lastNonce : null;
    }

    StreamView.@Nullable NackView lastNack() {
        return lastNack;
    }

    private void rejected(StreamView.NackView nack) {
        if (!rejecting || lastNack == null || !lastNack.message().equals(nack.message())) {
            log.warn(
                    "Client {} ({}) rejected {} with nonce {}: {}. It keeps what it had until the content changes.",
                    client.nodeId(),
                    client.userAgent(),
                    typeUrl,
                    nack.nonce(),
                    nack.message());
        }
        rejecting = true;
        lastNack = nack;
    }
}
