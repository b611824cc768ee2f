/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.ads.ClientVariant.Family;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

    /**
     * Whether the client holds resources of this type as wholes from before, when it was not given their parts, or refuses them without
     * their parts. It keeps to wholes for as long as it lives: an Envoy that is told that the hosts of its routes come apart has
     * none until they have come.
     */
    boolean keepsWholes;

    private final boolean ofWholes;
    private final @Nullable ResourceType type;
    private final String typeUrl;
    private final Client client;
    private Set<String> warmed =
            Set.of(); // whose client waits for them, whatever it holds; of use to the first request
    private final @Nullable RefusedParts parts; // null where a client uses what is good of a response that it refuses
    private boolean answerOwed; // even if there is nothing to tell: the client waits to hear that there is nothing

    Subscription(
            @Nullable ResourceType type, String typeUrl, Client client, SubscribedNames names, StreamContext context) {
        this.type = type;
        this.typeUrl = typeUrl;
        this.client = client;
        this.names = names;
        this.settings = context.settings();
        this.ofWholes =
                type != null && client.variant().takesParts() && context.types().haveParts(type);
        this.exchange = new Exchange(type, typeUrl, client, context);
        this.parts = client.variant().family() == Family.ENVOY ? new RefusedParts() : null;
    }

    /**
     * Takes a request: what it says of the last response, and what it wants from now on.
     *
     * @return whether it is the answer to a response, and wants what was wanted before
     */
    abstract boolean receive(Q request, Instant now);

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
        return answerOwed || names.hasPending() || (parts != null && !parts.isEmpty());
    }

    /** Whether the client is given resources of this type with their parts apart. */
    boolean isOfWholes() {
        return ofWholes;
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

    /** Makes these be sent, also where the client says that it holds them. To be called before the first request. */
    void warm(Set<String> names) {
        warmed = names;
    }

    /** Returns what was given to {@link #warm}, and forgets it. */
    Set<String> takeWarmed() {
        Set<String> taken = warmed;
        warmed = Set.of();
        return taken;
    }

    /** Learns what the client says of the last response, if anything; what it refused is sent again in parts. */
    void answered(Exchange.Answer answer) {
        StreamView.NackView nack = exchange.lastNack();
        if (answer == Exchange.Answer.REFUSED && nack != null) {
            names.refused(nack);
            keepsWholes |= ofWholes;
        }
        if (parts == null) {
            return;
        }
        switch (answer) {
            case ACCEPTED -> parts.accepted();
            case REFUSED -> parts.refused();
            case NONE -> {}
        }
    }

    /** Notes the names in a response, of which parts can be sent by themselves. */
    void sentInParts(List<String> sent) {
        if (parts != null) {
            parts.sent(sent);
        }
    }

    /** Returns the newest of what was refused together with something else, and notes it as told; empty where there is nothing of it. */
    List<EncodedResource> takePart() {
        List<EncodedResource> resources = new ArrayList<>();
        while (parts != null && resources.isEmpty() && !parts.isEmpty()) {
            for (String name : requireNonNull(parts.take(), "a part")) {
                SubscribedName subscribed = names.get(name);
                if (subscribed != null && names.lookup(subscribed) instanceof Lookup.Found found) {
                    resources.add(found.resource());
                    names.told(
                            subscribed,
                            requireNonNull(SubscribedName.stateOf(found), "a state to tell"),
                            found.resource().any().size());
                }
            }
        }
        return resources;
    }

    void oweAnswer() {
        answerOwed = true;
    }

    boolean takeOwedAnswer() {
        boolean owed = answerOwed;
        answerOwed = false;
        return owed;
    }

    StreamView.TypeView view() {
        return new StreamView.TypeView(
                typeUrl,
                names.isWildcard(),
                names.size(),
                names.explicitNames(),
                names.heldVersions(),
                exchange.unansweredNonce(),
                exchange.lastNack(),
                exchange.counts());
    }
}
