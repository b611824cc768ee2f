/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.ByteString;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.resource.proto.ClientPlace;
import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The resources of one state of a service, encoded when somebody first asks for them, then shared. A new state gets a new
 * object, so nothing here is ever out of date, but for what cannot be encoded because of a fault: then the state before
 * goes on being served. Bounded by the ways in which the service's ports can be named.
 */
final class ServiceResources {

    private record Key(ServiceType type, String requestedName, int port, ClientVariant variant) {}

    private final ServiceView view;
    private final FaultBoundary boundary;
    private final Map<Key, EncodedResource> encoded = new ConcurrentHashMap<>();
    private final Map<Key, EncodedResource> lastGood =
            new ConcurrentHashMap<>(); // of states before, until encoded anew
    private final Set<String> regions; // of the endpoints; empty where they are of one Kubernetes cluster
    private volatile @Nullable ByteString clientsByZone;

    /**
     * Takes over a new state.
     *
     * @param before the state before; null when the service is new
     */
    ServiceResources(ServiceView view, @Nullable ServiceResources before, FaultBoundary boundary) {
        this.view = view;
        this.boundary = boundary;
        Set<KubernetesClusterName> clusters = new HashSet<>();
        Set<String> found = new HashSet<>();
        for (PortView port : view.ports()) {
            for (EndpointView endpoint : port.endpoints()) {
                clusters.add(endpoint.cluster());
                found.add(endpoint.region());
            }
        }
        regions = clusters.size() > 1 ? found : Set.of();
        if (before != null) {
            lastGood.putAll(before.lastGood);
            lastGood.putAll(before.encoded);
        }
    }

    ServiceView view() {
        return view;
    }

    /** Returns the size in bytes of the largest resource that somebody has asked for; 0 for none. */
    int largest() {
        int largest = 0;
        for (EncodedResource resource : encoded.values()) {
            largest = Math.max(largest, resource.any().size());
        }
        return largest;
    }

    /**
     * Whether endpoints of this region come before those of others: where there are several Kubernetes clusters, and one
     * of them has endpoints there.
     */
    boolean hasOwn(String region) {
        return regions.contains(region);
    }

    /** Returns the resource; null when it cannot be encoded and never could. */
    @Nullable
    EncodedResource get(ServiceType type, String requestedName, PortView port, ClientVariant variant) {
        Key key = new Key(type, requestedName, port.port().number(), type.alike(this, variant));
        EncodedResource present = encoded.get(key);
        if (present != null) {
            return present;
        }
        // Who asks meanwhile waits: all streams ask at once, and a large service takes tens of milliseconds of a core.
        EncodedResource made = encoded.computeIfAbsent(
                key,
                missing -> boundary.get(
                        type.type() + " " + requestedName,
                        () -> ResourceEncoding.encode(
                                type.type(), requestedName, type.translate(requestedName, view, port, key.variant()))));
        if (made == null) {
            return lastGood.get(key);
        }
        lastGood.remove(key);
        return made;
    }

    /**
     * Returns the field {@code clients_by_zone} of the places of the service's own pods, encoded once for all of them; empty
     * when the service has no port.
     */
    ByteString clientsByZone() {
        ByteString known = clientsByZone;
        if (known == null) {
            ClientPlace.Builder counts = ClientPlace.newBuilder();
            if (!view.ports().isEmpty()) {
                counts.putAllClientsByZone(view.ports().get(0).readyByZone());
            }
            known = ByteString.copyFrom(ResourceEncoding.deterministicBytes(counts.build()));
            clientsByZone = known;
        }
        return known;
    }
}
