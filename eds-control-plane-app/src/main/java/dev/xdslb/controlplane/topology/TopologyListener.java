/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who is told what changed. */
public interface TopologyListener {

    /** Called by the writer thread after the new views are visible: return soon, and do not throw. */
    void changed(List<ServiceChange> changes);

    /** The same for the places of pods. */
    default void placesChanged(List<PlaceChange> changes) {}

    /** Returns what it takes to announce a change of a service, as far as that is known. Called by the writer thread. */
    default AnnouncementCost cost(ServiceKey service) {
        return AnnouncementCost.NONE;
    }

    /** One service; the first view is null when it is new, the second when it is gone. They are never equal. */
    record ServiceChange(
            ServiceKey key,
            @Nullable ServiceView before,
            @Nullable ServiceView after) {}

    /**
     * A pod whose place is another one, new or gone.
     *
     * @param addresses those that it has and those that it had
     */
    record PlaceChange(PodKey pod, Set<String> addresses) {}
}
