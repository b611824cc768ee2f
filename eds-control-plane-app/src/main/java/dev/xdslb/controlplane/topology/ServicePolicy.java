/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How clients are to balance over a service, as far as the Service itself says so.
 *
 * @param said what its annotations say; whatever is not in it, the clients decide
 * @param distribution which endpoints are preferred; null for nothing said
 * @param nodeLocal whether a client gets the endpoints of its own Node alone ({@code internalTrafficPolicy: Local})
 */
public record ServicePolicy(
        Map<PolicyKnob, Object> said, @Nullable TrafficDistribution distribution, boolean nodeLocal) {

    public static final ServicePolicy NONE = new ServicePolicy(Map.of());

    private static final String RING_HASH = "ring-hash";
    private static final String MAGLEV = "maglev";

    /** Which endpoints a Service prefers ({@code spec.trafficDistribution}). */
    public enum TrafficDistribution {
        /** Those in the client's zone. */
        SAME_ZONE,
        /** Those on the client's Node, and else those in its zone. */
        SAME_NODE
    }

    /** How strictly requests stay in the client's zone. */
    public enum ZoneAffinity {
        /** Zones are not looked at. */
        OFF,
        /** As many as the zone can take; the rest goes to the others. */
        SPILL,
        /** All, for as long as the zone has an endpoint. */
        FORCED
    }

    public ServicePolicy {
        EnumMap<PolicyKnob, Object> copy = new EnumMap<>(PolicyKnob.class);
        said.forEach((knob, value) -> copy.put(knob, knob.type().cast(value)));
        said = Collections.unmodifiableMap(copy);
    }

    /** Returns a policy that says nothing of where endpoints are. */
    public ServicePolicy(Map<PolicyKnob, Object> said) {
        this(said, null, false);
    }

    /** Returns what is said of a text; null for nothing. */
    public @Nullable String text(PolicyKnob knob) {
        return (String) said.get(knob);
    }

    /** Returns what is said of a whole number; null for nothing. */
    public @Nullable Integer count(PolicyKnob knob) {
        return (Integer) said.get(knob);
    }

    /** Returns what is said of a number; null for nothing. */
    public @Nullable Double number(PolicyKnob knob) {
        return (Double) said.get(knob);
    }

    /** Returns what is said of a duration; null for nothing. */
    public @Nullable Duration duration(PolicyKnob knob) {
        return (Duration) said.get(knob);
    }

    /** Returns how strictly requests are to stay in the client's zone; null for nothing said. An annotation comes before the spec. */
    public @Nullable ZoneAffinity zones() {
        String text = text(PolicyKnob.ZONE_AFFINITY);
        if (text == null) {
            return distribution == null ? null : ZoneAffinity.SPILL;
        }
        return switch (text) {
            case "off" -> ZoneAffinity.OFF;
            case "forced" -> ZoneAffinity.FORCED;
            default -> ZoneAffinity.SPILL;
        };
    }

    /** Returns whether requests with the same key are to go to the same endpoint. */
    public boolean picksByKey() {
        String strategy = text(PolicyKnob.STRATEGY);
        return RING_HASH.equals(strategy) || MAGLEV.equals(strategy);
    }

    /** Returns what tells requests apart that are to go to the same endpoint; null where none are. */
    public @Nullable String requestKey() {
        return picksByKey() ? text(PolicyKnob.HASH_KEY) : null;
    }

    /** Returns whether clients on different Nodes get different endpoints, or in another order. */
    public boolean dependsOnNode() {
        return nodeLocal || distribution == TrafficDistribution.SAME_NODE;
    }

    /**
     * Returns this, completed by another one where this says nothing. A subset is taken as a whole. A service is local to Nodes
     * where either says so.
     */
    ServicePolicy or(ServicePolicy other) {
        Map<PolicyKnob, Object> both = new EnumMap<>(PolicyKnob.class);
        boolean hasSubset = said.containsKey(PolicyKnob.SUBSET_FROM);
        other.said.forEach((knob, value) -> {
            if (!(hasSubset && knob.isOfSubset())) {
                both.put(knob, value);
            }
        });
        both.putAll(said);
        return new ServicePolicy(
                both, distribution == null ? other.distribution : distribution, nodeLocal || other.nodeLocal);
    }

    /** Returns the same with another word on where endpoints are. */
    public ServicePolicy with(@Nullable TrafficDistribution newDistribution, boolean newNodeLocal) {
        return new ServicePolicy(said, newDistribution, newNodeLocal);
    }
}
