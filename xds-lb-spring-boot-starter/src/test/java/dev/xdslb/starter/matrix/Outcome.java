/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import java.util.Locale;

/** What may become of a request: the rows of the matrix. */
enum Outcome {
    OK("2xx"),
    MISSING("4xx"),
    BUSY("429"),
    ERROR("5xx"),
    LATER("503 with `Retry-After`"),
    REFUSED("connection refused"),
    RESET("reset within the body"),
    STUCK("connect time-out"),
    HANG("read time-out"),
    CANCEL_BEFORE_HEADERS("caller cancels before the headers", "hang"),
    CANCEL_WITHIN_BODY("caller cancels within the body", "half"),
    NEVER_READ("body never read, response closed", "long"),
    NEVER_CLOSED("body never read, response never closed", "half"),
    READ_LATE("body read late", "long"),
    HALF_READ("body half read, then closed", "long"),
    THROWS_BEFORE("a filter of the user's throws before the request", "ok"),
    THROWS_AFTER("a filter of the user's throws after the answer", "ok"),
    RETRIED("failure, then a retry that succeeds", "flaky"),
    RETRIES_EXHAUSTED("two retries that fail, too", "error"),
    NO_ENDPOINT("no endpoint", "ok"),
    EVENTS("server-sent events until the caller leaves", "events"),
    CLOSED("context closed with the request in flight", "hang"),
    WEB_SOCKET("upgrade to WebSocket", "socket");

    private final String title;
    private final String path;

    Outcome(String title) {
        this.title = title;
        this.path = name().toLowerCase(Locale.ROOT);
    }

    Outcome(String title, String path) {
        this.title = title;
        this.path = path;
    }

    /** Returns what the table says. */
    String title() {
        return title;
    }

    /** Returns what the pod is asked for. */
    String path() {
        return path;
    }

    /** Returns what a filter of the application's is told by a header. */
    String orders() {
        return this == THROWS_BEFORE || this == THROWS_AFTER ? name() : "";
    }

    boolean isRetried() {
        return this == RETRIED || this == RETRIES_EXHAUSTED;
    }

    /** Returns the name of a service of its own. */
    String service(String client) {
        return (name() + '-' + client).toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
