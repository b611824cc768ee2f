/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Message;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** CDS: what a client balances over, and how. */
final class ClusterType extends ServiceType {

    static final ResourceType TYPE =
            new ResourceType("CLUSTER", "type.googleapis.com/envoy.config.cluster.v3.Cluster", true, null);

    private final GatewayCatalog gateways;

    ClusterType(ServiceCatalog catalog, GatewayCatalog gateways) {
        super(TYPE, catalog);
        this.gateways = gateways;
    }

    @Override
    Message translate(String name, ServiceView service, PortView port, Audience audience) {
        ServicePort said = port.port();
        // Who asks for it as gRPC speaks HTTP/2 to it, whatever the Service says.
        ServicePort spoken =
                name.endsWith(ResourceName.GRPC) ? new ServicePort(said.name(), said.number(), true) : said;
        return ClusterTranslation.translate(name, spoken, service.policy(), audience.family());
    }

    @Override
    Audience audience(ServiceResources service, PortView port, ClientVariant variant) {
        return new Audience(variant.family());
    }

    @Override
    Predicate<ServiceChange> touches() {
        return change -> {
            ServiceView before = change.before();
            ServiceView after = change.after();
            return ServiceCatalog.lists(change)
                    || (before != null && after != null && !before.policy().equals(after.policy()));
        };
    }

    @Override
    public @Nullable Set<String> wildcardNames(ClientVariant variant) {
        if (gateways.isHeld(variant)) {
            return null; // some that its routes name are there for them alone
        }
        Set<String> ports = catalog().portNames();
        GatewayResources gateway = gateways.of(variant);
        if (gateway == null || gateway.grpcClusters().isEmpty()) {
            return ports;
        }
        Set<String> all = new TreeSet<>(ports);
        all.addAll(gateway.grpcClusters());
        return all;
    }
}
