/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Who asks for the status of clients. One thread answers; the transport's threads may end the call meanwhile, and after its end
 * nothing is sent.
 */
final class StatusCaller {
    private static final long READ_TIMEOUT_SECONDS = 10;

    private final ServerCallStreamObserver<ClientStatusResponse> call;
    private final Semaphore ready = new Semaphore(0);
    private boolean ended; // guarded by this

    StatusCaller(ServerCallStreamObserver<ClientStatusResponse> call) {
        this.call = call;
        call.setOnReadyHandler(ready::release);
        call.setOnCancelHandler(ready::release);
    }

    /** Sends as soon as the caller reads; waits for that, for a limited time. */
    void send(ClientStatusResponse response) throws StatusException {
        try {
            while (!call.isReady() && !call.isCancelled()) {
                if (!ready.tryAcquire(READ_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                    throw Status.DEADLINE_EXCEEDED
                            .withDescription("the answer was not read for " + READ_TIMEOUT_SECONDS + " s")
                            .asException();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Status.UNAVAILABLE
                    .withDescription("the control plane is shutting down")
                    .asException();
        }
        synchronized (this) {
            if (ended || call.isCancelled()) {
                throw Status.CANCELLED.asException();
            }
            call.onNext(response);
        }
    }

    synchronized void complete() {
        if (!ended) {
            ended = true;
            call.onCompleted();
        }
    }

    synchronized void fail(StatusException why) {
        if (!ended) {
            ended = true;
            call.onError(why);
        }
    }
}
