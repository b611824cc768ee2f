/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
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
import java.util.List;
import java.util.Map;
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
     * @param region whose endpoints come before all others; empty when all are alike
     */
    static ClusterLoadAssignment translate(String name, List<EndpointView> endpoints, boolean all, String region) {
        Map<String, LocalityLbEndpoints.Builder> localities = new TreeMap<>();
        for (EndpointView endpoint : endpoints) {
            if (all || isKnownToEveryone(endpoint)) {
                localities
                        .computeIfAbsent(endpoint.region() + "\u0000" + endpoint.zone(), key -> locality(endpoint))
                        .addLbEndpoints(endpoint(endpoint));
            }
        }
        boolean near = !region.isEmpty()
                && localities.values().stream()
                        .anyMatch(locality -> locality.getLocality().getRegion().equals(region));
        ClusterLoadAssignment.Builder assignment =
                ClusterLoadAssignment.newBuilder().setClusterName(name);
        for (LocalityLbEndpoints.Builder locality : localities.values()) {
            long weight = 0;
            for (LbEndpoint endpoint : locality.getLbEndpointsList()) {
                weight += endpoint.getLoadBalancingWeight().getValue();
            }
            if (near && !locality.getLocality().getRegion().equals(region)) {
                locality.setPriority(1); // priorities have no gaps: without an own region, all are of the first
            }
            // An unsigned number of 32 bits travels in an int.
            assignment.addEndpoints(locality.setLoadBalancingWeight(UInt32Value.of((int) weight)));
        }
        return assignment.build();
    }

    private static boolean isKnownToEveryone(EndpointView endpoint) {
        return switch (endpoint.health()) {
            case READY, DRAINING -> true;
            case NOT_READY, STOPPING -> false;
        };
    }

    private static LocalityLbEndpoints.Builder locality(EndpointView endpoint) {
        return LocalityLbEndpoints.newBuilder()
                .setLocality(Locality.newBuilder().setRegion(endpoint.region()).setZone(endpoint.zone()));
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
