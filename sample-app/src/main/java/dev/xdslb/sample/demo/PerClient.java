/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** Something that each client has one of. */
final class PerClient<T> {
    private final Map<ClientKind, T> values = new EnumMap<>(ClientKind.class);

    /** Makes one for each client. */
    PerClient(Supplier<T> one) {
        for (ClientKind client : ClientKind.values()) {
            values.put(client, one.get());
        }
    }

    T of(ClientKind client) {
        return requireNonNull(values.get(client));
    }

    Collection<T> all() {
        return values.values();
    }
}
