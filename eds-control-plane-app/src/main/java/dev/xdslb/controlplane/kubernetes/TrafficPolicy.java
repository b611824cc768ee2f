/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePolicy.TrafficDistribution;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the fields of a Service say of where requests go. Kube-proxy obeys them; so do we, as far as we can.
 *
 * @param distribution null where nothing is said that is known
 * @param nodeLocal whether clients get the endpoints of their own Node alone
 * @param problems what is not obeyed, or not for all, for people
 */
record TrafficPolicy(@Nullable TrafficDistribution distribution, boolean nodeLocal, List<String> problems) {

    static TrafficPolicy read(@Nullable ServiceSpec spec) {
        if (spec == null) {
            return new TrafficPolicy(null, false, List.of());
        }
        List<String> problems = new ArrayList<>();
        boolean nodeLocal = "Local".equals(spec.getInternalTrafficPolicy());
        if (nodeLocal) {
            problems.add("internalTrafficPolicy is Local, which is obeyed for clients that say their Pod (node metadata"
                    + " \"namespace\" and \"pod\"); any other gets the endpoints of all Nodes");
        }
        if ("ClientIP".equals(spec.getSessionAffinity())) {
            problems.add(
                    "sessionAffinity is ClientIP, which is not obeyed (use strategy ring-hash or maglev with a key)");
        }
        return new TrafficPolicy(distribution(spec.getTrafficDistribution(), problems), nodeLocal, problems);
    }

    ServicePolicy over(ServicePolicy annotations) {
        return annotations.with(distribution, nodeLocal);
    }

    private static @Nullable TrafficDistribution distribution(@Nullable String text, List<String> problems) {
        return switch (text == null ? "" : text) {
            case "" -> null;
            case "PreferSameZone", "PreferClose" -> TrafficDistribution.SAME_ZONE; // the latter is the older name
            case "PreferSameNode" -> TrafficDistribution.SAME_NODE;
            default -> {
                problems.add("trafficDistribution is \"" + text
                        + "\" (expected: PreferSameZone, PreferSameNode or PreferClose); it does not count");
                yield null;
            }
        };
    }
}
