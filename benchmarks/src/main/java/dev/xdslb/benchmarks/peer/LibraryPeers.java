/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.peer;

import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.SimulatedSystem.Origin;
import java.util.List;

/** The peers whose own code can be driven in virtual time. Their chance is their own, so runs differ a little. */
public final class LibraryPeers {
    private LibraryPeers() {}

    /** Returns grpc-java's least_request and round_robin, Spring Cloud's two, Finagle's p2c with both loads, Armeria's round robin. */
    public static List<SimulatedSystem> all() {
        return List.of(
                new SimulatedSystem(
                        "grpc-java-least-request",
                        Origin.IMPLEMENTATION,
                        client -> new GrpcJavaPeer("least_request_experimental")),
                new SimulatedSystem(
                        "grpc-java-round-robin", Origin.IMPLEMENTATION, client -> new GrpcJavaPeer("round_robin")),
                new SimulatedSystem("spring-round-robin", Origin.IMPLEMENTATION, SpringPeer::roundRobin),
                new SimulatedSystem("spring-random", Origin.IMPLEMENTATION, client -> SpringPeer.random()),
                new SimulatedSystem("finagle-p2c-least-loaded", Origin.IMPLEMENTATION, FinaglePeer::leastLoaded),
                new SimulatedSystem("finagle-p2c-peak-ewma", Origin.IMPLEMENTATION, FinaglePeer::peakEwma),
                new SimulatedSystem(
                        "armeria-weighted-round-robin",
                        Origin.IMPLEMENTATION,
                        client -> ArmeriaPeer.weightedRoundRobin()));
    }
}
