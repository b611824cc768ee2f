/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.ResourceError;
import io.envoyproxy.envoy.service.discovery.v3.ResourceName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one stream wants of one type, and what it has been told. The two protocols differ in how they say the former
 * ({@link #receive}) and the latter ({@link #next}). Confined to the stream's executor.
 *
 * @param <Q> the protocol's request
 */
abstract class Subscription<Q> {
    final SubscribedNames names;
    final Exchange exchange;
    final AdsSettings settings;

    private final @Nullable ResourceType type;
    private final String typeUrl;
    private final Client client;
    private boolean answerOwed; // even if there is nothing to tell: the client waits to hear that there is nothing

    Subscription(
            @Nullable ResourceType type, String typeUrl, Client client, SubscribedNames names, AdsSettings settings) {
        this.type = type;
        this.typeUrl = typeUrl;
        this.client = client;
        this.names = names;
        this.settings = settings;
        this.exchange = new Exchange(typeUrl, client);
    }

    /** Takes a request: what it says of the last response, and what it wants from now on. */
    abstract void receive(Q request, Instant now);

    /** Returns what is to be told now, noted as told; null when there is nothing. */
    abstract @Nullable Push next(String nonce);

    @Nullable
    ResourceType type() {
        return type;
    }

    String typeUrl() {
        return typeUrl;
    }

    Client client() {
        return client;
    }

    /** Whether {@link #next} may have something. */
    boolean mayHaveNews() {
        return answerOwed || names.hasPending();
    }

    boolean isFullState() {
        return type != null && type.fullState();
    }

    /**
     * Whether the client means everything when its first request names nothing. A type that is not served has no
     * names, so there it only decides whether the client hears so.
     */
    boolean emptyMeansWildcard() {
        return type == null || (type.fullState() && client.emptyMeansWildcard());
    }

    void oweAnswer() {
        answerOwed = true;
    }

    boolean takeOwedAnswer() {
        boolean owed = answerOwed;
        answerOwed = false;
        return owed;
    }

    /** Returns the error that names a resource and says why there is none. */
    static ResourceError error(String name, Lookup.Missing missing) {
        return ResourceError.newBuilder()
                .setResourceName(ResourceName.newBuilder().setName(name))
                .setErrorDetail(
                        Status.newBuilder().setCode(missing.code().value()).setMessage(missing.message()))
                .build();
    }

    StreamView.TypeView view() {
        return new StreamView.TypeView(
                typeUrl,
                names.isWildcard(),
                names.explicitNames(),
                names.heldVersions(),
                exchange.unansweredNonce(),
                exchange.lastNack(),
                exchange.counts());
    }
}
