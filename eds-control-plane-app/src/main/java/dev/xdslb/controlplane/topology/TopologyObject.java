/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

/** A Kubernetes object, reduced to what the topology needs. Equal objects change nothing. */
public sealed interface TopologyObject
        permits ServiceObject, SliceObject, NodeObject, PodObject, RoutingObject, UncountedObject {

    ObjectId id();

    /** Where a person finds it ({@code orders.yaml, line 12}); empty for an object of the Kubernetes API. */
    default String origin() {
        return "";
    }
}
