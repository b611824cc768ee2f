/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When a new stream may begin. A stream needs a token of its connection and one that all connections share: without the
 * former, one connection that opens stream after stream would keep everybody else waiting, and then out.
 *
 * <pre>
 *  connection 1 ▇▇▇▇▇▇ ──▶ its own bucket ──▶ ▇ ┐
 *  connection 2 ▇      ──▶ its own bucket ──▶ ▇ ┴▶ the shared bucket ──▶ begins, waits, or is refused
 * </pre>
 *
 * <p>Any thread may ask. A call over a transport that was not shown to the filter needs a shared token only.
 */
final class NewStreams extends ServerTransportFilter {
    private static final Attributes.Key<TokenBucket> OF_CONNECTION =
            Attributes.Key.create("dev.xdslb.controlplane.ads.new-streams");

    private final TokenBucket.Rate rateOfConnection;
    private final TokenBucket.Rate rate;
    private final Duration maxWait;
    private final StreamContext.NanoClock nanoClock;
    private final TokenBucket shared;

    /**
     * The answer to a new stream.
     *
     * @param waitNanos until it may begin; of no meaning where it is refused
     * @param refusal null where it may begin
     */
    record Turn(long waitNanos, @Nullable Status refusal) {}

    NewStreams(AdsSettings settings, StreamContext.NanoClock nanoClock) {
        this.rateOfConnection = settings.newStreamsOfConnection();
        this.rate = settings.newStreams();
        this.maxWait = settings.maxStartWait();
        this.nanoClock = nanoClock;
        this.shared = new TokenBucket(rate, nanoClock);
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        return attributes.toBuilder()
                .set(OF_CONNECTION, new TokenBucket(rateOfConnection, nanoClock))
                .build();
    }

    /** Takes what a stream over the connection with these attributes needs. What its connection refuses costs others nothing. */
    Turn next(Attributes connection) {
        TokenBucket own = connection.get(OF_CONNECTION);
        long ownWait = own == null ? 0 : own.take(1, maxWait.toNanos());
        if (ownWait < 0) {
            return refused("new streams on this connection", rateOfConnection);
        }
        long sharedWait = shared.take(1, maxWait.toNanos());
        return sharedWait < 0 ? refused("new streams", rate) : new Turn(Math.max(ownWait, sharedWait), null);
    }

    private Turn refused(String what, TokenBucket.Rate allowed) {
        return new Turn(
                0,
                Status.RESOURCE_EXHAUSTED.withDescription(
                        "too many " + what + ": those before this one take longer than "
                                + maxWait.toSeconds() + " s (expected: at most " + allowed.perSecond()
                                + " per second, and " + allowed.burst() + " at once), try again later"));
    }
}
