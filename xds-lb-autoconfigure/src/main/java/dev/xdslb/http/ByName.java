/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Clients of one kind that are alike but for the name that they verify servers against; made when a name is needed. Thread-safe. */
public final class ByName<T> {
    /** Names are those of services that have endpoints. Whoever has more, by however many spellings, is not verified by name. */
    static final int MOST = 1_000;

    private final Function<String, T> made;
    private final Map<String, T> clients = new ConcurrentHashMap<>();

    public ByName(Function<String, T> made) {
        this.made = made;
    }

    /**
     * Returns the client for a request.
     *
     * @param target where it goes, null for another place than a pod
     * @return null where it is not verified by a name: without TLS, or as one name too many, which the target is told
     */
    public @Nullable T of(@Nullable PodTarget target, @Nullable URI uri) {
        String name = target == null ? null : target.nameFor(uri);
        T client = name == null ? null : get(name);
        if (target != null && name != null && client == null) {
            target.hasNoRoom();
        }
        return client;
    }

    private @Nullable T get(String name) {
        T known = clients.get(name);
        if (known != null) {
            return known;
        }
        return clients.size() < MOST ? clients.computeIfAbsent(name, made) : null;
    }

    /** Forgets all of them. */
    public void close(Consumer<T> closing) {
        clients.values().forEach(closing);
        clients.clear();
    }
}
