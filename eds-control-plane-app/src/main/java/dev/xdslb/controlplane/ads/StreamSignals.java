/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Is told what happens on all streams, to measure it. Called by the streams' threads and by the one that applies changes:
 * does not wait and does not throw. A type is null when it is none that is served.
 */
public interface StreamSignals {

    /** Measures nothing. */
    StreamSignals NONE = new StreamSignals() {};

    /** A stream was taken; {@link #closed} follows. */
    default void opened() {}

    /** A stream has ended, with what it was told or CANCELLED where the client or the connection has ended it. */
    default void closed(Status.Code status) {}

    /** A stream was not taken. */
    default void refused(Status.Code status) {}

    /** A stream is ended because all together have too much of what it has, too: "names" or "requests". */
    default void shed(String what) {}

    /**
     * A response was handed to the transport.
     *
     * @param bytes of its message, without gRPC's and HTTP/2's frames
     */
    default void pushed(@Nullable ResourceType type, int bytes) {}

    /** The oldest change in that response had waited so long since it was announced to the streams. */
    default void queued(@Nullable ResourceType type, Duration time) {}

    /** A response was accepted so long after it was handed to the transport. */
    default void acknowledged(@Nullable ResourceType type, Duration time) {}

    /**
     * A change was accepted by a client.
     *
     * @param time since the change began: never negative, also where the clocks of who tells it and of this machine differ
     */
    default void converged(@Nullable ResourceType type, Duration time) {}

    /** A response was rejected, or once more. */
    default void rejected(@Nullable ResourceType type) {}

    /** A response was neither accepted nor rejected in time. */
    default void unanswered(@Nullable ResourceType type) {}

    /** A request came with the nonce of another response than the last one. */
    default void stale(@Nullable ResourceType type) {}

    /** A change came while an earlier one of the same resource had not been sent: the stream sends one for both. */
    default void coalesced(@Nullable ResourceType type) {}

    /** Returns the time between two readings of clocks that may differ. */
    static Duration between(Instant since, Instant now) {
        return since.isAfter(now) ? Duration.ZERO : Duration.between(since, now);
    }
}
