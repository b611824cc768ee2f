/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.gateway.GatewayObject.RouteKind;
import dev.xdslb.controlplane.gateway.RouteObject.ParentReference;
import dev.xdslb.controlplane.topology.ObjectId;
import java.util.List;

/** What the status of an object is to say of us. Immutable; equal ones need not be written again. */
public sealed interface ObjectStatus {

    /** Who writes it: what GatewayClasses name, and statuses of routes. */
    String CONTROLLER = "xdslb.dev/gateway-controller";

    ObjectId id();

    /** The generation of the object that this is said of: {@code observedGeneration} of all conditions. */
    long generation();

    /** Of a GatewayClass that names us. */
    record OfClass(ObjectId id, long generation, List<Condition> conditions, List<String> supportedFeatures)
            implements ObjectStatus {
        public OfClass {
            requireNonNull(id, "id");
            conditions = List.copyOf(conditions);
            supportedFeatures = List.copyOf(supportedFeatures);
        }
    }

    /** Of a Gateway of one of our classes. */
    record OfGateway(ObjectId id, long generation, List<Condition> conditions, List<OfListener> listeners)
            implements ObjectStatus {
        public OfGateway {
            requireNonNull(id, "id");
            conditions = List.copyOf(conditions);
            listeners = List.copyOf(listeners);
        }
    }

    /** Of one listener of a Gateway. */
    record OfListener(String name, List<RouteKind> supportedKinds, int attachedRoutes, List<Condition> conditions) {
        public OfListener {
            requireNonNull(name, "name");
            supportedKinds = List.copyOf(supportedKinds);
            conditions = List.copyOf(conditions);
        }
    }

    /**
     * Of a route that names a Gateway of ours.
     *
     * @param parents those that are ours; what is said of others stays as it is
     */
    record OfRoute(ObjectId id, long generation, List<OfParent> parents) implements ObjectStatus {
        public OfRoute {
            requireNonNull(id, "id");
            parents = List.copyOf(parents);
        }
    }

    /**
     * Of one parent of a route.
     *
     * @param parent as the route has it
     */
    record OfParent(ParentReference parent, List<Condition> conditions) {
        public OfParent {
            requireNonNull(parent, "parent");
            conditions = List.copyOf(conditions);
        }
    }

    /**
     * One condition.
     *
     * @param reason one word, as the Gateway API has it
     * @param message for people; may be empty
     */
    record Condition(String type, boolean status, String reason, String message) {
        public Condition {
            requireNonNull(type, "type");
            requireNonNull(reason, "reason");
            requireNonNull(message, "message");
        }
    }
}
