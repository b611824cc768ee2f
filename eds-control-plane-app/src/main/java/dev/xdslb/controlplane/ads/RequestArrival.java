/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request of one stream has begun to arrive and is not whole, and how many bytes of it are kept: by the transport until it
 * is whole, and then decoded until it is worked on. A client that begins requests and never ends them would fill the heap for good,
 * and so would many who send theirs at the same time.
 *
 * <p>Written by the transport's thread, read by the stream's executor and by who sheds streams. The executor takes the bytes away.
 */
final class RequestArrival extends ServerStreamTracer {
    /** The largest request needs 4.5 Mbit/s. */
    static final Duration LONGEST = Duration.ofSeconds(30);

    private static final Context.Key<RequestArrival> OF_CALL =
            Context.key("dev.xdslb.controlplane.ads.request-arrival");

    /** Of a part that arrives by itself: its buffer, and what holds that. */
    private static final int BYTES_PER_PART = 256;

    /** Of a request that is worked on in a moment: what clients answer, and what most of them ask for. */
    private static final int SMALL_BYTES = 16 * 1024;

    private final StreamContext.NanoClock nanoClock;
    private final AtomicLong held = new AtomicLong();
    private long wire; // of the message that arrives; one thread at a time, as the next
    private long uncompressed;
    private @Nullable SharedBudget budget; // null until the call is a stream; set before anything can arrive
    private volatile boolean ended;
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

    /** Counts what arrives in this budget. To be called before the first request is asked for. */
    void countIn(SharedBudget shared) {
        budget = shared;
    }

    /** The length of a message has come. */
    @Override
    public void inboundMessage(int sequence) {
        begunAtNanos = nanoClock.nanoTime();
        arriving = true;
        wire = 0;
        uncompressed = 0;
    }

    /** So many bytes of a message have come. */
    @Override
    public void inboundWireSize(long bytes) {
        wire += bytes;
        hold(bytes + BYTES_PER_PART);
    }

    /** So many bytes of a message are there once it is inflated, which of one that is not compressed are the same once more. */
    @Override
    public void inboundUncompressedSize(long bytes) {
        long counted = Math.max(0, uncompressed - wire);
        uncompressed += bytes;
        long more = Math.max(0, uncompressed - wire) - counted;
        if (more > 0) {
            hold(more);
        }
    }

    private void hold(long bytes) {
        SharedBudget shared = budget;
        if (shared != null) {
            held.addAndGet(bytes);
            shared.add(bytes);
            if (ended) {
                worked();
            }
        }
    }

    @Override
    public void inboundMessageRead(int sequence, long wireSize, long size) {
        arriving = false;
    }

    /** Nothing of what has arrived is kept any more. */
    void worked() {
        SharedBudget shared = budget;
        if (shared != null) {
            shared.remove(held.getAndSet(0));
        }
    }

    /** The stream has ended, and what was still to be worked on is gone. */
    void ended() {
        ended = true;
        arriving = false;
        worked();
    }

    /** Whether all streams together keep so much that a request which is whole, and no small one, is not to be worked on. */
    boolean isTooMuch() {
        SharedBudget shared = budget;
        return shared != null && !isSmall(held.get()) && shared.isOver();
    }

    /** Returns how many bytes are kept of a request that is not whole. */
    long arrivingBytes() {
        return arriving ? held.get() : 0;
    }

    /** Whether so many bytes are those of a request that is whole in a moment, if its client means it. */
    static boolean isSmall(long bytes) {
        return bytes <= SMALL_BYTES;
    }

    long begunAtNanos() {
        return begunAtNanos;
    }

    boolean isOverdue(long nowNanos) {
        return arriving && nowNanos - begunAtNanos >= LONGEST.toNanos();
    }
}
