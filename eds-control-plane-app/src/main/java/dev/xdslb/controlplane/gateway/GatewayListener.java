/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.topology.ObjectId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who is told what became of Gateways. Called by the topology's writer thread: return soon, and do not throw. */
public interface GatewayListener {

    /** Of these Gateways something else is served now; it is visible already. */
    default void gatewaysChanged(Set<GatewayKey> changed) {}

    /** Of these Gateways nothing is said now, or something is said again, after what they are made of could be read. */
    default void heldChanged(Set<GatewayKey> changed) {}

    /** Something else is to be said in these statuses. */
    default void statusesChanged(List<StatusChange> changes) {}

    /** These Secrets that a Gateway of ours refers to came, changed or went; what is in them now is visible already. */
    default void secretsChanged(Set<ObjectId> changed) {}

    /**
     * One status.
     *
     * @param status null where nothing of us is to be said any more, as the object is gone or is not ours
     */
    record StatusChange(ObjectId id, @Nullable ObjectStatus status) {}
}
