/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.xds.proto.Address;
import dev.xdslb.xds.proto.ClusterLoadAssignment;
import dev.xdslb.xds.proto.HealthStatus;
import dev.xdslb.xds.proto.LbEndpoint;
import dev.xdslb.xds.proto.LocalityLbEndpoints;
import dev.xdslb.xds.proto.Metadata;
import dev.xdslb.xds.proto.Node;
import dev.xdslb.xds.proto.SocketAddress;
import java.util.List;

/** Turns endpoints into what {@link EndpointDecoder} makes the same endpoints of, in the same order. */
final class EndpointEncoder {
    private EndpointEncoder() {}

    static ClusterLoadAssignment encode(String resource, List<Endpoint> endpoints) {
        ClusterLoadAssignment.Builder assignment =
                ClusterLoadAssignment.newBuilder().setClusterName(resource);
        for (int begin = 0; begin < endpoints.size(); ) {
            Endpoint first = endpoints.get(begin);
            int end = begin;
            LocalityLbEndpoints.Builder group = LocalityLbEndpoints.newBuilder()
                    .setLocality(locality(first.locality()))
                    .setPriority(first.priority());
            while (end < endpoints.size() && isOfSameGroup(first, endpoints.get(end))) {
                group.addLbEndpoints(endpoint(endpoints.get(end)));
                end++;
            }
            assignment.addEndpoints(group);
            begin = end;
        }
        return assignment.build();
    }

    private static boolean isOfSameGroup(Endpoint one, Endpoint other) {
        return one.priority() == other.priority() && one.locality().equals(other.locality());
    }

    private static LbEndpoint endpoint(Endpoint endpoint) {
        return LbEndpoint.newBuilder()
                .setEndpoint(LbEndpoint.Endpoint.newBuilder()
                        .setAddress(Address.newBuilder()
                                .setSocketAddress(SocketAddress.newBuilder()
                                        .setAddress(endpoint.key().host())
                                        .setPortValue(endpoint.key().port()))))
                .setHealthStatus(health(endpoint.health()))
                .setLoadBalancingWeight(UInt32Value.of(endpoint.weight()))
                .setMetadata(Metadata.newBuilder().putFilterMetadata(EndpointDecoder.METADATA_KEY, metadata(endpoint)))
                .build();
    }

    private static Struct metadata(Endpoint endpoint) {
        Struct.Builder labels = Struct.newBuilder();
        endpoint.labels().forEach((name, value) -> labels.putFields(name, text(value)));
        Struct.Builder metadata = Struct.newBuilder()
                .putFields("pod", text(endpoint.podName()))
                .putFields("uid", text(endpoint.key().podUid()))
                .putFields("shard", text(endpoint.shard()))
                .putFields("labels", Value.newBuilder().setStructValue(labels).build());
        if (endpoint.readySince() != null) {
            metadata.putFields("ready_since", text(endpoint.readySince().toString()));
        }
        return metadata.build();
    }

    private static Value text(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }

    private static HealthStatus health(EndpointHealth health) {
        return switch (health) {
            case HEALTHY -> HealthStatus.HEALTHY;
            case DEGRADED -> HealthStatus.DEGRADED;
            case DRAINING -> HealthStatus.DRAINING;
            case UNHEALTHY -> HealthStatus.UNHEALTHY;
        };
    }

    private static Node.Locality locality(Locality locality) {
        return Node.Locality.newBuilder()
                .setRegion(locality.region())
                .setZone(locality.zone())
                .setSubZone(locality.subZone())
                .build();
    }
}
