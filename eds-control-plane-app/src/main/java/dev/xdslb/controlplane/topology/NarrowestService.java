/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import dev.xdslb.controlplane.topology.PodPlace.Membership;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which of the services that a pod belongs to says best who its fellows are: the one with the fewest pods, ready or not. One that
 * is there for all pods, such as for their metrics, says nothing.
 */
public final class NarrowestService {

    private NarrowestService() {}

    /** Returns the services, the narrowest first, those alike by their names. */
    public static List<Membership> first(List<Membership> services, Function<ServiceKey, @Nullable ServiceView> views) {
        if (services.size() < 2) {
            return services;
        }
        return services.stream()
                .sorted(Comparator.<Membership>comparingInt(membership -> pods(views.apply(membership.service())))
                        .thenComparing(Membership.BY_SERVICE))
                .toList();
    }

    /** Returns how many pods a service has. One that is not there, or has none yet, is no narrow one. */
    static int pods(@Nullable ServiceView view) {
        ServiceView.PortView fullest = view == null ? null : view.fullestPort();
        int pods = fullest == null ? 0 : fullest.endpoints().size();
        return pods == 0 ? Integer.MAX_VALUE : pods;
    }
}
