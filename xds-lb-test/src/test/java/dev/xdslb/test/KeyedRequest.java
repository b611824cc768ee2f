/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import org.jspecify.annotations.Nullable;

/** A request of one of many users. */
record KeyedRequest(String user) implements RequestAttributes {
    static final RequestKey KEY = RequestKey.parse("header:x-user");

    static KeyedRequest of(int number) {
        return new KeyedRequest("user-" + number);
    }

    @Override
    public @Nullable String header(String name) {
        return name.equals("x-user") ? user : null;
    }

    @Override
    public String path() {
        return "";
    }
}
