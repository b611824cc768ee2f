/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.peer;

import dev.xdslb.simulation.SimulatedSystem;
import java.util.List;

/** The peers that xds-lb is compared with. */
public final class Peers {
    private Peers() {}

    /** Each pod in turn, every client from a position of its own: the default of Spring Cloud LoadBalancer and of gRPC. */
    public static SimulatedSystem roundRobin() {
        return SimulatedSystem.ofAlgorithm("round-robin", RoundRobinPeer::new);
    }

    /** Any pod, all equally likely: Spring Cloud's {@code RandomLoadBalancer}. */
    public static SimulatedSystem random() {
        return SimulatedSystem.ofAlgorithm("random", RandomPeer::new);
    }

    /**
     * The one with fewer requests in flight of two draws, which may hit the same pod twice: gRPC's {@code
     * least_request_experimental} (proposal A48), Envoy's {@code LEAST_REQUEST} with equal weights, SmallRye Stork's {@code
     * power-of-two-choices}.
     */
    public static SimulatedSystem p2cWithReplacement() {
        return SimulatedSystem.ofAlgorithm(
                "p2c-with-replacement",
                client -> new LeastRequestPeer(client, LeastRequestPeer.Draw.TWO_WITH_REPLACEMENT));
    }

    /** The one with fewer requests in flight of two different pods: Finagle's {@code p2c}, Linkerd's balancer. */
    public static SimulatedSystem p2cDistinct() {
        return SimulatedSystem.ofAlgorithm(
                "p2c-distinct", client -> new LeastRequestPeer(client, LeastRequestPeer.Draw.TWO_DISTINCT));
    }

    /** The one with the fewest requests in flight of all pods, a tie by chance: Envoy's {@code FULL_SCAN}. */
    public static SimulatedSystem fullScan() {
        return SimulatedSystem.ofAlgorithm(
                "full-scan", client -> new LeastRequestPeer(client, LeastRequestPeer.Draw.ALL));
    }

    /** Two different pods, compared by Finagle's {@code PeakEwma}: blind to zones and to errors. */
    public static SimulatedSystem p2cPeakEwma() {
        return SimulatedSystem.ofAlgorithm("p2c-peak-ewma", client -> new PeakEwmaPeer(client, ZoneRouting.BLIND));
    }

    /** {@link #p2cPeakEwma()} over the pods of the client's zone for as long as it has any: Spring's zone preference. */
    public static SimulatedSystem strictZone() {
        return SimulatedSystem.ofAlgorithm("zone-strict", client -> new PeakEwmaPeer(client, ZoneRouting.STRICT));
    }

    /** {@link #p2cPeakEwma()} over a zone that is chosen as Envoy's zone-aware routing does, by the shares of clients and pods. */
    public static SimulatedSystem envoyZoneAware() {
        return SimulatedSystem.ofAlgorithm("zone-envoy", client -> new PeakEwmaPeer(client, ZoneRouting.BY_CAPACITY));
    }

    /**
     * Long-lived connections, each to the pod that kube-proxy drew when it was opened, used in turn.
     *
     * @param connections of each client, at least 1
     */
    public static SimulatedSystem pinned(int connections) {
        return SimulatedSystem.ofAlgorithm("pinned-" + connections, client -> new PinnedPeer(client, connections));
    }

    /** Returns all that balance each request and know nothing of zones. */
    public static List<SimulatedSystem> perRequest() {
        return List.of(roundRobin(), random(), p2cWithReplacement(), p2cDistinct(), fullScan(), p2cPeakEwma());
    }
}
