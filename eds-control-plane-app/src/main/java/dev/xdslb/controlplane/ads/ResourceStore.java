/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where streams get resources from. Every method may be called by any thread at any time and returns without waiting.
 *
 * <p>A lookup always answers from the newest state. Whoever holds a subscription therefore only needs to know
 * <em>that</em> something changed, and looks again when it can send.
 */
public interface ResourceStore {

    /** Whether the first state is complete. Before, a lookup would call missing what was just not seen yet. */
    boolean isSynced();

    /** Returns the types that are served, in the order in which a change is sent; always the same. */
    List<ResourceType> types();

    /** Returns what is under this name for this kind of client, {@link Lookup.Missing} for any string that is no name. */
    Lookup lookup(ResourceType type, String requestedName, ClientVariant variant);

    /** What is announced when something changes. */
    record Dependency(ResourceType type, String key) {}

    /**
     * Returns under what a change of {@link #placeOf} is announced; null where that never changes. Depends on nothing but the
     * arguments.
     */
    default @Nullable Dependency dependencyOfPlace(String namespace, String pod) {
        return null;
    }

    /**
     * Returns the place of a client whose node names its pod and not where it is: the one that the store knows. Streams
     * ask when they begin, and when it was announced that it has changed.
     */
    default ClientPlace placeOf(String namespace, String pod) {
        return ClientPlace.UNKNOWN;
    }

    /**
     * Returns the names that "*" stands for, canonical and sorted; empty for a type that has no wildcard; null while that is not
     * known, as what they are made of could not be read. Then nothing of the type is said to who asked for everything.
     */
    @Nullable
    Set<String> wildcardNames(ResourceType type, ClientVariant variant);

    /**
     * Returns the key under which changes of this name are announced, also for a name that does not exist yet.
     * Depends on nothing but the arguments, so a stream can index its subscriptions by it for good.
     */
    String dependencyKey(ResourceType type, String requestedName, ClientVariant variant);

    /** Calls the listener for every change from now on, until the registration is closed. */
    Registration addListener(Listener listener);

    interface Listener {
        /**
         * What these keys stand for may have changed: content, existence, or which names "*" has. Called
         * after the new state is visible to {@link #lookup}, by the one thread that applies changes: hand over and
         * return, do not look up or send here.
         *
         * @param causes why, by key; never empty
         */
        void changed(ResourceType type, Map<String, Cause> causes);
    }

    /**
     * What is known of a change.
     *
     * @param since when it began; null when that is not known
     * @param withdraws whether something of it is not to be used any more, so that clients should not wait for long
     */
    record Cause(@Nullable Instant since, boolean withdraws) {
        public static final Cause UNKNOWN = new Cause(null, true);
    }

    interface Registration {
        /** After this returns, no further call begins. Closing twice does nothing. */
        void close();
    }
}
