/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Message;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The resources of one state of a service, encoded when somebody first asks for them, then shared. A new state gets a
 * new object, so nothing here is ever out of date. Bounded by the ways in which the service's ports can be named.
 */
final class ServiceResources {

    private record Key(ResourceType type, String requestedName, int port, Family family) {}

    private final ServiceView view;
    private final Map<Key, EncodedResource> encoded = new ConcurrentHashMap<>();

    ServiceResources(ServiceView view) {
        this.view = view;
    }

    ServiceView view() {
        return view;
    }

    EncodedResource get(ResourceType type, String requestedName, PortView port, Family family) {
        Key key = new Key(type, requestedName, port.port().number(), alike(type, family));
        return encoded.computeIfAbsent(key, k -> encode(k, port));
    }

    private static EncodedResource encode(Key key, PortView port) {
        String name = key.requestedName();
        Message message = switch (key.type()) {
            case CLUSTER -> ClusterTranslation.translate(name, port.port(), key.family() == Family.ENVOY);
            case ENDPOINTS -> EndpointsTranslation.translate(name, port.endpoints(), key.family() == Family.XDS_LB);
            case PLACE -> throw notOfAService(key.type());
        };
        return ResourceEncoding.encode(key.type(), name, message);
    }

    /** Returns a family that gets the same bytes: families that are answered alike share one encoding. */
    private static Family alike(ResourceType type, Family family) {
        Family special = switch (type) {
            case CLUSTER -> Family.ENVOY;
            case ENDPOINTS -> Family.XDS_LB;
            case PLACE -> throw notOfAService(type);
        };
        return family == special ? special : Family.GRPC;
    }

    private static IllegalArgumentException notOfAService(ResourceType type) {
        return new IllegalArgumentException("type: " + type + " (expected: one that is made of a service)");
    }
}
