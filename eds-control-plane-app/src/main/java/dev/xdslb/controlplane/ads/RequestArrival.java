/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request of one stream has begun to arrive and is not whole. Until it is, the transport keeps what has come: a
 * client that begins requests and never ends them would fill the heap for good.
 *
 * <p>Written by the transport's thread, read by the stream's executor.
 */
final class RequestArrival extends ServerStreamTracer {
    /** The largest request needs 4.5 Mbit/s. */
    static final Duration LONGEST = Duration.ofSeconds(30);

    private static final Context.Key<RequestArrival> OF_CALL =
            Context.key("dev.xdslb.controlplane.ads.request-arrival");

    private final StreamContext.NanoClock nanoClock;
    private volatile long begunAtNanos;
    private volatile boolean arriving; // written after the time

    private RequestArrival(StreamContext.NanoClock nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Makes the server's calls have one. */
    static ServerStreamTracer.Factory factory(StreamContext.NanoClock nanoClock) {
        return new ServerStreamTracer.Factory() {
            @Override
            public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
                return new RequestArrival(nanoClock);
            }
        };
    }

    /** Returns that of the call which is being started; null on a server without the factory. */
    static @Nullable RequestArrival ofCall() {
        return OF_CALL.get();
    }

    @Override
    public Context filterContext(Context context) {
        return context.withValue(OF_CALL, this);
    }

    /** The length of a message has come. */
    @Override
    public void inboundMessage(int sequence) {
        begunAtNanos = nanoClock.nanoTime();
        arriving = true;
    }

    @Override
    public void inboundMessageRead(int sequence, long wireSize, long size) {
        arriving = false;
    }

    boolean isOverdue(long nowNanos) {
        return arriving && nowNanos - begunAtNanos >= LONGEST.toNanos();
    }
}
