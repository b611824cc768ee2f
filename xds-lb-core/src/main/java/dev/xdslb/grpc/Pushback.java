/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import io.grpc.Metadata;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What an endpoint says in its trailers about when to try again (gRFC A6). */
final class Pushback {
    static final Metadata.Key<String> KEY = Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    private Pushback() {}

    /** Returns for how long the endpoint asks to be left alone, zero for "do not retry" and what is no number; null where it does not. */
    static @Nullable Duration in(Metadata trailers) {
        String value = trailers.get(KEY);
        if (value == null) {
            return null;
        }
        try {
            return Duration.ofMillis(Math.max(0, Long.parseLong(value.strip())));
        } catch (NumberFormatException e) { // to be taken for "do not retry", says A6
            return Duration.ZERO;
        }
    }
}
