/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import dev.xdslb.xds.proto.Address;
import dev.xdslb.xds.proto.ClientPlace;
import dev.xdslb.xds.proto.Cluster;
import dev.xdslb.xds.proto.ClusterLoadAssignment;
import dev.xdslb.xds.proto.ControlPlane;
import dev.xdslb.xds.proto.DeltaDiscoveryResponse;
import dev.xdslb.xds.proto.DiscoveryResponse;
import dev.xdslb.xds.proto.LbEndpoint;
import dev.xdslb.xds.proto.LocalityLbEndpoints;
import dev.xdslb.xds.proto.Resource;
import dev.xdslb.xds.proto.ResourceError;
import dev.xdslb.xds.proto.ResourceName;
import dev.xdslb.xds.proto.SocketAddress;
import io.grpc.Status.Code;
import java.util.List;

/** What a control plane may answer. */
final class Answers {
    /** A cluster that says nothing of how to balance. */
    static final Cluster NO_POLICY =
            Cluster.newBuilder().setType(Cluster.DiscoveryType.EDS).build();

    private Answers() {}

    static DeltaDiscoveryResponse.Builder delta(String nonce) {
        return DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(AdsMethods.ENDPOINTS_TYPE_URL)
                .setNonce(nonce)
                .setControlPlane(ControlPlane.newBuilder().setIdentifier("fake"));
    }

    static DiscoveryResponse.Builder sotw(String version, String nonce) {
        return DiscoveryResponse.newBuilder()
                .setTypeUrl(AdsMethods.ENDPOINTS_TYPE_URL)
                .setVersionInfo(version)
                .setNonce(nonce);
    }

    /** Returns a resource with one endpoint per address, each {@code host:port}. */
    static Resource resource(String name, String version, String... addresses) {
        return Resource.newBuilder()
                .setName(name)
                .setVersion(version)
                .setResource(list(name, addresses))
                .build();
    }

    static Any list(String name, String... addresses) {
        LocalityLbEndpoints.Builder group = LocalityLbEndpoints.newBuilder();
        for (String address : addresses) {
            int colon = address.lastIndexOf(':');
            group.addLbEndpoints(LbEndpoint.newBuilder()
                    .setEndpoint(LbEndpoint.Endpoint.newBuilder()
                            .setAddress(Address.newBuilder()
                                    .setSocketAddress(SocketAddress.newBuilder()
                                            .setAddress(address.substring(0, colon))
                                            .setPortValue(Integer.parseInt(address.substring(colon + 1)))))));
        }
        return any(ClusterLoadAssignment.newBuilder()
                .setClusterName(name)
                .addEndpoints(group)
                .build());
    }

    static Any any(ClusterLoadAssignment assignment) {
        return Any.newBuilder()
                .setTypeUrl(AdsMethods.ENDPOINTS_TYPE_URL)
                .setValue(assignment.toByteString())
                .build();
    }

    /** Returns a delta answer of the cluster type. */
    static DeltaDiscoveryResponse.Builder clusterDelta(String nonce) {
        return DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(AdsMethods.CLUSTERS_TYPE_URL)
                .setNonce(nonce);
    }

    /** Returns an answer of the cluster type in state of the world. */
    static DiscoveryResponse.Builder clusterSotw(String version, String nonce) {
        return sotw(version, nonce).setTypeUrl(AdsMethods.CLUSTERS_TYPE_URL);
    }

    /** Returns a cluster as a resource of a delta answer. */
    static Resource cluster(String name, String version, Cluster cluster) {
        return Resource.newBuilder()
                .setName(name)
                .setVersion(version)
                .setResource(anyCluster(name, cluster))
                .build();
    }

    static Any anyCluster(String name, Cluster cluster) {
        return Any.newBuilder()
                .setTypeUrl(AdsMethods.CLUSTERS_TYPE_URL)
                .setValue(cluster.toBuilder().setName(name).build().toByteString())
                .build();
    }

    /** Returns a delta answer of the place type. */
    static DeltaDiscoveryResponse.Builder placeDelta(String nonce) {
        return DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(AdsMethods.PLACE_TYPE_URL)
                .setNonce(nonce);
    }

    /** Returns the place under this name as a resource of a delta answer. */
    static Resource place(String name, String version, String zone, String... services) {
        return Resource.newBuilder()
                .setName(name)
                .setVersion(version)
                .setResource(clientPlace(name, zone, services))
                .build();
    }

    static Any clientPlace(String name, String zone, String... services) {
        return Any.newBuilder()
                .setTypeUrl(AdsMethods.PLACE_TYPE_URL)
                .setValue(ClientPlace.newBuilder()
                        .setName(name)
                        .setRegion("west")
                        .setZone(zone)
                        .addAllServices(List.of(services))
                        .build()
                        .toByteString())
                .build();
    }

    static ResourceError error(String name, Code code, String message) {
        return ResourceError.newBuilder()
                .setResourceName(ResourceName.newBuilder().setName(name))
                .setErrorDetail(Status.newBuilder().setCode(code.value()).setMessage(message))
                .build();
    }
}
