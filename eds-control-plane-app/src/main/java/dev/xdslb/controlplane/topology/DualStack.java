/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * By which address family each pod of a service is reached. In a dual-stack service a pod has an endpoint in a slice of either
 * family, and both would count it twice. It is reached by the first of the Service's families in which it is ready; where it is ready in
 * none, by the first that it has. Endpoints that are no pods are taken for two faces of the same, and chosen together.
 */
final class DualStack {
    private static final List<AddressFamily> ANY = List.of(AddressFamily.IPV4, AddressFamily.IPV6);

    private static final String NO_POD = "";

    private final List<AddressFamily> families;
    private final Map<String, Choice> byPod = new HashMap<>();

    private DualStack(List<AddressFamily> families) {
        this.families = families;
    }

    static DualStack of(ServiceObject service, Iterable<SliceObject> slices) {
        DualStack stack = new DualStack(service.families().isEmpty() ? ANY : service.families());
        for (SliceObject slice : slices) {
            int order = stack.families.indexOf(slice.family());
            if (order >= 0) {
                for (SliceObject.Endpoint endpoint : slice.endpoints()) {
                    stack.byPod.merge(pod(endpoint), new Choice(order, endpoint.ready()), Choice::better);
                }
            }
        }
        return stack;
    }

    /** Returns whether an endpoint is the one by which its pod is reached. */
    boolean has(SliceObject slice, SliceObject.Endpoint endpoint) {
        Choice choice = byPod.get(pod(endpoint));
        return choice != null && families.get(choice.order) == slice.family();
    }

    private static String pod(SliceObject.Endpoint endpoint) {
        if (!endpoint.podUid().isEmpty()) {
            return endpoint.podUid();
        }
        return endpoint.podName().isEmpty() ? NO_POD : "name " + endpoint.podName();
    }

    /**
     * A family for a pod.
     *
     * @param order among the Service's families
     */
    private record Choice(int order, boolean ready) {
        Choice better(Choice other) {
            if (ready != other.ready) {
                return ready ? this : other;
            }
            return order <= other.order ? this : other;
        }
    }
}
