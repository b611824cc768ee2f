/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.RoutingObject;

/**
 * A GatewayClass.
 *
 * @param controllerName whose Gateways are of this class
 * @param parameters what its reference names, for people; empty where there is none
 */
public record GatewayClassObject(Meta meta, String controllerName, String parameters) implements RoutingObject {

    public GatewayClassObject {
        requireNonNull(meta, "meta");
        requireNonNull(controllerName, "controllerName");
        requireNonNull(parameters, "parameters");
    }

    @Override
    public ObjectId id() {
        return new ObjectId(ObjectId.Kind.GATEWAY_CLASS, "", meta.name());
    }

    @Override
    public String origin() {
        return meta.origin();
    }
}
