/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How one request of the load ended.
 *
 * @param sentAt {@link System#nanoTime()} when it was sent
 * @param endedAt the same when the answer, or the failure, was there
 * @param status the HTTP status, 0 when there was none
 * @param body the answer's body, or what the failure says of itself
 * @param pod the pod that answered; null when none did
 */
record Answer(
        long sentAt,
        long endedAt,
        int status,
        String body,
        @Nullable String pod) {

    private static final Pattern POD = Pattern.compile("\"pod\":\"([^\"]+)\"");

    static Answer of(long sentAt, long endedAt, int status, String body) {
        Matcher pod = POD.matcher(body);
        return new Answer(sentAt, endedAt, status, body, status == 200 && pod.find() ? pod.group(1) : null);
    }

    static Answer none(long sentAt, long endedAt, Throwable failure) {
        return new Answer(sentAt, endedAt, 0, failure.toString(), null);
    }

    boolean failed() {
        return pod == null;
    }
}
