/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.cluster.RequestTotals;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ClientSubset;
import dev.xdslb.policy.Pool;
import dev.xdslb.xds.XdsStatus;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One cluster, as the actuator shows it.
 *
 * @param from where its endpoints come from
 * @param reason why from there, empty where there is nothing to explain
 * @param strategyUntil until when the strategy is another one than is configured; null where it is that one
 * @param samplingUntil until when picks are sampled; null where they are not
 * @param drained which endpoints are drained in this process
 * @param resource what the control plane said last, null where the source is none
 * @param panic whether ejection is ignored because too few endpoints are trusted
 * @param zones how many endpoints stand where, by zone
 * @param used which of them this client uses
 * @param matching how many endpoints there are of those that were asked for
 * @param endpoints some of those
 */
record ClusterReport(
        String cluster,
        String from,
        String reason,
        String strategy,
        @Nullable Instant strategyUntil,
        @Nullable Instant samplingUntil,
        List<Drained> drained,
        @Nullable Resource resource,
        boolean panic,
        long ejections,
        RequestTotals requests,
        Map<String, Map<String, Integer>> zones,
        Used used,
        int matching,
        int offset,
        List<EndpointReport> endpoints) {

    /**
     * An endpoint that is drained in this process.
     *
     * @param obeyed false where it gets requests all the same, because no other one is ready
     */
    record Drained(String endpoint, Instant until, boolean obeyed) {
        static List<Drained> of(Cluster cluster, ClusterPicker picker) {
            Map<EndpointKey, Instant> drains = cluster.overrides().drains();
            if (drains.isEmpty()) {
                return List.of();
            }
            Set<EndpointKey> used = picker.members().stream()
                    .filter(member -> member.endpoint().health().receivesRequests())
                    .map(member -> member.endpoint().key())
                    .collect(Collectors.toSet());
            return drains.entrySet().stream()
                    .map(drain ->
                            new Drained(drain.getKey().address(), drain.getValue(), !used.contains(drain.getKey())))
                    .sorted(Comparator.comparing(Drained::endpoint))
                    .limit(XdsLbEndpoint.MAX_SHOWN)
                    .toList();
        }
    }

    /**
     * Which of the endpoints this client uses.
     *
     * @param endpointsPerClient as it is set
     * @param endpoints how many it uses, ready or not
     * @param outside how many it does not
     * @param clients how many clients there are, null where that is not known
     * @param parts each priority and label value by itself; none where endpointsPerClient is off
     */
    record Used(
            String endpointsPerClient,
            int endpoints,
            int outside,
            @Nullable Integer clients,
            List<Part> parts) {
        static Used of(Cluster cluster, ClusterPicker picker, int clients) {
            ClientSubset subset = picker.clientSubset();
            return new Used(
                    cluster.settings().policy().endpointsPerClient().toString(),
                    subset.chosen().size(),
                    subset.outside().size(),
                    clients > 0 ? clients : null,
                    subset.parts().stream()
                            .limit(XdsLbEndpoint.MAX_SHOWN)
                            .map(part -> Part.of(part, clients))
                            .toList());
        }

        /**
         * Endpoints that a request may choose among.
         *
         * @param endpoints how many there are
         * @param used how many of them this client uses
         * @param why why so many
         * @param clientsPerEndpoint how many clients use each endpoint, if all do as this one; far below 20 the load of the endpoints is
         *     uneven. Null where it is not known
         */
        record Part(
                int priority,
                String label,
                int endpoints,
                int used,
                String why,
                @Nullable Double clientsPerEndpoint) {
            static Part of(ClientSubset.Part part, int clients) {
                return new Part(
                        part.priority(),
                        part.label(),
                        part.endpoints(),
                        part.chosen(),
                        part.why(),
                        clients > 0 ? (double) clients * part.chosen() / part.endpoints() : null);
            }
        }
    }

    /**
     * What was heard of the resource.
     *
     * @param state as Envoy's client status discovery names it
     * @param updated when the newest answer came; null for never
     * @param problem why the newest answer could not be used, or what the control plane complains of; empty for nothing
     */
    record Resource(String state, String version, @Nullable Instant updated, String problem) {
        static @Nullable Resource of(@Nullable XdsStatus status, String name) {
            if (status == null) {
                return null;
            }
            for (XdsStatus.Resource resource : status.resources()) {
                if (resource.name().equals(name)) {
                    Instant updated = resource.updated();
                    return new Resource(
                            resource.state().name(),
                            resource.version(),
                            updated.equals(Instant.EPOCH) ? null : updated,
                            resource.problem());
                }
            }
            return null;
        }
    }

    static ClusterReport of(
            Cluster cluster,
            @Nullable XdsStatus status,
            int clients,
            Predicate<EndpointReport> asked,
            int offset,
            int limit) {
        ClusterPicker picker = cluster.picker();
        Census census = Census.of(picker);
        Map<EndpointKey, Candidate> candidates = candidates(picker);
        Stream<EndpointReport> used = picker.members().stream().map(member -> {
            EndpointKey key = member.endpoint().key();
            return EndpointReport.of(member, candidates.get(key), census.exclusion(member.endpoint()));
        });
        Stream<EndpointReport> outside =
                picker.clientSubset().outside().stream().map(EndpointReport::outside);
        List<EndpointReport> matching =
                Stream.concat(used, outside).filter(asked).toList();
        return new ClusterReport(
                cluster.resource(),
                picker.status().state().name(),
                picker.status().reason(),
                cluster.settings().strategyName(),
                cluster.overrides().strategyUntil(),
                cluster.overrides().samplingUntil(),
                Drained.of(cluster, picker),
                Resource.of(status, cluster.resource()),
                picker.plan().isPanic(),
                picker.plan().ejections(),
                picker.totals(),
                zones(census),
                Used.of(cluster, picker, clients),
                matching.size(),
                offset,
                matching.stream().skip(offset).limit(limit).toList());
    }

    /** A candidate may be in several groups: the first one, of all endpoints of its priority, says its weight. */
    private static Map<EndpointKey, Candidate> candidates(ClusterPicker picker) {
        Map<EndpointKey, Candidate> candidates = new HashMap<>();
        for (Pool group : picker.plan().groups()) {
            for (int i = 0; i < group.size(); i++) {
                candidates.putIfAbsent(group.get(i).endpoint().key(), group.get(i));
            }
        }
        return candidates;
    }

    static Map<String, Map<String, Integer>> zones(Census census) {
        Map<String, Map<String, Integer>> zones = new LinkedHashMap<>();
        census.zones().forEach((zone, standings) -> {
            Map<String, Integer> counts = new LinkedHashMap<>();
            standings.forEach((standing, count) -> counts.put(standing.word(), count));
            zones.put(MeterKey.valueOrNone(zone), counts);
        });
        return zones;
    }

    /** Returns whether a report is of a zone and a state, where these are given. */
    static Predicate<EndpointReport> asked(@Nullable String zone, @Nullable String state) {
        return report -> (zone == null || MeterKey.valueOrNone(report.zone()).equals(zone))
                && (state == null || report.state().equals(state.toLowerCase(Locale.ROOT)));
    }
}
