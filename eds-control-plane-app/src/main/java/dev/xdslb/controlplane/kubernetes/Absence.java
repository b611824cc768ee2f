/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import com.google.common.base.Throwables;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Whether a kind of objects exists that a cluster need not have, because somebody has to install its definition (a CRD) first. An
 * API server that does not know a kind says so (404), and one that is starting says that it is unavailable. So the word counts when
 * it is the same for a while: then what was known of the kind is gone with it.
 *
 * <p>An informer's thread tells, the monitor's thread asks.
 */
final class Absence {
    /** Of the word that there is no such kind; a definition that is replaced is back sooner. */
    static final Duration CERTAIN = Duration.ofSeconds(30);

    /** For how long the first state waits for such kinds when all others are known; as for an optional cluster. */
    static final Duration UNKNOWN = Duration.ofSeconds(30);

    /** Answers that stay the same until a person changes something, so that nobody is to wait for another one. */
    private static final Set<Integer> DECIDED = Set.of(
            HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN, HttpURLConnection.HTTP_NOT_FOUND);

    private final LongSupplier nanoClock;
    private volatile boolean absent;
    private volatile boolean forgotten; // what was known before was given up
    private volatile long since;

    Absence(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Returns the status that the API server has answered with; 0 where it has not answered. */
    static int code(Throwable failure) {
        for (Throwable cause : Throwables.getCausalChain(failure)) {
            if (cause instanceof KubernetesClientException answer && answer.getCode() > 0) {
                return answer.getCode();
            }
        }
        return 0;
    }

    static boolean isDecided(int code) {
        return DECIDED.contains(code);
    }

    /**
     * Learns of a failure to list.
     *
     * @return whether it is now said for the first time that there is no such kind
     */
    boolean failed(int code) {
        if (code != HttpURLConnection.HTTP_NOT_FOUND) {
            return false; // says nothing of what there is
        }
        boolean news = !absent;
        if (news) {
            since = nanoClock.getAsLong();
            forgotten = false;
            absent = true;
        }
        return news;
    }

    /**
     * Learns that the kind is there.
     *
     * @return whether it was not until now
     */
    boolean listed() {
        boolean news = absent;
        absent = false;
        return news;
    }

    boolean isAbsent() {
        return absent;
    }

    /** Returns, once, whether what was known is to be given up. */
    boolean isToBeForgotten(long now) {
        if (!absent || forgotten || now - since < CERTAIN.toNanos()) {
            return false;
        }
        forgotten = true;
        return true;
    }
}
