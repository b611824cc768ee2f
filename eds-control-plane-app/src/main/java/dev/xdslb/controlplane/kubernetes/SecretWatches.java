/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.gateway.GatewayObject;
import dev.xdslb.controlplane.gateway.ObjectReference;
import dev.xdslb.controlplane.topology.ObjectId;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Secrets that listeners name, each watched by itself and no other: so the right to read these few by their names is enough.
 *
 * <p>Informers' threads tell; whoever asks gets what is watched at that moment.
 */
final class SecretWatches implements AutoCloseable {
    /** A watch holds a connection. A Gateway has 64 listeners at most. */
    static final int MAX_SECRETS = 100;

    private static final Logger logger = LoggerFactory.getLogger(SecretWatches.class);

    private final Set<GatewayKey> gateways;
    private final Function<ObjectId, WatchedKind<?>> watch;
    private final Map<GatewayKey, Set<ObjectId>> named = new LinkedHashMap<>(); // guarded by this, as the next
    private final Map<ObjectId, WatchedKind<?>> watched = new LinkedHashMap<>();
    private boolean full; // and that was said
    private boolean closed;

    /**
     * Creates one that watches nothing.
     *
     * @param gateways those whose Secrets are read
     * @param watch makes the watch of one Secret, and starts it
     */
    SecretWatches(Set<GatewayKey> gateways, Function<ObjectId, WatchedKind<?>> watch) {
        this.gateways = gateways;
        this.watch = watch;
    }

    /** Learns how a Gateway is. */
    void look(GatewayObject gateway) {
        GatewayKey key =
                new GatewayKey(gateway.meta().namespace(), gateway.meta().name());
        if (!gateways.contains(key)) {
            return;
        }
        Set<ObjectId> secrets = new HashSet<>();
        for (GatewayObject.Listener listener : gateway.listeners()) {
            GatewayObject.Tls tls = listener.tls();
            if (tls != null) {
                tls.certificates().stream()
                        .filter(SecretWatches::isSecret)
                        .forEach(reference -> secrets.add(id(reference, key.namespace())));
            }
        }
        update(key, secrets);
    }

    /** Learns that a Gateway is gone. */
    void gone(GatewayKey gateway) {
        update(gateway, Set.of());
    }

    /** Returns whether all Secrets of a Gateway are known as they are, or will not be. */
    synchronized boolean areSettled(GatewayKey gateway) {
        return named.getOrDefault(gateway, Set.of()).stream()
                .map(watched::get)
                .allMatch(secret -> secret == null || secret.isSettled());
    }

    /** Takes back what no Gateway names any more: to be called when no listener is served by it any more. */
    synchronized void forgetUnwanted() {
        Set<ObjectId> wanted = wanted();
        watched.entrySet().removeIf(entry -> {
            boolean unwanted = !wanted.contains(entry.getKey());
            if (unwanted) {
                entry.getValue().forgetAll();
            }
            return unwanted;
        });
    }

    synchronized List<WatchedKind<?>> all() {
        return List.copyOf(watched.values());
    }

    @Override
    public synchronized void close() {
        closed = true;
        watched.values().forEach(WatchedKind::close);
    }

    private synchronized void update(GatewayKey gateway, Set<ObjectId> secrets) {
        if (closed) {
            return;
        }
        if (secrets.isEmpty()) {
            named.remove(gateway);
        } else {
            named.put(gateway, secrets);
        }
        Set<ObjectId> wanted = wanted();
        for (ObjectId secret : sorted(wanted)) {
            if (!watched.containsKey(secret)) {
                if (watched.size() >= MAX_SECRETS) {
                    forgetUnwanted();
                }
                if (watched.size() >= MAX_SECRETS) {
                    sayFull(secret);
                    return;
                }
                watched.put(secret, watch.apply(secret));
            }
        }
        full = false;
    }

    private Set<ObjectId> wanted() {
        Set<ObjectId> wanted = new HashSet<>();
        named.values().forEach(wanted::addAll);
        return wanted;
    }

    private void sayFull(ObjectId secret) {
        if (!full) {
            full = true;
            logger.error(
                    "Gateways name more than {} Secrets: {} and those behind it are not read, their listeners have no"
                            + " certificate",
                    MAX_SECRETS,
                    secret);
        }
    }

    private static boolean isSecret(ObjectReference reference) {
        return reference.group().isEmpty()
                && reference.kind().equals("Secret")
                && !reference.name().isEmpty();
    }

    private static ObjectId id(ObjectReference reference, String own) {
        return new ObjectId(
                ObjectId.Kind.SECRET, reference.namespace().isEmpty() ? own : reference.namespace(), reference.name());
    }

    private static List<ObjectId> sorted(Collection<ObjectId> ids) {
        return ids.stream()
                .sorted((a, b) -> a.toString().compareTo(b.toString()))
                .toList();
    }
}
