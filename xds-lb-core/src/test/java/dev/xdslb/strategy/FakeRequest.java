/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request of a test.
 *
 * @param headers by their names in lower case
 */
public record FakeRequest(Map<String, String> headers, String path) implements RequestAttributes {

    /** Returns a request with one header and nothing else. */
    public static FakeRequest header(String name, String value) {
        return new FakeRequest(Map.of(name, value), "");
    }

    @Override
    public @Nullable String header(String name) {
        return headers.get(name.toLowerCase(Locale.ROOT));
    }
}
