/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.topology.ServiceView;
import org.jspecify.annotations.Nullable;

/** What a route needs to know of what it refers to. */
interface Backends {

    /** Returns the service, null when there is none. */
    @Nullable
    ServiceView service(String namespace, String name);

    /** Returns whether a ReferenceGrant lets objects of this kind and namespace refer to an object in another one. */
    boolean isGranted(String fromKind, String fromNamespace, ObjectReference to, String toNamespace);
}
