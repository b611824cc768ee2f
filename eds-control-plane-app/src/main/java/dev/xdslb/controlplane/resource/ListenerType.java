/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * LDS for proxyless gRPC: what a client asks for that is given {@code xds:///orders.shop:8080}. Nothing listens; the listener says
 * under which name the routes are, which is its own.
 *
 * <p>Who asks for all listeners is a proxy, and wants those that it is to open itself: none of these. So "*" stands for the
 * ports of the Gateway that the proxy names as its own ({@link GatewayListenerTranslation}), and for nothing elsewhere.
 */
final class ListenerType extends ServiceType {

    static final ResourceType TYPE =
            new ResourceType("LISTENER", "type.googleapis.com/envoy.config.listener.v3.Listener", true, null);

    /** gRPC refuses a listener without a router, one whose router is not the last filter, and a router without its configuration. */
    private static final HttpFilter ROUTER = HttpFilter.newBuilder()
            .setName("envoy.filters.http.router")
            .setTypedConfig(Any.pack(Router.getDefaultInstance()))
            .build();

    private final GatewayCatalog gateways;

    ListenerType(ServiceCatalog catalog, GatewayCatalog gateways) {
        super(TYPE, catalog);
        this.gateways = gateways;
    }

    @Override
    public Lookup lookup(String requestedName, ClientVariant variant) {
        Lookup ofGateway = gateways.lookup(requestedName, variant, own -> own.listener(requestedName));
        if (ofGateway instanceof Lookup.Found && gateways.isHeld(requestedName, variant)) {
            return new Lookup.Withheld();
        }
        return ofGateway == null ? super.lookup(requestedName, variant) : ofGateway;
    }

    @Override
    public String dependencyKey(String requestedName, ClientVariant variant) {
        return GatewayName.parse(requestedName) == null ? super.dependencyKey(requestedName, variant) : requestedName;
    }

    @Override
    public @Nullable Set<String> wildcardNames(ClientVariant variant) {
        return gateways.listenerNames(variant);
    }

    @Override
    Message translate(String name, ServiceView service, PortView port, Audience audience) {
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .setStatPrefix(name)
                .setRds(Rds.newBuilder().setRouteConfigName(name).setConfigSource(SameStream.SOURCE))
                .addHttpFilters(ROUTER)
                .build();
        return Listener.newBuilder()
                .setName(name)
                .setApiListener(ApiListener.newBuilder().setApiListener(Any.pack(manager)))
                .build();
    }

    @Override
    Audience audience(ServiceResources service, PortView port, ClientVariant variant) {
        return new Audience(Family.GRPC);
    }

    @Override
    Predicate<ServiceChange> touches() {
        return ServiceCatalog::lists;
    }
}
