/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceType;
import io.grpc.Status;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * VHDS: the hosts of a Gateway's port one by one, for an Envoy that takes them so; for others they are in the routes of
 * {@link RouteType}. Named {@code <name of the routes>/<domain>}.
 */
final class VirtualHostType implements ServedType {

    /** Envoy asks for all of them, by an empty list, once for all routes (envoyproxy/envoy#12742). */
    static final ResourceType TYPE = new ResourceType(
            "VIRTUAL_HOST", "type.googleapis.com/envoy.config.route.v3.VirtualHost", true, RouteType.TYPE, true);

    private final GatewayCatalog gateways;

    VirtualHostType(GatewayCatalog gateways) {
        this.gateways = gateways;
    }

    @Override
    public ResourceType type() {
        return TYPE;
    }

    @Override
    public Lookup lookup(String requestedName, ClientVariant variant) {
        Lookup ofGateway = gateways.takesHostsApart(variant)
                ? gateways.lookup(TYPE.awaitedAfter(requestedName), variant, own -> own.virtualHost(requestedName))
                : null;
        return ofGateway == null
                ? new Lookup.Missing(
                        Status.Code.NOT_FOUND,
                        "\"" + requestedName
                                + "\" is no host of a Gateway that this client is told apart from its routes",
                        null)
                : ofGateway;
    }

    @Override
    public String dependencyKey(String requestedName, ClientVariant variant) {
        return requestedName;
    }

    @Override
    public @Nullable Set<String> wildcardNames(ClientVariant variant) {
        return gateways.virtualHostNames(variant);
    }
}
