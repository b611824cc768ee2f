/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.peer;

import dev.xdslb.simulation.SimulatedClient;
import dev.xdslb.simulation.SimulatedPod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which zone a request goes to. */
enum ZoneRouting {
    /** There is one group: all pods. */
    BLIND,
    /** The own zone, where it has a ready pod; else all pods. */
    STRICT,
    /**
     * The own zone with probability {@code min(1, U/L)}, U being its share of the ready pods and L its share of the clients; the
     * rest goes to the zones that have pods left over, in proportion to {@code U_z - L_z}. Envoy's zone-aware routing.
     */
    BY_CAPACITY;

    /** Returns the groups of pods and how likely each of them is. */
    Groups groups(SimulatedClient client, List<SimulatedPod> pods) {
        int[] all = SimulatedPod.readyIndexes(pods);
        Map<String, List<SimulatedPod>> byZone = new LinkedHashMap<>();
        for (SimulatedPod pod : pods) {
            if (pod.isReady()) {
                byZone.computeIfAbsent(pod.endpoint().locality().zone(), zone -> new ArrayList<>())
                        .add(pod);
            }
        }
        List<SimulatedPod> local = byZone.getOrDefault(client.zone(), List.of());
        if (this == BLIND || (this == STRICT && local.isEmpty())) {
            return new Groups(new int[][] {all}, new double[] {1});
        }
        if (this == STRICT) {
            return new Groups(new int[][] {SimulatedPod.readyIndexes(local)}, new double[] {1});
        }
        List<int[]> groups = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        double stays = Math.min(1, local.size() / (double) all.length / client.clientShare(client.zone()));
        if (stays > 0) {
            groups.add(SimulatedPod.readyIndexes(local));
            weights.add(stays);
        }
        Map<String, Double> residuals = new LinkedHashMap<>();
        byZone.forEach((zone, inZone) -> {
            double residual = inZone.size() / (double) all.length - client.clientShare(zone);
            if (residual > 0 && !zone.equals(client.zone())) {
                residuals.put(zone, residual);
            }
        });
        double allResiduals =
                residuals.values().stream().mapToDouble(Double::doubleValue).sum();
        residuals.forEach((zone, residual) -> {
            groups.add(SimulatedPod.readyIndexes(byZone.getOrDefault(zone, List.of())));
            weights.add((1 - stays) * residual / allResiduals);
        });
        return new Groups(
                groups.toArray(int[][]::new),
                weights.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
