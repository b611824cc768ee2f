/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.endpoint.Endpoint;
import java.util.ArrayList;
import java.util.List;
import org.springframework.cloud.client.ServiceInstance;

/**
 * One port of a service: its cluster, and what is made of the cluster's picker once and not for each request. That is kept with the
 * picker, so a cluster that sleeps leaves nothing here.
 */
final class ServicePort {
    private final String serviceId;
    private final Cluster cluster;

    ServicePort(String serviceId, Cluster cluster) {
        this.serviceId = serviceId;
        this.cluster = cluster;
    }

    Cluster cluster() {
        return cluster;
    }

    /** Returns the instances that may get requests, the same list for as long as the cluster publishes nothing new. */
    List<ServiceInstance> instances() {
        return published().instances;
    }

    /** Returns the newest picker restricted to a list of instances. */
    Restriction restrictedTo(List<ServiceInstance> list) {
        return published().restrictions.to(list);
    }

    private Published published() {
        return cluster.picker().derived(this, this::publish);
    }

    private Published publish(ClusterPicker picker) {
        List<ServiceInstance> instances = new ArrayList<>();
        for (Endpoint endpoint : picker.endpoints()) {
            if (endpoint.health().receivesRequests()) {
                instances.add(new EndpointServiceInstance(serviceId, endpoint));
            }
        }
        return new Published(List.copyOf(instances), new Restrictions(picker));
    }

    private record Published(List<ServiceInstance> instances, Restrictions restrictions) {}
}
