/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One call, and what its caller does with the answer. */
final class Caller {
    private final Outcome outcome;
    private final String service;

    /** Completed with the first part of the body, as far as the caller looks. */
    private final CompletableFuture<Void> begun = new CompletableFuture<>();

    /** Until then a caller that reads late, or listens for events, does nothing. */
    private final CompletableFuture<Void> patience = new CompletableFuture<>();

    private volatile @Nullable Runnable cancel; // null - an interrupt

    Caller(Outcome outcome, String service) {
        this.outcome = outcome;
        this.service = service;
    }

    Outcome outcome() {
        return outcome;
    }

    String service() {
        return service;
    }

    String path() {
        return '/' + outcome.path() + '/' + service;
    }

    CompletableFuture<Void> begun() {
        return begun;
    }

    CompletableFuture<Void> patience() {
        return patience;
    }

    /** Says how to cancel where an interrupt does not. */
    void cancelledBy(Runnable how) {
        cancel = how;
    }

    void cancel(Thread thread) {
        Runnable how = cancel;
        if (how == null) {
            thread.interrupt();
        } else {
            how.run();
        }
    }

    /** Looks at the status: who tries again has an exception of his own for a failure. */
    void look(int status) {
        if (outcome.isRetried() && status >= 500) {
            throw new IllegalStateException("to be tried again: " + status);
        }
    }

    /** Uses an answer. */
    void use(InputStream body) throws IOException {
        switch (outcome) {
            case NEVER_READ, NEVER_CLOSED -> begun.complete(null);
            case HALF_READ -> read(body);
            case CANCEL_WITHIN_BODY -> {
                read(body);
                readAll(body);
            }
            case EVENTS -> {
                read(body);
                patience.join();
            }
            case WEB_SOCKET -> {
                begun.complete(null);
                patience.join();
            }
            case READ_LATE -> {
                begun.complete(null);
                patience.join();
                readAll(body);
            }
            default -> readAll(body);
        }
    }

    private void read(InputStream body) throws IOException {
        if (body.readNBytes(Pod.BODY.length()).length > 0) {
            begun.complete(null);
        }
    }

    private static void readAll(InputStream body) throws IOException {
        body.transferTo(OutputStream.nullOutputStream());
    }
}
