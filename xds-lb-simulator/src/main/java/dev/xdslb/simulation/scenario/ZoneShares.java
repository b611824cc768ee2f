/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.simulation.ClientGroup;
import dev.xdslb.simulation.Fault;
import dev.xdslb.simulation.PodSpec;
import dev.xdslb.simulation.ServiceTime;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import dev.xdslb.simulation.SimulationResult;
import dev.xdslb.simulation.peer.Peers;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Clients and pods are spread unevenly over zones: how many requests stay local, and how evenly the pods are loaded all the
 * same. The cases are those of Envoy's {@code load_balancer_simulation_test.cc}.
 *
 * @param clients per zone
 * @param pods per zone, ready or not
 * @param ready how many of them are ready, per zone
 */
public record ZoneShares(List<Integer> clients, List<Integer> pods, List<Integer> ready) implements Scenario {
    private static final double REQUESTS_PER_POD = 100;

    public ZoneShares {
        clients = List.copyOf(clients);
        pods = List.copyOf(pods);
        ready = List.copyOf(ready);
        if (clients.size() != pods.size() || pods.size() != ready.size()) {
            throw new IllegalArgumentException("zones: " + clients.size() + ", " + pods.size() + ", " + ready.size()
                    + " (expected: equally many)");
        }
    }

    /** Returns the case in which all pods are ready. */
    public static ZoneShares allReady(List<Integer> clients, List<Integer> pods) {
        return new ZoneShares(clients, pods, pods);
    }

    @Override
    public String name() {
        return "zone-shares-" + Names.joined(clients) + "-to-" + Names.joined(pods)
                + (ready.equals(pods) ? "" : "-ready-" + Names.joined(ready));
    }

    @Override
    public String description() {
        return "zones with " + clients + " clients and " + pods + " pods of which " + ready
                + " are ready, lightly loaded";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        Simulation.Builder builder =
                Simulation.builder().duration(Duration.ofSeconds(30)).phaseFrom(Duration.ofSeconds(10));
        int allClients = clients.stream().mapToInt(Integer::intValue).sum();
        int allReady = ready.stream().mapToInt(Integer::intValue).sum();
        for (int zone = 0; zone < pods.size(); zone++) {
            PodSpec pod =
                    PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(5), 0.3)).inZone(zoneName(zone));
            builder.pods(ready.get(zone), pod)
                    .pods(
                            pods.get(zone) - ready.get(zone),
                            pod.withFault(Fault.notReady(Duration.ZERO, Fault.FOR_EVER)));
            if (clients.get(zone) > 0) {
                double rate = REQUESTS_PER_POD * allReady * clients.get(zone) / allClients;
                builder.clients(ClientGroup.openLoop(clients.get(zone), rate).inZone(zoneName(zone)));
            }
        }
        SimulationResult result = builder.build().run(system, firstSeed);
        return List.of(
                Row.percent(
                        this,
                        system,
                        "local-in-first-zone",
                        result.trafficFrom(zoneName(0)).localShare(10, 30)),
                Row.percent(this, system, "local", localShare(result)),
                Row.ratio(this, system, "max-over-mean", result.last().maxOverMean()));
    }

    @Override
    public List<SimulatedSystem> peers() {
        return List.of(Peers.envoyZoneAware(), Peers.strictZone(), Peers.p2cPeakEwma());
    }

    private double localShare(SimulationResult result) {
        double all = clients.stream().mapToInt(Integer::intValue).sum();
        return IntStream.range(0, clients.size())
                .filter(zone -> clients.get(zone) > 0)
                .mapToDouble(zone -> clients.get(zone)
                        / all
                        * result.trafficFrom(zoneName(zone)).localShare(10, 30))
                .sum();
    }

    private static String zoneName(int zone) {
        return String.valueOf((char) ('a' + zone));
    }
}
