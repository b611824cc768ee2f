/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** What identifies a Gateway. */
public record GatewayKey(String namespace, String name) implements Comparable<GatewayKey> {

    private static final Comparator<GatewayKey> BY_NAMESPACE_AND_NAME =
            Comparator.comparing(GatewayKey::namespace).thenComparing(GatewayKey::name);

    public GatewayKey {
        requireNonNull(namespace, "namespace");
        requireNonNull(name, "name");
    }

    /** Reads {@code <namespace>/<name>}; returns null for anything else. */
    public static @Nullable GatewayKey parse(String text) {
        int slash = text.indexOf('/');
        if (slash <= 0 || slash == text.length() - 1 || text.indexOf('/', slash + 1) >= 0) {
            return null;
        }
        return new GatewayKey(text.substring(0, slash), text.substring(slash + 1));
    }

    @Override
    public int compareTo(GatewayKey other) {
        return BY_NAMESPACE_AND_NAME.compare(this, other);
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
