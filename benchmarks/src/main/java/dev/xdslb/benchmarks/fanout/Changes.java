/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Which services exist, who subscribes to which, and which change is whose. Client and server compute the same from the same two
 * numbers, so nothing but the number of a change travels: in the address of the service's first endpoint.
 *
 * <p>The changes are numbered. The first {@code services} ones are the state that a server starts with. As many after them are made
 * while a server is down, where one is restarted. The service of each later one is drawn evenly.
 */
final class Changes {
    /** A number has to fit into the last three parts of an IPv4 address. */
    static final int MAXIMUM = 1 << 24;

    /** Of xorshift64*: Vigna, An experimental exploration of Marsaglia's xorshift generators, scrambled. */
    private static final long MULTIPLIER = 0x2545F4914F6CDD1DL;

    private final int services;
    private final int subscriptions;

    Changes(FanOutSizes sizes) {
        this(sizes.services(), sizes.subscriptions());
    }

    Changes(int services, int subscriptions) {
        this.services = services;
        this.subscriptions = subscriptions;
    }

    int services() {
        return services;
    }

    int subscriptions() {
        return subscriptions;
    }

    /** Returns the first change that is made while a server runs. */
    int firstDrawn() {
        return 2 * services;
    }

    /**
     * Returns the changes that are made while a server is down, by service: one in the services of each stream.
     *
     * @param restarted whether it was down at all
     */
    Map<Integer, Integer> whileDown(boolean restarted) {
        Map<Integer, Integer> changed = new HashMap<>();
        for (int service = 0; restarted && service < services; service += subscriptions) {
            changed.put(service, services + service);
        }
        return changed;
    }

    /** Returns the service that a change is one of. */
    int serviceOf(int change) {
        if (change < firstDrawn()) {
            return change % services;
        }
        long mixed = (change + 1L) * 0x9E3779B97F4A7C15L;
        mixed ^= mixed >>> 12;
        mixed ^= mixed << 25;
        mixed ^= mixed >>> 27;
        return (int) Long.remainderUnsigned((mixed * MULTIPLIER) >>> 16, services);
    }

    /** Returns the services of all changes up to one, and for each the change of the same service before it; -1 for none. */
    int[] previous(int changes) {
        int[] latest = new int[services];
        Arrays.fill(latest, -1);
        int[] previous = new int[changes];
        for (int change = 0; change < changes; change++) {
            int service = serviceOf(change);
            previous[change] = latest[service];
            latest[service] = change;
        }
        return previous;
    }

    /** Returns the n-th service that a stream subscribes to: streams share neighbouring services block by block. */
    int subscribed(int stream, int n) {
        return (int) (((long) stream * subscriptions + n) % services);
    }

    /** Returns which of a stream's subscriptions a service is; -1 if it is none. */
    int slot(int stream, int service) {
        int first = subscribed(stream, 0);
        int slot = Math.floorMod(service - first, services);
        return slot < subscriptions ? slot : -1;
    }
}
