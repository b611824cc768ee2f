/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import com.google.rpc.Status;
import java.time.Duration;
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

    /** Of one stream and type in a minute: who refuses more is counted, and shown at {@code /debug/streams}. */
    private static final int MAX_WARNINGS = 5;

    private static final Duration WARNINGS_WINDOW = Duration.ofMinutes(1);

    private final @Nullable ResourceType type;
    private final String typeUrl;
    private final Client client;
    private final StreamContext context;

    private boolean awaitingAck;
    private long sentAtNanos;
    private @Nullable Instant unanswered; // when the oldest change in the unanswered response began; null - not known
    private String lastNonce = "";
    private String rejectedNonce = "";
    private Instant warningsSince = Instant.MIN;
    private int warnings; // since then
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

    /** What a request says of the last response. */
    enum Answer {
        NONE,
        ACCEPTED,
        REFUSED
    }

    Exchange(@Nullable ResourceType type, String typeUrl, Client client, StreamContext context) {
        this.type = type;
        this.context = context;
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
    Answer received(String nonce, @Nullable Status error, Instant now) {
        requests++;
        if (nonce.isEmpty()) {
            return Answer.NONE;
        }
        if (!nonce.equals(lastNonce)) {
            if (!isFirstRequest()) { // the first one may bring a nonce of an earlier stream
                staleNonces++;
                context.signals().stale(type);
            }
            return Answer.NONE;
        }
        if (error != null) {
            nacks++;
            context.signals().rejected(type);
        }
        // A change of names is said with the nonce of a response that was answered before; a refusal may be repeated.
        if (!awaitingAck && (error == null || nonce.equals(rejectedNonce))) {
            return Answer.NONE;
        }
        awaitingAck = false;
        if (error == null) {
            accepted(now);
            return Answer.ACCEPTED;
        } else {
            rejectedNonce = nonce;
            rejected(new StreamView.NackView(nonce, error.getCode(), ClientText.shown(error.getMessage()), now));
            return Answer.REFUSED;
        }
    }

    /**
     * Notes a response that was handed to the transport.
     *
     * @param oldest of the changes in it; null where it tells of none
     */
    void sent(Push push, long nowNanos, @Nullable Announcement oldest) {
        int size = push.size();
        context.signals().pushed(type, size);
        if (oldest != null) {
            context.signals().queued(type, Duration.ofNanos(nowNanos - oldest.atNanos()));
        }
        unanswered = oldest == null ? null : oldest.since();
        awaitingAck = true;
        sentAtNanos = nowNanos;
        lastNonce = push.nonce();
        responses++;
        resources += push.resources().size();
        removals += push.removed().size();
        bytes += size;
    }

    /** Stops waiting for an answer that does not come, so that later changes are not held back for good. */
    void giveUpWaiting(long nowNanos, long timeoutNanos) {
        if (awaitingAck && nowNanos - sentAtNanos >= timeoutNanos) {
            awaitingAck = false;
            context.signals().unanswered(type);
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

    private void accepted(Instant now) {
        acks++;
        rejecting = false;
        context.signals()
                .acknowledged(type, Duration.ofNanos(context.nanoClock().nanoTime() - sentAtNanos));
        if (unanswered != null) {
            context.signals().converged(type, StreamSignals.between(unanswered, now));
        }
    }

    private void rejected(StreamView.NackView nack) {
        boolean isNew = !rejecting || lastNack == null || !lastNack.message().equals(nack.message());
        if (isNew && mayWarn(nack.at())) {
            log.warn(
                    "Client {} ({}) rejected {} with nonce {}: {}. It keeps what it had until the content changes.",
                    ClientText.shown(client.nodeId()),
                    ClientText.shown(client.userAgent()),
                    ClientText.shown(typeUrl),
                    nack.nonce(),
                    nack.message());
        }
        rejecting = true;
        lastNack = nack;
    }

    private boolean mayWarn(Instant now) {
        if (warningsSince.isBefore(now.minus(WARNINGS_WINDOW))) {
            warningsSince = now;
            warnings = 0;
        }
        return warnings++ < MAX_WARNINGS;
    }
}
