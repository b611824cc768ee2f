/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.topology.TopologyListener.PlaceChange;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A type of resource: how its names are read, what is under them, and which changes touch it. What the streams need of it
 * is its {@link #type}. To serve another type is to add an object of this kind to {@link TopologyResourceStore}.
 *
 * <p>Every method may be called by any thread at any time.
 */
interface ServedType {

    ResourceType type();

    /** See {@link dev.xdslb.controlplane.ads.ResourceStore#lookup}. */
    Lookup lookup(String requestedName, ClientVariant variant);

    /** See {@link dev.xdslb.controlplane.ads.ResourceStore#dependencyKey}. */
    String dependencyKey(String requestedName, ClientVariant variant);

    /** See {@link dev.xdslb.controlplane.ads.ResourceStore#wildcardNames}; a type without a wildcard has none. */
    default @Nullable Set<String> wildcardNames(ClientVariant variant) {
        return Set.of();
    }

    /** Returns the keys of the resources that these changes of services touch. */
    default Set<String> touchedBy(List<ServiceChange> changes) {
        return Set.of();
    }

    /** Returns the keys of the resources that these changes of places touch. */
    default Set<String> touchedByPlaces(List<PlaceChange> changes) {
        return Set.of();
    }
}
