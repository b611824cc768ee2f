/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.endpoint.Endpoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;

/**
 * A cluster's picker restricted to the instances that an application's own list of instances allows. Immutable; made
 * anew when the list or the picker changes, because that costs time in proportion to the number of endpoints.
 */
final class Restriction {
    private final ClusterPicker whole;
    private final List<ServiceInstance> list;
    private final Map<String, ServiceInstance> byAddress;
    private final ClusterPicker restricted;

    private Restriction(ClusterPicker whole, List<ServiceInstance> list) {
        this.whole = whole;
        this.list = list;
        this.byAddress = new HashMap<>();
        for (ServiceInstance instance : list) {
            byAddress.put(EndpointServiceInstance.addressOf(instance), instance);
        }
        this.restricted = whole.restrictedTo(this::allows);
    }

    /** Returns this restriction of the picker, the given one where it still is the same. */
    static Restriction of(ClusterPicker whole, List<ServiceInstance> list, @Nullable Restriction previous) {
        if (previous != null && previous.whole == whole && previous.list.equals(list)) {
            return previous;
        }
        return new Restriction(whole, List.copyOf(list));
    }

    ClusterPicker picker() {
        return restricted;
    }

    /** Returns whether the list, and not the state of the endpoints, is why nothing can be picked. */
    boolean excludesAll() {
        return restricted.plan().groups().isEmpty() && !whole.plan().groups().isEmpty();
    }

    /** Returns the application's own view of an endpoint that it allows. */
    ServiceInstance instance(Endpoint endpoint) {
        ServiceInstance instance = byAddress.get(endpoint.address());
        if (instance == null) {
            throw new IllegalStateException(endpoint + " was picked though the list does not have it");
        }
        return instance;
    }

    private boolean allows(Endpoint endpoint) {
        return byAddress.containsKey(endpoint.address());
    }
}
