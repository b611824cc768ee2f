/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A raw client: sends exactly what it is told, and keeps what comes. */
class TestStream<Q, R> {
    private static final long PATIENCE_SECONDS = 20;

    private final ClientCall<Q, R> call;
    private final BlockingQueue<R> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();

    TestStream(Channel channel, MethodDescriptor<Q, R> method, boolean reading) {
        this(channel, method, reading, CallOptions.DEFAULT);
    }

    TestStream(Channel channel, MethodDescriptor<Q, R> method, boolean reading, CallOptions options) {
        call = channel.newCall(method, options);
        call.start(
                new ClientCall.Listener<R>() {
                    @Override
                    public void onMessage(R message) {
                        received.add(message);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                new Metadata());
        if (reading) {
            resumeReading();
        }
    }

    final void resumeReading() {
        call.request(Integer.MAX_VALUE);
    }

    final void send(Q request) {
        call.sendMessage(request);
    }

    final void halfClose() {
        call.halfClose();
    }

    final void cancel() {
        call.cancel("by the test", null);
    }

    final R next() {
        try {
            R response = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(response)
                    .as("a response (stream ended: %s)", end.getNow(null))
                    .isNotNull();
            return response;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns what has come, or comes within a millisecond; null where nothing does. */
    final @Nullable R poll() {
        try {
            return received.poll(1, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    final void expectNothingReceived() {
        assertThat(received).isEmpty();
    }

    final Status awaitEnd() {
        try {
            return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("the stream has not ended", e);
        }
    }

    final boolean hasEnded() {
        return end.isDone();
    }
}
