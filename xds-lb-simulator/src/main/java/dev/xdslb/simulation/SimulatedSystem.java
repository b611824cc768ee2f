/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import static java.util.Objects.requireNonNull;

import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import java.util.function.Function;

/**
 * A way to balance that simulations compare.
 *
 * @param name how tables call it, in kebab-case
 * @param origin what is simulated under this name
 * @param balancers makes the balancer of each client
 */
public record SimulatedSystem(String name, Origin origin, Function<SimulatedClient, SimulatedBalancer> balancers) {

    public SimulatedSystem {
        requireNonNull(name, "name");
        requireNonNull(origin, "origin");
        requireNonNull(balancers, "balancers");
    }

    /** What is simulated. */
    public enum Origin {
        /** The engine of xds-lb, with this or that strategy. */
        ENGINE("xds-lb"),
        /** The library that users run, driven in virtual time. */
        IMPLEMENTATION("its own code"),
        /** An algorithm, written anew as its authors published it. */
        ALGORITHM("published algorithm"),
        /** A bound that no balancer on the client's side can pass. */
        LIMIT("limit");

        private final String label;

        Origin(String label) {
            this.label = label;
        }

        /** Returns what tables print. */
        public String label() {
            return label;
        }
    }

    /**
     * Returns the engine with a strategy of one's own and otherwise the defaults.
     *
     * @param strategy makes the strategy of one client; use the client's random generator for runs that can be repeated
     */
    public static SimulatedSystem ofStrategy(String name, Function<SimulatedClient, LoadBalancingStrategy> strategy) {
        return ofEngine(name, client -> ClusterSettings.of(strategy.apply(client)));
    }

    /** Returns the engine with settings of one's own. */
    public static SimulatedSystem ofEngine(String name, Function<SimulatedClient, ClusterSettings> settings) {
        return new SimulatedSystem(name, Origin.ENGINE, client -> new EngineBalancer(client, settings.apply(client)));
    }

    /** Returns a peer whose algorithm was written for the simulation. */
    public static SimulatedSystem ofAlgorithm(String name, Function<SimulatedClient, SimulatedBalancer> balancers) {
        return new SimulatedSystem(name, Origin.ALGORITHM, balancers);
    }

    /**
     * Returns the limit of what balancing can reach: requests wait in one queue, and any worker that is free takes the next,
     * the fastest first.
     */
    public static SimulatedSystem centralQueue() {
        return new SimulatedSystem("central-queue", Origin.LIMIT, client -> CentralQueue.INSTANCE);
    }
}
