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
import org.springframework.cloud.client.ServiceInstance;

/**
 * A cluster's picker restricted to the instances that an application's own list of instances allows. Immutable. Making it
 * costs time in proportion to the number of endpoints.
 */
final class Restriction {
    private final ClusterPicker whole;
    private final List<ServiceInstance> list;
    private final Map<String, ServiceInstance> byAddress;
    private final ClusterPicker restricted;

    Restriction(ClusterPicker whole, List<ServiceInstance> given) {
        this.whole = whole;
        this.list = List.copyOf(given);
        this.byAddress = new HashMap<>();
        for (ServiceInstance instance : list) {
            byAddress.put(EndpointServiceInstance.addressOf(instance), instance);
        }
        this.restricted = whole.restrictedTo(this::allows);
    }

    /** Returns whether it is the restriction to a list. Lists are compared, because an application makes one per request. */
    boolean isTo(List<ServiceInstance> other) {
        return list.size() == other.size() && list.equals(other);
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
