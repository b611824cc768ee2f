/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Message;
import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * EDS: the endpoints of a cluster. Where they are in several Kubernetes clusters, those of the client's own region come
 * first, and the others take over when those are gone. Where the Service asks for it, those of the client's own Node come
 * before all, or are all that there are.
 */
final class EndpointsType extends ServiceType {

    static final ResourceType TYPE = new ResourceType(
            "ENDPOINTS", "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment", false, ClusterType.TYPE);

    EndpointsType(ServiceCatalog catalog) {
        super(TYPE, catalog);
    }

    @Override
    Message translate(String name, ServiceView service, PortView port, ClientVariant variant) {
        ClientPlace place = variant.place();
        boolean local = service.policy().nodeLocal() && !place.node().isEmpty();
        return EndpointsTranslation.translate(
                name,
                local ? port.endpointsOn(place.node()) : port.endpoints(),
                variant.family() == Family.XDS_LB,
                local ? new ClientPlace(place.region(), "") : place);
    }

    @Override
    ClientVariant alike(ServiceResources service, ClientVariant variant) {
        Family family = variant.family() == Family.XDS_LB ? Family.XDS_LB : Family.GRPC;
        String own = variant.place().region();
        String region = service.hasOwn(own) ? own : "";
        String node = service.differingNode(variant.place().node());
        return new ClientVariant(family, "", new ClientPlace(region, "", node));
    }

    /** Over the state-of-the-world protocol Envoy reads no errors: without an assignment its cluster never gets warm. */
    @Override
    @Nullable
    Message placeholder(String requestedName, ClientVariant variant) {
        return variant.family() == Family.ENVOY
                ? ClusterLoadAssignment.newBuilder()
                        .setClusterName(requestedName)
                        .build()
                : null;
    }

    @Override
    Predicate<ServiceChange> touches() {
        return change -> true;
    }
}
