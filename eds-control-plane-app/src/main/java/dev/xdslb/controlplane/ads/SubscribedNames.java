/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.Status;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The names of one type that one stream is subscribed to, what the client holds of each, and which of them may have
 * something to tell. Confined to the stream's executor.
 *
 * <p>The latter are the pending names: a set, so that however often a resource changes while the client is slow, what it
 * costs is bounded by the number of names, and what is sent is the latest.
 */
final class SubscribedNames {
    static final String WILDCARD = "*";

    private static final int MAX_SHOWN = 1_000;

    private final @Nullable ResourceType type; // null when it is none that is served: every name is missing
    private final String typeUrl;
    private ClientVariant variant;
    private final ResourceStore store;
    private final SubscriptionIndex index;
    private final SubscriptionIndex.Subscriber stream;

    private final @Nullable Predicate<String> hasWhole; // of a type of parts; null where all count

    private final Map<String, SubscribedName> byName = new LinkedHashMap<>();
    private final Map<String, Set<SubscribedName>> byKey = new HashMap<>(); // sets of one are immutable, and small
    private final PendingNames pending = new PendingNames();
    private final Set<SubscribedName> unknown = new LinkedHashSet<>(); // could not be looked up, to be tried again

    private boolean wildcard;
    private boolean wildcardOutdated; // "*" may stand for other names than the ones below
    private Set<String> wildcardNames = Set.of();
    private boolean wildcardUnknown; // what it stands for could not be read yet
    private long fingerprint; // the sum over all names
    private long characters; // of all names, and of what is held of each
    private int responses; // that were sent
    private @Nullable Announcement told; // the oldest change in what was told since this was taken last

    SubscribedNames(
            @Nullable ResourceType type,
            String typeUrl,
            ClientVariant variant,
            ResourceStore store,
            SubscriptionIndex index,
            SubscriptionIndex.Subscriber stream,
            @Nullable Predicate<String> hasWhole) {
        this.type = type;
        this.typeUrl = typeUrl;
        this.variant = variant;
        this.store = store;
        this.index = index;
        this.stream = stream;
        this.hasWhole = hasWhole;
    }

    @Nullable
    SubscribedName get(String name) {
        return byName.get(name);
    }

    Collection<SubscribedName> all() {
        return Collections.unmodifiableCollection(byName.values());
    }

    int size() {
        return byName.size();
    }

    /** Returns how long the names are, and the versions that the client holds of them, all together. */
    long characters() {
        return characters;
    }

    boolean isWildcard() {
        return wildcard;
    }

    /** Takes one of the names that may have something to tell; null when there is none. */
    @Nullable
    SubscribedName takePending() {
        return pending.take();
    }

    /** Gives back what {@link #takePending} returned, for a later response. */
    void postpone(SubscribedName subscribed) {
        pending.add(subscribed);
    }

    /** Puts aside what could not be looked up: the client keeps what it has, and is owed what it was owed. */
    void postponeUnknown(SubscribedName subscribed) {
        unknown.add(subscribed);
    }

    /** Makes what could not be looked up be looked up again. */
    void tryUnknownAgain() {
        unknown.forEach(pending::add);
        unknown.clear();
        wildcardOutdated |= wildcardUnknown;
    }

    boolean hasPending() {
        return wildcardOutdated || !pending.isEmpty();
    }

    /** Returns a version of everything that the client holds; the same for the same content in every replica. */
    String version() {
        return Long.toHexString(fingerprint);
    }

    /** Adds a name that was asked for, or asked for again. Whether that is owed an answer is for the caller to say. */
    SubscribedName subscribe(String name) {
        SubscribedName subscribed = add(name);
        subscribed.explicit = true;
        pending.add(subscribed);
        return subscribed;
    }

    /** Takes back that a name was asked for. It stays while "*" may have it. */
    void unsubscribe(SubscribedName subscribed) {
        subscribed.explicit = false;
        if (wildcard) {
            wildcardOutdated = true; // may not have this one
            pending.add(subscribed);
        } else {
            drop(subscribed);
        }
    }

    void subscribeToAll() {
        if (!wildcard && type != null) {
            index.addWildcard(type, stream);
        }
        wildcard = true;
        wildcardOutdated = true;
    }

    void unsubscribeFromAll() {
        if (wildcard && type != null) {
            index.removeWildcard(type, stream);
        }
        wildcard = false;
        wildcardOutdated = false;
        wildcardUnknown = false;
        wildcardNames = Set.of();
        List.copyOf(byName.values()).stream().filter(name -> !name.explicit).forEach(this::drop);
    }

    /**
     * Notes what a client says that it holds.
     *
     * @param trusted whether only something else is to be sent; otherwise that is only used to tell it what is gone
     */
    void hold(String name, String version, boolean trusted) {
        SubscribedName subscribed = add(name);
        hold(subscribed, version, 0);
        subscribed.owed = !trusted;
        pending.add(subscribed);
    }

    /** Notes what the client was just told, in so many bytes. */
    void told(SubscribedName subscribed, String state, int bytes) {
        tell(subscribed, bytes);
        hold(subscribed, state, responses + 1);
        subscribed.owed = false;
    }

    private void tell(SubscribedName subscribed, int bytes) {
        Announcement announcement = subscribed.takeUntold();
        if (announcement != null) {
            announcement.pace().sent(bytes);
            told = told == null ? announcement : Announcement.oldest(told, announcement);
        }
    }

    private void hold(SubscribedName subscribed, String state, int response) {
        fingerprint -= subscribed.fingerprint();
        characters -= subscribed.characters();
        subscribed.hold(state, response);
        fingerprint += subscribed.fingerprint();
        characters += subscribed.characters();
    }

    /** Notes that what was told since the last response is in one that was sent. */
    void sent() {
        responses++;
    }

    /** Notes how the client refused the last response. */
    void refused(StreamView.NackView answer) {
        for (SubscribedName subscribed : byName.values()) {
            if (isInLastResponse(subscribed)) {
                subscribed.refuse(answer);
            }
        }
    }

    boolean isInLastResponse(SubscribedName subscribed) {
        return responses > 0 && subscribed.toldIn() == responses;
    }

    /** Returns whether the client is to hear nothing of a name, because it holds this state. */
    boolean isTold(SubscribedName subscribed, String state) {
        if (subscribed.owed || !state.equals(subscribed.held())) {
            return false;
        }
        subscribed.takeUntold(); // what changed was nothing that it can see
        return true;
    }

    /** Returns the oldest change in what was told since this was called last; null when there is none. */
    @Nullable
    Announcement takeTold() {
        Announcement taken = told;
        told = null;
        return taken;
    }

    /** The client is somewhere else than was known: whatever it is told differs for that is sent. */
    void moved(ClientVariant now) {
        variant = now;
        wildcardOutdated |= wildcard;
        byName.values().forEach(pending::add);
    }

    /** Makes a name be sent with the next response, changed or not, if it was asked for. */
    void oweIfSubscribed(String name) {
        SubscribedName subscribed = byName.get(name);
        if (subscribed != null) {
            owe(subscribed);
        }
    }

    /** The client has other wholes than before, so "*" has other parts. */
    void wholesChanged() {
        wildcardOutdated |= wildcard;
    }

    /** Makes all parts of these wholes be sent with the next responses, changed or not. */
    void oweParts(Set<String> wholes) {
        wholesChanged();
        for (SubscribedName subscribed : byName.values()) {
            if (wholes.contains(whole(subscribed.name))) {
                owe(subscribed);
            }
        }
    }

    void owe(SubscribedName subscribed) {
        subscribed.owed = true;
        pending.add(subscribed);
    }

    /** Makes everything be sent again. */
    void oweAll() {
        byName.values().forEach(this::owe);
    }

    /** What these keys stand for may have changed. Returns how many changes wait behind one of the same name. */
    int changed(Map<String, Announcement> keys) {
        wildcardOutdated |= wildcard && !keys.isEmpty() && !areKnownParts(keys.keySet());
        int behind = 0;
        for (Map.Entry<String, Announcement> changed : keys.entrySet()) {
            for (SubscribedName name : byKey.getOrDefault(changed.getKey(), Set.of())) {
                behind += name.changed(changed.getValue()) ? 1 : 0;
                pending.add(name);
            }
        }
        return behind;
    }

    /** A part's key is its name, so that one among thousands can change without a look at all. What is gone is found by its lookup. */
    private boolean areKnownParts(Set<String> keys) {
        return type != null && type.parts() && byKey.keySet().containsAll(keys);
    }

    /**
     * Brings the names that "*" stands for up to date; what came or went is pending afterwards.
     *
     * @return whether they are known: otherwise nothing may be said, as it would be taken for everything
     */
    boolean refreshWildcard() {
        if (!wildcardOutdated) {
            return !wildcardUnknown;
        }
        wildcardOutdated = false;
        Set<String> names = type == null ? Set.of() : store.wildcardNames(type, variant);
        wildcardUnknown = names == null;
        if (names == null) {
            return false;
        }
        wildcardNames = partsOfWholes(names);
        for (String name : wildcardNames) {
            if (!byName.containsKey(name)) {
                pending.add(add(name));
            }
        }
        for (SubscribedName subscribed : byName.values()) {
            if (!subscribed.explicit && !wildcardNames.contains(subscribed.name)) {
                pending.add(subscribed);
            }
        }
        return true;
    }

    Lookup lookup(SubscribedName subscribed) {
        if (type == null) {
            return missing("resources of type " + typeUrl + " are not served here");
        }
        Lookup lookup = subscribed.explicit || wildcardNames.contains(subscribed.name)
                ? store.lookup(type, subscribed.name, variant)
                : missing("\"*\" does not have " + subscribed.name);
        return lookup instanceof Lookup.Missing && !subscribed.explicit && isLeftOfItsWhole(subscribed)
                ? new Lookup.Unknown()
                : lookup;
    }

    /** Returns those of the names whose whole the client has. */
    private Set<String> partsOfWholes(Set<String> parts) {
        if (hasWhole == null) {
            return parts;
        }
        Map<String, Boolean> known = new HashMap<>();
        Set<String> ofWholes = new LinkedHashSet<>();
        for (String part : parts) {
            if (known.computeIfAbsent(whole(part), hasWhole::test)) {
                ofWholes.add(part);
            }
        }
        return ofWholes.size() == parts.size() ? parts : ofWholes;
    }

    /**
     * Returns whether a part is still to be used because the client still uses the whole, which does not exist any more: Envoy
     * serves connections by the routes of a listener that is gone until it has drained them, and says then that it does not
     * want these routes any more.
     */
    private boolean isLeftOfItsWhole(SubscribedName subscribed) {
        ResourceType wholes = type == null || !type.parts() ? null : type.warmedBy();
        String whole = whole(subscribed.name);
        return wholes != null
                && hasWhole != null
                && hasWhole.test(whole)
                && store.lookup(wholes, whole, variant) instanceof Lookup.Missing;
    }

    private String whole(String part) {
        return type == null ? part : type.awaitedAfter(part);
    }

    /** Forgets a name of which the client was just told that it is gone. */
    void toldGone(SubscribedName subscribed) {
        tell(subscribed, 0);
        drop(subscribed);
    }

    /** Forgets a name. */
    void drop(SubscribedName subscribed) {
        byName.remove(subscribed.name);
        pending.drop(subscribed);
        unknown.remove(subscribed);
        fingerprint -= subscribed.fingerprint();
        characters -= subscribed.characters();
        Set<SubscribedName> sameKey = byKey.getOrDefault(subscribed.key, Set.of());
        if (sameKey.size() > 1) {
            sameKey.remove(subscribed);
        } else {
            byKey.remove(subscribed.key);
            if (type != null) {
                index.remove(type, subscribed.key, stream);
            }
        }
    }

    /** Forgets everything; the stream has ended. */
    void clear() {
        unsubscribeFromAll();
        List.copyOf(byName.values()).forEach(this::drop);
    }

    /** Returns the versions that the client holds, by name; not of more names than are shown. */
    Map<String, String> heldVersions() {
        Map<String, String> versions = new TreeMap<>();
        for (SubscribedName subscribed : byName.values()) {
            String version = SubscribedName.versionOf(subscribed.held());
            if (version != null) {
                versions.put(subscribed.name, version);
            }
            if (versions.size() == MAX_SHOWN) {
                break;
            }
        }
        return versions;
    }

    /** Returns the names that were asked for one by one, not more than are shown. */
    List<String> explicitNames() {
        return byName.values().stream()
                .filter(name -> name.explicit)
                .map(name -> name.name)
                .limit(MAX_SHOWN)
                .sorted()
                .toList();
    }

    private SubscribedName add(String name) {
        SubscribedName present = byName.get(name);
        if (present != null) {
            return present;
        }
        String key = type == null ? name : store.dependencyKey(type, name, variant);
        SubscribedName added = new SubscribedName(name, key);
        byName.put(name, added);
        characters += added.characters();
        Set<SubscribedName> sameKey = byKey.get(key);
        if (sameKey == null) {
            byKey.put(key, Set.of(added));
            if (type != null) {
                index.add(type, key, stream); // before the first lookup, so that no change is missed
            }
        } else if (sameKey.size() == 1) {
            Set<SubscribedName> both = new LinkedHashSet<>(sameKey);
            both.add(added);
            byKey.put(key, both);
        } else {
            sameKey.add(added);
        }
        return added;
    }

    private static Lookup missing(String message) {
        return new Lookup.Missing(Status.Code.NOT_FOUND, message, null);
    }
}
