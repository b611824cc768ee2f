/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls one address up to two hundred times a second: what somebody does who has an Envoy before the pods. */
final class GrpcCalls implements AutoCloseable {

    private static final int PAUSE_MS = 5; // as the clients of other languages have it

    private final ManagedChannel channel;
    private final ExecutorService caller = Executors.newSingleThreadExecutor(task -> new Thread(task, "grpc-calls"));
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();

    /**
     * Begins.
     *
     * @param userAgent what the caller says of itself
     */
    GrpcCalls(String address, String userAgent) {
        this(address, address, userAgent);
    }

    /**
     * Begins.
     *
     * @param authority the host that is asked for
     * @param userAgent what the caller says of itself
     */
    GrpcCalls(String address, String authority, String userAgent) {
        channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create())
                .overrideAuthority(authority)
                .userAgent(userAgent)
                .build();
        caller.execute(() -> {
            while (!caller.isShutdown()) {
                call();
            }
        });
    }

    private void call() {
        try {
            ClientCalls.blockingUnaryCall(
                    channel, Bytes.CHECK, CallOptions.DEFAULT.withDeadlineAfter(5, TimeUnit.SECONDS), new byte[0]);
            answered.incrementAndGet();
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        } catch (StatusRuntimeException failure) {
            if (!caller.isShutdown()) {
                failed.incrementAndGet();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    int answered() {
        return answered.get();
    }

    int failed() {
        return failed.get();
    }

    @Override
    public void close() {
        caller.shutdownNow();
        channel.shutdownNow();
    }
}
