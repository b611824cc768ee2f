/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Makes trouble, takes it back, and says what it does. Called by one thread. */
final class Troubles {
    /** How many pods the service has when all is well. */
    static final int PODS = 10;

    private static final int ADDED_PODS = 3;
    private static final double SLOWDOWN = 5;
    private static final String LOST_ZONE = "b";

    private final Fleet fleet;
    private final Supplier<Map<String, Integer>> pinnedConnections;
    private final RandomGenerator random;

    Troubles(Fleet fleet, Supplier<Map<String, Integer>> pinnedConnections, RandomGenerator random) {
        this.fleet = fleet;
        this.pinnedConnections = pinnedConnections;
        this.random = random;
    }

    /** Makes the trouble of a scenario; returns what was done. */
    String make(Scenario scenario) {
        return switch (scenario) {
            case HEALTHY -> fleet.readyPods().size() + " pods in two zones, all well.";
            case POD_KILLED -> {
                String pod = victim();
                fleet.kill(List.of(pod));
                yield "Killed " + pod + ". Kubernetes notices it " + Fleet.READINESS_DELAY.toMillis() + " ms later.";
            }
            case POD_SLOW -> {
                String pod = victim();
                fleet.behaviour(pod).setSlowdown(SLOWDOWN);
                yield pod + " takes five times as long for each request.";
            }
            case POD_FAILING -> {
                String pod = victim();
                fleet.behaviour(pod).setFailing(true);
                yield pod + " fails every request, at once.";
            }
            case ZONE_DOWN -> {
                List<String> lost = alive().filter(pod -> pod.zone().equals(LOST_ZONE))
                        .map(DemoPod::name)
                        .toList();
                fleet.kill(lost);
                yield "Zone " + LOST_ZONE + " is gone: " + lost.size() + " pods died at the same moment.";
            }
            case PODS_ADDED -> {
                List<String> added = new ArrayList<>();
                for (int i = 0; i < ADDED_PODS; i++) {
                    added.add(fleet.start(Fleet.ZONES.get(i % Fleet.ZONES.size())));
                }
                yield "Added " + String.join(", ", added) + ".";
            }
        };
    }

    /** Makes everything well again; returns what was done. */
    String heal() {
        List<String> started = fleet.replaceDead();
        List<DemoPod> pods = fleet.pods();
        pods.forEach(pod -> {
            pod.server().behaviour().setSlowdown(1);
            pod.server().behaviour().setFailing(false);
        });
        List<String> superfluous = pods.stream()
                .sorted(Comparator.comparing(DemoPod::readyChanged).reversed())
                .limit(Math.max(0, pods.size() - PODS))
                .map(DemoPod::name)
                .toList();
        superfluous.forEach(fleet::retire);
        StringBuilder said = new StringBuilder("Well again");
        if (!started.isEmpty()) {
            said.append("; new in place of the dead: ").append(String.join(", ", started));
        }
        if (!superfluous.isEmpty()) {
            said.append("; stopped in good order: ").append(String.join(", ", superfluous));
        }
        return said.append('.').toString();
    }

    /**
     * Chooses the pod that gets the trouble. It shall say something about an average pod: over as many pinned connections as
     * pods, an average pod has one, but many have none or several. So it is drawn among those with the fewest, at least one.
     */
    private String victim() {
        Map<String, Integer> connections = pinnedConnections.get();
        List<DemoPod> healthy = well().toList();
        if (healthy.isEmpty()) {
            throw new IllegalStateException("no healthy pod is left (expected: at least one)");
        }
        int fewest = healthy.stream()
                .mapToInt(pod -> connections.getOrDefault(pod.name(), 0))
                .filter(count -> count > 0)
                .min()
                .orElse(0);
        List<DemoPod> candidates = healthy.stream()
                .filter(pod -> connections.getOrDefault(pod.name(), 0) == fewest)
                .toList();
        return candidates.get(random.nextInt(candidates.size())).name();
    }

    private Stream<DemoPod> alive() {
        return fleet.pods().stream().filter(pod -> pod.state() == DemoPod.State.READY);
    }

    private Stream<DemoPod> well() {
        return alive().filter(pod -> pod.server().behaviour().slowdown() == 1
                && !pod.server().behaviour().isFailing());
    }
}
