/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.grpc.Status;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One name on one stream, and what the client was told of it. Confined to the stream's executor. */
final class SubscribedName {
    /** No version begins so. Shared, as there may be very many names without a resource. */
    private static final Map<Status.Code, String> MISSING = missing();

    final String name;
    final String key; // under which changes of it are announced

    boolean explicit; // asked for by name; otherwise it is only there because "*" has it
    boolean isPending; // whether it is among those that may have something to tell
    boolean owed; // to be sent even if the client holds it: it asked anew, or needs it to go on

    private boolean had; // a version, at any time on this stream
    private @Nullable Announcement untold; // the first change that the client was not told; null - none is known
    private @Nullable String held; // a version, or "!" and a code when told that there is none; null - told nothing
    private int toldIn; // the number of the response; 0 - in none
    private StreamView.@Nullable NackView refused; // the answer to what it was told last; null - no refusal
    private long fingerprint;

    SubscribedName(String name, String key) {
        this.name = name;
        this.key = key;
    }

    /** Returns what the client was told last, or says that it has; null when nothing. */
    @Nullable
    String held() {
        return held;
    }

    /**
     * Returns whether the client has a version: the one that it was told last, or one of before it was told that there is none, which
     * it may go on using.
     */
    boolean had() {
        return had;
    }

    /** Notes what the client has, by the response of this number; 0 where it said so itself. */
    void hold(String state, int response) {
        held = state;
        had |= versionOf(state) != null;
        toldIn = response;
        refused = null;
        fingerprint = fingerprint(name, state);
    }

    /** Notes a change that the client is to be told; returns whether it waits behind an earlier one. */
    boolean changed(Announcement announcement) {
        if (untold != null) {
            return true;
        }
        untold = announcement;
        return false;
    }

    /** Returns the first change that was not told, and forgets it. */
    @Nullable
    Announcement takeUntold() {
        Announcement taken = untold;
        untold = null;
        return taken;
    }

    /** Returns a number for name and state together; the sum over all names identifies what a client holds. */
    long fingerprint() {
        return fingerprint;
    }

    int characters() {
        return name.length() + (held == null ? 0 : held.length());
    }

    int toldIn() {
        return toldIn;
    }

    /** Notes that the client refused the response that it was told by. */
    void refuse(StreamView.NackView answer) {
        refused = answer;
    }

    StreamView.@Nullable NackView refused() {
        return refused;
    }

    /** Whether a state is that of a client who knows that there is nothing, and not of one who has to ask more precisely. */
    static boolean isNotFound(String state) {
        return state.equals(MISSING.get(Status.Code.NOT_FOUND));
    }

    /** Returns the state that a client is in once it was told this; null when that is not known. */
    static @Nullable String stateOf(Lookup lookup) {
        if (lookup instanceof Lookup.Missing missing) {
            return requireNonNull(MISSING.get(missing.code()), "a state for every code");
        }
        return lookup instanceof Lookup.Found found ? found.resource().version() : null;
    }

    /** Returns the version alone, null for a state that has none. */
    static @Nullable String versionOf(@Nullable String state) {
        return state == null || state.startsWith("!") ? null : state;
    }

    private static Map<Status.Code, String> missing() {
        Map<Status.Code, String> states = new EnumMap<>(Status.Code.class);
        for (Status.Code code : Status.Code.values()) {
            states.put(code, "!" + code);
        }
        return Collections.unmodifiableMap(states);
    }

    private static long fingerprint(String name, String state) {
        if (versionOf(state) == null) {
            return 0; // as if it were not there
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(name.getBytes(UTF_8));
            digest.update((byte) 0);
            return ByteBuffer.wrap(digest.digest(state.getBytes(UTF_8))).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
