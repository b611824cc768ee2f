/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Message;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.HashPolicy;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * RDS for the listeners of {@link ListenerType}: for gRPC, every request to the port goes to the cluster of the same name, and
 * says what it is told apart by where that decides which endpoint it goes to; for the ports of a Gateway, requests go where its
 * routes say ({@link HostTranslation}), which an Envoy that can is told by {@link VirtualHostType}.
 */
final class RouteType extends ServiceType {

    static final ResourceType TYPE =
            new ResourceType("ROUTE", "type.googleapis.com/envoy.config.route.v3.RouteConfiguration", false, null);

    /** The other domain that gRPC takes is the whole target, which is not the same for all aliases. */
    private static final String EVERY_HOST = "*";

    private final GatewayCatalog gateways;

    RouteType(ServiceCatalog catalog, GatewayCatalog gateways) {
        super(TYPE, catalog);
        this.gateways = gateways;
    }

    @Override
    public Lookup lookup(String requestedName, ClientVariant variant) {
        boolean apart = gateways.takesHostsApart(variant);
        Lookup ofGateway = gateways.lookup(
                requestedName, variant, own -> apart ? own.routesApart(requestedName) : own.routes(requestedName));
        return ofGateway == null ? super.lookup(requestedName, variant) : ofGateway;
    }

    @Override
    public String dependencyKey(String requestedName, ClientVariant variant) {
        return GatewayName.parse(requestedName) == null ? super.dependencyKey(requestedName, variant) : requestedName;
    }

    @Override
    Message translate(String name, ServiceView service, PortView port, Audience audience) {
        RouteAction.Builder action = RouteAction.newBuilder().setCluster(name);
        HashPolicy hash = RequestHash.forGrpc(service.policy());
        if (hash != null) {
            action.addHashPolicy(hash);
        }
        Route toTheCluster = Route.newBuilder()
                .setMatch(RouteMatch.newBuilder().setPrefix(""))
                .setRoute(action)
                .build();
        return RouteConfiguration.newBuilder()
                .setName(name)
                .addVirtualHosts(VirtualHost.newBuilder()
                        .setName(name)
                        .addDomains(EVERY_HOST)
                        .addRoutes(toTheCluster))
                .build();
    }

    @Override
    Audience audience(ServiceResources service, PortView port, ClientVariant variant) {
        return new Audience(Family.GRPC);
    }

    @Override
    Predicate<ServiceChange> touches() {
        return change -> {
            ServiceView before = change.before();
            ServiceView after = change.after();
            return ServiceCatalog.lists(change)
                    || (before != null
                            && after != null
                            && !Objects.equals(
                                    RequestHash.forGrpc(before.policy()), RequestHash.forGrpc(after.policy())));
        };
    }
}
