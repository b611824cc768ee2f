/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A call of any kind, and what becomes of it. All that the caller has to say is said at once. */
final class MatrixCall extends ClientCall.Listener<String> {
    private static final int SECONDS = 30;

    private final ClientCall<String, String> call;
    private final CompletableFuture<Void> headers = new CompletableFuture<>();
    private final CompletableFuture<String> message = new CompletableFuture<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();

    private MatrixCall(ClientCall<String, String> call) {
        this.call = call;
    }

    static MatrixCall start(Channel channel, MethodType kind, CallOptions options) {
        MatrixCall started = new MatrixCall(channel.newCall(MatrixServer.method(kind), options));
        started.call.start(started, new Metadata());
        started.call.request(Integer.MAX_VALUE);
        started.call.sendMessage("one");
        if (!kind.clientSendsOneMessage()) {
            started.call.sendMessage("two");
        }
        started.call.halfClose();
        return started;
    }

    void cancel() {
        call.cancel("by the test", null);
    }

    void awaitHeaders() {
        assertThat(headers).succeedsWithin(SECONDS, TimeUnit.SECONDS);
    }

    void awaitMessage() {
        assertThat(message).succeedsWithin(SECONDS, TimeUnit.SECONDS);
    }

    Status.Code code() {
        return status().getCode();
    }

    Status status() {
        return end.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    boolean isOver() {
        return end.isDone();
    }

    @Override
    public void onHeaders(Metadata received) {
        headers.complete(null);
    }

    @Override
    public void onMessage(@Nullable String received) {
        message.complete(received);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        end.complete(status);
    }
}
