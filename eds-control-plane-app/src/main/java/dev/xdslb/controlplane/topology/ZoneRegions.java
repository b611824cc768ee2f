/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.util.HashMap;
import java.util.Map;

/**
 * In which region each zone is, as its Nodes say. For an endpoint whose own Node is not known, not yet or not any more: without
 * that it would be in a locality beside that of its zone. Confined to the writer thread.
 */
final class ZoneRegions {
    private final Map<String, Map<String, Integer>> nodes = new HashMap<>(); // of a zone, by region

    /** Adds a Node; returns whether something else is to be said of its zone now. */
    boolean add(NodeObject node) {
        return change(node, 1);
    }

    /** Takes one out; returns the same. */
    boolean remove(NodeObject node) {
        return change(node, -1);
    }

    /** Returns the region; empty where no Node says it, or where the zone's name is used in several regions. */
    String regionOf(String zone) {
        Map<String, Integer> regions = nodes.getOrDefault(zone, Map.of());
        return regions.size() == 1 ? regions.keySet().iterator().next() : "";
    }

    private boolean change(NodeObject node, int by) {
        if (node.zone().isEmpty()) {
            return false;
        }
        String before = regionOf(node.zone());
        nodes.compute(node.zone(), (zone, known) -> {
            Map<String, Integer> regions = known == null ? new HashMap<>() : known;
            regions.merge(node.region(), by, (a, b) -> a + b == 0 ? null : a + b);
            return regions.isEmpty() ? null : regions;
        });
        return !before.equals(regionOf(node.zone()));
    }
}
