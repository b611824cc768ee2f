/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.xdslb.controlplane.topology.AddressFamily;
import dev.xdslb.controlplane.topology.NodeObject;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.PodObject;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceObject;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.SliceObject;
import dev.xdslb.controlplane.topology.TopologyObject;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The services, once as objects of Kubernetes and once as the resources that ours makes of them, so that every control plane serves
 * the same bytes. A change replaces the first pod of a service by another, whose address says which change it is.
 */
final class SyntheticData {
    static final String NAMESPACE = "fleet";
    static final int PORT = 8080;

    /** As many endpoints as Kubernetes puts into one EndpointSlice. */
    private static final int SLICE = 100;

    private static final String REGION = "region-1";
    private static final int ZONES = 3;
    private static final Instant READY = Instant.parse("2026-01-01T00:00:00Z");

    private final int endpoints;

    SyntheticData(int endpoints) {
        this.endpoints = endpoints;
    }

    static String resource(int service) {
        return name(service) + '.' + NAMESPACE + ':' + PORT;
    }

    /** Returns the address that says which change it belongs to. */
    static String address(int change) {
        return "11." + (change >> 16) + '.' + (change >> 8 & 255) + '.' + (change & 255);
    }

    /** Returns all objects of these services, each as its first change says, and those after it for which a later one is given. */
    List<TopologyObject> objects(int services, Map<Integer, Integer> later) {
        List<TopologyObject> objects = new ArrayList<>();
        for (int zone = 0; zone < ZONES; zone++) {
            objects.add(new NodeObject(node(zone), REGION, zone(zone)));
        }
        for (int service = 0; service < services; service++) {
            int change = later.getOrDefault(service, service);
            objects.add(new ServiceObject(
                    new ServiceKey(NAMESPACE, name(service)),
                    "",
                    List.of(),
                    List.of(new ServicePort("grpc", PORT, true)),
                    ""));
            for (int i = 0; i < endpoints; i++) {
                objects.add(pod(service, i, change));
            }
            for (int first = 0; first < endpoints; first += SLICE) {
                objects.add(slice(service, first, change));
            }
        }
        return objects;
    }

    /** Returns the pod that a change brings. */
    PodObject newPod(int service, int change) {
        return pod(service, 0, change);
    }

    /** Returns the slice that a change alters. */
    SliceObject changedSlice(int service, int change) {
        return slice(service, 0, change);
    }

    /** Returns the pod that a change takes away, by the change that brought it. */
    ObjectId oldPod(int service, int change) {
        return pod(service, 0, change).id();
    }

    /** Returns the resource that ours makes of the objects of a service. */
    ClusterLoadAssignment assignment(int service, int change) {
        ClusterLoadAssignment.Builder assignment =
                ClusterLoadAssignment.newBuilder().setClusterName(resource(service));
        for (int zone = 0; zone < Math.min(ZONES, endpoints); zone++) {
            LocalityLbEndpoints.Builder locality = LocalityLbEndpoints.newBuilder()
                    .setLocality(Locality.newBuilder().setRegion(REGION).setZone(zone(zone)));
            for (int i = zone; i < endpoints; i += ZONES) {
                locality.addLbEndpoints(endpoint(service, i, change));
            }
            assignment.addEndpoints(locality.setLoadBalancingWeight(UInt32Value.of(locality.getLbEndpointsCount())));
        }
        return assignment.build();
    }

    /** Returns the resource after a change, of what it was before. */
    ClusterLoadAssignment changed(ClusterLoadAssignment before, int service, int change) {
        return before.toBuilder()
                .setEndpoints(0, before.getEndpoints(0).toBuilder().setLbEndpoints(0, endpoint(service, 0, change)))
                .build();
    }

    private LbEndpoint endpoint(int service, int i, int change) {
        Struct.Builder ours = Struct.newBuilder();
        ours.putFields("pod", text(podName(service, i, change)));
        ours.putFields("uid", text(uid(service, i, change)));
        ours.putFields("ready_since", text(READY.toString()));
        return LbEndpoint.newBuilder()
                .setEndpoint(Endpoint.newBuilder()
                        .setAddress(Address.newBuilder()
                                .setSocketAddress(SocketAddress.newBuilder()
                                        .setAddress(address(service, i, change))
                                        .setPortValue(PORT))))
                .setHealthStatus(HealthStatus.HEALTHY)
                .setLoadBalancingWeight(UInt32Value.of(1))
                .setMetadata(Metadata.newBuilder().putFilterMetadata("dev.xdslb", ours.build()))
                .build();
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private SliceObject slice(int service, int first, int change) {
        List<SliceObject.Endpoint> members = new ArrayList<>();
        for (int i = first; i < Math.min(first + SLICE, endpoints); i++) {
            members.add(new SliceObject.Endpoint(
                    List.of(address(service, i, change)),
                    true,
                    true,
                    false,
                    zone(i % ZONES),
                    node(i % ZONES),
                    podName(service, i, change),
                    uid(service, i, change)));
        }
        return new SliceObject(
                NAMESPACE,
                name(service) + '-' + first / SLICE,
                name(service),
                false,
                AddressFamily.IPV4,
                List.of(new SliceObject.Port("grpc", PORT)),
                members,
                "");
    }

    private PodObject pod(int service, int i, int change) {
        return new PodObject(
                NAMESPACE,
                podName(service, i, change),
                uid(service, i, change),
                1,
                "",
                READY,
                Map.of(),
                new PodObject.Location(node(i % ZONES), "", "", List.of(address(service, i, change)), false),
                "",
                "");
    }

    private static String name(int service) {
        return "service-" + service;
    }

    private static String zone(int zone) {
        return "zone-" + (char) ('a' + zone);
    }

    private static String node(int zone) {
        return "node-" + zone;
    }

    private static String podName(int service, int i, int change) {
        return name(service) + "-7d9f8c6b5d-" + (i == 0 ? "c" + change : "p" + i);
    }

    private static String uid(int service, int i, int change) {
        return String.format(Locale.ROOT, "%08x-0000-4000-8000-%012x", service, i == 0 ? change : (1L << 32) + i);
    }

    /** Returns an address of 10.0.0.0/8, or that of the change. */
    private String address(int service, int i, int change) {
        if (i == 0) {
            return address(change);
        }
        int number = Math.floorMod(service * endpoints + i, 1 << 24);
        return "10." + (number >> 16) + '.' + (number >> 8 & 255) + '.' + (number & 255);
    }
}
