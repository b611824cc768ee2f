/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.topology.EndpointView;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The endpoints of a port as a ClusterLoadAssignment that Envoy and gRPC of every language accept: a locality is always
 * set and has a weight, no locality and no address occurs twice, addresses are IP addresses.
 */
final class EndpointsTranslation {

    /** What plain xDS cannot say, for our own client. */
    private static final String OUR_METADATA = "dev.xdslb";

    /** Where Envoy looks for subsets. */
    private static final String ENVOY_METADATA = "envoy.lb";

    private EndpointsTranslation() {}

    /**
     * Translates.
     *
     * @param all whether endpoints that must not get requests are included. In panic Envoy ignores health, so it must
     *     not know them; our client wants to know how much capacity exists
     * @param near whose endpoints come before others: those of its node, then those of its region; empty where all are
     *     alike
     * @param zoneWeights how the requests to the nearest endpoints that are not on the own Node are divided among their zones,
     *     by zone; what is not in it weighs what its endpoints weigh that are ready
     */
    static ClusterLoadAssignment translate(
            String name,
            List<EndpointView> endpoints,
            boolean all,
            ClientPlace near,
            Map<String, Integer> zoneWeights) {
        SortedMap<Place, LocalityLbEndpoints.Builder> localities = new TreeMap<>(Place.ORDER);
        for (EndpointView endpoint : endpoints) {
            if (all || isKnownToEveryone(endpoint)) {
                Place place = Place.of(endpoint, near);
                localities.computeIfAbsent(place, Place::locality).addLbEndpoints(endpoint(endpoint));
            }
        }
        // Priorities have no gaps: where nothing is near, what is next is of the first.
        List<Integer> distances = localities.keySet().stream()
                .map(Place::distance)
                .distinct()
                .sorted()
                .toList();
        ClusterLoadAssignment.Builder assignment =
                ClusterLoadAssignment.newBuilder().setClusterName(name);
        localities.forEach((place, locality) -> {
            long weight = readyWeight(locality);
            Integer given = place.distance() == Place.NEAR ? zoneWeights.get(place.zone()) : null;
            if (given != null) {
                weight = given;
            }
            locality.setPriority(distances.indexOf(place.distance()));
            // An unsigned number of 32 bits travels in an int.
            assignment.addEndpoints(locality.setLoadBalancingWeight(UInt32Value.of((int) Math.max(1, weight))));
        });
        return assignment.build();
    }

    /** Clients that balance over localities send nothing to the others, so these weigh nothing. */
    private static long readyWeight(LocalityLbEndpoints.Builder locality) {
        long weight = 0;
        for (LbEndpoint endpoint : locality.getLbEndpointsList()) {
            if (endpoint.getHealthStatus() == HealthStatus.HEALTHY) {
                weight += endpoint.getLoadBalancingWeight().getValue();
            }
        }
        return weight;
    }

    /**
     * A locality. Some clients know no locality twice, so the endpoints of the own node are one of their own, a part of
     * the zone.
     *
     * @param subZone the own node, empty for all other ones
     */
    private record Place(String region, String zone, String subZone, int distance) {
        /** In the own region, where there is one. */
        static final int NEAR = 1;

        static final Comparator<Place> ORDER =
                Comparator.comparing(Place::region).thenComparing(Place::zone).thenComparing(Place::subZone);

        static Place of(EndpointView endpoint, ClientPlace near) {
            boolean sameNode = !near.node().isEmpty() && endpoint.isOn(near.kubernetesCluster(), near.node());
            boolean sameRegion = near.region().isEmpty() || near.region().equals(endpoint.region());
            return new Place(
                    endpoint.region(),
                    endpoint.zone(),
                    sameNode ? near.node() : "",
                    sameNode ? 0 : sameRegion ? NEAR : 2);
        }

        LocalityLbEndpoints.Builder locality() {
            return LocalityLbEndpoints.newBuilder()
                    .setLocality(Locality.newBuilder()
                            .setRegion(region)
                            .setZone(zone)
                            .setSubZone(subZone));
        }
    }

    private static boolean isKnownToEveryone(EndpointView endpoint) {
        return switch (endpoint.health()) {
            case READY, DRAINING -> true;
            case NOT_READY, STOPPING -> false;
        };
    }

    private static LbEndpoint endpoint(EndpointView endpoint) {
        LbEndpoint.Builder builder = LbEndpoint.newBuilder()
                .setEndpoint(Endpoint.newBuilder()
                        .setAddress(Address.newBuilder()
                                .setSocketAddress(SocketAddress.newBuilder()
                                        .setAddress(endpoint.address())
                                        .setPortValue(endpoint.port()))))
                .setHealthStatus(health(endpoint))
                .setLoadBalancingWeight(UInt32Value.of(endpoint.weight()));
        Metadata metadata = metadata(endpoint);
        if (metadata.getFilterMetadataCount() > 0) {
            builder.setMetadata(metadata);
        }
        return builder.build();
    }

    private static HealthStatus health(EndpointView endpoint) {
        return switch (endpoint.health()) {
            case READY -> HealthStatus.HEALTHY;
            case NOT_READY -> HealthStatus.UNHEALTHY;
            case DRAINING, STOPPING -> HealthStatus.DRAINING;
        };
    }

    private static Metadata metadata(EndpointView endpoint) {
        Struct.Builder ours = Struct.newBuilder();
        Struct.Builder envoys = Struct.newBuilder();
        put(ours, "pod", endpoint.podName());
        put(ours, "uid", endpoint.podUid());
        if (endpoint.readySince() != null) {
            put(ours, "ready_since", DateTimeFormatter.ISO_INSTANT.format(endpoint.readySince()));
        }
        put(ours, "shard", endpoint.shard());
        put(envoys, "shard", endpoint.shard());
        if (!endpoint.labels().isEmpty()) {
            Struct.Builder labels = Struct.newBuilder();
            endpoint.labels().forEach((key, value) -> {
                put(labels, key, value);
                put(envoys, key, value);
            });
            ours.putFields("labels", Value.newBuilder().setStructValue(labels).build());
        }
        Metadata.Builder metadata = Metadata.newBuilder();
        if (ours.getFieldsCount() > 0) {
            metadata.putFilterMetadata(OUR_METADATA, ours.build());
        }
        if (envoys.getFieldsCount() > 0) {
            metadata.putFilterMetadata(ENVOY_METADATA, envoys.build());
        }
        return metadata.build();
    }

    private static void put(Struct.Builder struct, String key, String value) {
        if (!value.isEmpty()) {
            struct.putFields(key, Value.newBuilder().setStringValue(value).build());
        }
    }
}
