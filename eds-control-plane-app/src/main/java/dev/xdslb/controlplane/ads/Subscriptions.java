/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The types that one stream is subscribed to, in the order in which they are sent. Confined to the stream's executor.
 *
 * @param <Q> the protocol's request
 */
final class Subscriptions<Q> implements Iterable<Subscription<Q>> {
    /** Envoy knows about ten types; more of them than this is no client, and each costs memory. */
    static final int MAX_UNKNOWN_TYPES = 16;

    /** More than an Envoy asks for of secrets, say; each is told that it is not served. */
    static final int MAX_NAMES_NOT_SERVED = 1_000;

    /** Of all names and versions: as much as the largest request may say. */
    static final int MAX_CHARACTERS = Dialect.MAX_REQUEST_BYTES;

    /** Names that need not be looked through. */
    private static final int FEW = 64;

    /** Entries of tables here and in the index, as measured. */
    private static final long BYTES_PER_NAME = 400;

    /** A name is kept twice: as it was asked for, and as what it depends on. */
    private static final long BYTES_PER_CHARACTER = 2;

    private final StreamContext context;
    private final Dialect<Q> dialect;
    private final SubscriptionIndex.Subscriber stream;
    private final boolean ofOneType;
    private final List<Subscription<Q>> inOrder = new ArrayList<>(2);
    private final Map<ResourceType, Set<String>> unawaited =
            new HashMap<>(); // sent, before anything that they warm was asked for

    /**
     * Creates subscriptions to nothing.
     *
     * @param ofOneType whether the stream is bound to one type: nothing that its client waits for can be asked for on it
     */
    Subscriptions(StreamContext context, Dialect<Q> dialect, SubscriptionIndex.Subscriber stream, boolean ofOneType) {
        this.ofOneType = ofOneType;
        this.context = context;
        this.dialect = dialect;
        this.stream = stream;
    }

    /** Returns the subscription to a type, made at the first request; null when there are too many that nobody serves. */
    @Nullable
    Subscription<Q> get(Client client, String typeUrl) {
        int unknown = 0;
        for (Subscription<Q> present : inOrder) {
            if (present.typeUrl().equals(typeUrl)) {
                return present;
            }
            unknown += present.type() == null ? 1 : 0;
        }
        ResourceType type = context.types().ofUrl(typeUrl);
        if (type == null && unknown >= MAX_UNKNOWN_TYPES) {
            return null;
        }
        SubscribedNames names = new SubscribedNames(
                type, typeUrl, client.variant(), context.store(), context.index(), stream, hasWhole(type));
        Subscription<Q> added = dialect.subscription(type, typeUrl, client, names, context);
        ResourceType warmedBy = type == null ? null : type.warmedBy();
        Set<String> sent = warmedBy == null ? null : unawaited.remove(warmedBy);
        if (sent != null) {
            added.warm(sent);
        }
        inOrder.add(added);
        inOrder.sort(Comparator.comparingInt(subscription -> context.types().order(subscription.type())));
        return added;
    }

    /** Returns how it is known of parts whether the client has their whole; null where the type is none of parts. */
    private @Nullable Predicate<String> hasWhole(@Nullable ResourceType type) {
        ResourceType wholes = type == null || ofOneType || !type.parts() ? null : type.warmedBy();
        if (wholes == null) {
            return null;
        }
        return whole -> {
            for (Subscription<Q> subscription : inOrder) {
                if (wholes.equals(subscription.type())) {
                    SubscribedName name = subscription.names.get(whole);
                    return name != null && name.had();
                }
            }
            return true; // until it says which it has, none is taken from it
        };
    }

    /** A client has asked for some of this type, or says that it has some, or does not want some any more. */
    void asked(@Nullable ResourceType type) {
        for (Subscription<Q> subscription : inOrder) {
            ResourceType waiting = subscription.type();
            if (waiting != null && type != null && waiting.parts() && type.equals(waiting.warmedBy())) {
                subscription.names.wholesChanged();
            }
        }
    }

    /** What these keys stand for may have changed. */
    void changed(Map<ResourceType, Map<String, Announcement>> keys) {
        if (keys.isEmpty()) {
            return;
        }
        for (Subscription<Q> subscription : inOrder) {
            ResourceType type = subscription.type();
            if (type != null) {
                int behind = subscription.names.changed(keys.getOrDefault(type, Map.of()));
                for (int i = 0; i < behind; i++) {
                    context.signals().coalesced(type);
                }
            }
        }
    }

    /**
     * Makes what a client waits for after it was sent these be sent again. Envoy does not use a new or changed cluster
     * before it got its endpoints again, even if it has them (envoyproxy/envoy#13009), and may ask for them after it was
     * sent the cluster. A cluster's endpoints have the cluster's name here.
     */
    void renewed(@Nullable ResourceType type, List<String> names) {
        if (type == null || ofOneType) {
            return;
        }
        boolean isAwaited = false;
        for (Subscription<Q> subscription : inOrder) {
            ResourceType waiting = subscription.type();
            if (waiting != null && type.equals(waiting.warmedBy())) {
                if (waiting.parts()) {
                    subscription.names.oweParts(Set.copyOf(names));
                } else {
                    names.forEach(subscription.names::oweIfSubscribed);
                }
                isAwaited = true;
            }
        }
        if (!isAwaited && (context.types().warms(type) || isOfWholes(type))) {
            Set<String> sent = unawaited.computeIfAbsent(type, none -> new HashSet<>());
            sent.addAll(names);
            forgetGone(type, sent);
        }
    }

    private boolean isOfWholes(ResourceType type) {
        for (Subscription<Q> subscription : inOrder) {
            if (type.equals(subscription.type())) {
                return subscription.isOfWholes();
            }
        }
        return false;
    }

    /** A client that never asks for endpoints would make us remember every cluster that there ever was. */
    private void forgetGone(ResourceType type, Set<String> sent) {
        for (Subscription<Q> subscription : inOrder) {
            if (type.equals(subscription.type()) && sent.size() > 2 * subscription.names.size() + FEW) {
                sent.removeIf(name -> subscription.names.get(name) == null);
            }
        }
    }

    /** The client is somewhere else than was known. */
    void moved(ClientVariant now) {
        inOrder.forEach(subscription -> subscription.names.moved(now));
    }

    /** Returns how many names are remembered for who has not asked for them yet. */
    int unawaited() {
        return unawaited.values().stream().mapToInt(Set::size).sum();
    }

    /** Returns how many names there are, of all types. */
    int names() {
        int names = 0;
        for (Subscription<Q> subscription : inOrder) {
            names += subscription.names.size();
        }
        return names;
    }

    /** Returns about how many bytes all of it takes. */
    long nameBytes() {
        long bytes = 0;
        for (Subscription<Q> subscription : inOrder) {
            bytes += BYTES_PER_NAME * subscription.names.size() + BYTES_PER_CHARACTER * subscription.names.characters();
        }
        return bytes;
    }

    /** Returns why a stream may not go on with as much as it has subscribed to; null where it may. */
    @Nullable
    Status problem() {
        long characters = 0;
        for (Subscription<Q> subscription : inOrder) {
            int names = subscription.names.size();
            if (subscription.type() == null && names > MAX_NAMES_NOT_SERVED) {
                return tooMuch(
                        names + " names of the type " + ClientText.shown(subscription.typeUrl())
                                + ", which is not served",
                        MAX_NAMES_NOT_SERVED);
            }
            characters += subscription.names.characters();
        }
        int names = names();
        int maxNames = context.settings().maxNames();
        if (names > maxNames) {
            return tooMuch(names + " names, of all types together", maxNames);
        }
        return characters > MAX_CHARACTERS
                ? tooMuch("names and versions of " + characters + " characters together", MAX_CHARACTERS)
                : null;
    }

    private static Status tooMuch(String what, int atMost) {
        return Status.RESOURCE_EXHAUSTED.withDescription(
                "subscribed to " + what + " (expected: at most " + atMost + ")");
    }

    /** Forgets everything; the stream has ended. */
    void clear() {
        inOrder.forEach(subscription -> subscription.names.clear());
    }

    List<StreamView.TypeView> views() {
        return inOrder.stream().map(Subscription::view).toList();
    }

    @Override
    public Iterator<Subscription<Q>> iterator() {
        return inOrder.iterator();
    }
}
