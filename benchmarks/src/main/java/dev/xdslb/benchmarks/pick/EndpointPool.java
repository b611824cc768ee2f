/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.pick;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.Locality;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The endpoints that are picked among, in three zones, all of them healthy and warm.
 *
 * @param size their number
 * @param weighted whether they weigh 1, 2, 3, 1, 2, 3 and so on; all weigh the same where not
 */
public record EndpointPool(int size, boolean weighted) {
    private static final int ZONES = 3;
    private static final int WEIGHTS = 3;
    private static final int PORT = 8080;

    /** Returns the zone of an endpoint, and of the client for position 0. */
    static String zone(int index) {
        return "zone-" + index % ZONES;
    }

    /** Returns the host of an endpoint, an address. */
    public static String host(int index) {
        return "10." + (index >> 16) + '.' + (index >> 8 & 0xFF) + '.' + (index & 0xFF);
    }

    /** Returns the port that all of them listen on. */
    public static int port() {
        return PORT;
    }

    /** Returns the weight of an endpoint. */
    public int weight(int index) {
        return weighted ? 1 + index / ZONES % WEIGHTS : 1;
    }

    /**
     * Returns them as the engine knows them.
     *
     * @param generation part of the pods' uids: those of another generation are other pods
     */
    List<Endpoint> endpoints(int generation) {
        return IntStream.range(0, size)
                .mapToObj(i -> Endpoint.builder(host(i), PORT)
                        .pod("pod-" + i, "uid-" + generation + '-' + i)
                        .locality(new Locality("", zone(i), ""))
                        .weight(weight(i))
                        .readySince(Instant.EPOCH)
                        .build())
                .toList();
    }
}
