/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who is told what changed. */
public interface TopologyListener {

    /** Called by the writer thread after the new views are visible: return soon, and do not throw. */
    void changed(List<ServiceChange> changes);

    /** One service; the first view is null when it is new, the second when it is gone. They are never equal. */
    record ServiceChange(
            ServiceKey key,
            @Nullable ServiceView before,
            @Nullable ServiceView after) {}
}
