/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.concurrent.atomic.AtomicBoolean;

/** One request under way. Told by a {@link Caller} where it went and, exactly once, how it ended. */
final class MeasuredRequest {
    /** Where a request that never reached a pod is counted. */
    static final String NOWHERE = "";

    private final Measurements measurements;
    private final ClientKind client;
    private final Window.Counts counts;
    private final long startedAt;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile String pod = NOWHERE;

    MeasuredRequest(Measurements measurements, ClientKind client, Window.Counts counts, long startedAt) {
        this.measurements = measurements;
        this.client = client;
        this.counts = counts;
        this.startedAt = startedAt;
    }

    /** Says that the client is about to send it to a pod. */
    void sentTo(String pod) {
        this.pod = pod;
        measurements.sent(this, pod);
    }

    void succeeded() {
        end(true);
    }

    void failed() {
        end(false);
    }

    ClientKind client() {
        return client;
    }

    Window.Counts counts() {
        return counts;
    }

    long startedAt() {
        return startedAt;
    }

    String pod() {
        return pod;
    }

    private void end(boolean succeeded) {
        if (ended.compareAndSet(false, true)) {
            measurements.ended(this, succeeded);
        }
    }
}
