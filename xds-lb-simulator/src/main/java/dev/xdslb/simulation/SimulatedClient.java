/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import dev.xdslb.policy.ClientPlace;
import dev.xdslb.strategy.RequestAttributes;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a client knows about itself when its balancer is made.
 *
 * @param index its position among all clients of the simulation
 * @param zone where it runs, empty when unknown
 * @param clientsPerZone how many clients run in each zone
 * @param nanoClock the virtual time
 * @param wallClock the virtual time of day, in which pods say since when they are ready
 * @param random of this client alone, decided by the simulation's seed; not thread-safe
 * @param requests makes what is known about the next request that this client sends
 * @param accepts whether the pod with this index would accept a connection right now; asking costs nothing
 */
public record SimulatedClient(
        int index,
        String zone,
        Map<String, Integer> clientsPerZone,
        LongSupplier nanoClock,
        InstantSource wallClock,
        RandomGenerator random,
        Supplier<RequestAttributes> requests,
        IntPredicate accepts)
        implements ClientPlace {

    public SimulatedClient {
        clientsPerZone = Map.copyOf(clientsPerZone);
    }

    @Override
    public double clientShare(String ofZone) {
        double all =
                clientsPerZone.values().stream().mapToInt(Integer::intValue).sum();
        return clientsPerZone.getOrDefault(ofZone, 0) / all;
    }
}
