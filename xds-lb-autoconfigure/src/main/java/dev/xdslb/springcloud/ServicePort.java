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
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;

/**
 * One port of a service: its cluster, and what is made of the cluster's picker once and not for each request.
 *
 * <p>Both fields are caches: any request's thread writes them, whoever is last wins, and all make the same of the same picker.
 */
final class ServicePort {
    private final String serviceId;
    private final Cluster cluster;
    private volatile @Nullable PublishedList latest;
    private volatile @Nullable Restrictions restrictions;

    ServicePort(String serviceId, Cluster cluster) {
        this.serviceId = serviceId;
        this.cluster = cluster;
    }

    Cluster cluster() {
        return cluster;
    }

    /** Returns the instances that may get requests, the same list for as long as the cluster publishes nothing new. */
    List<ServiceInstance> instances() {
        ClusterPicker picker = cluster.picker();
        PublishedList known = latest;
        if (known != null && known.picker == picker) {
            return known.instances;
        }
        List<ServiceInstance> instances = new ArrayList<>();
        for (Endpoint endpoint : cluster.endpoints()) {
            if (endpoint.health().receivesRequests()) {
                instances.add(new EndpointServiceInstance(serviceId, endpoint));
            }
        }
        List<ServiceInstance> unmodifiable = List.copyOf(instances);
        latest = new PublishedList(picker, unmodifiable);
        return unmodifiable;
    }

    /** Returns the newest picker restricted to a list of instances. */
    Restriction restrictedTo(List<ServiceInstance> list) {
        ClusterPicker picker = cluster.picker();
        Restrictions known = restrictions;
        Restrictions present = known != null && known.isOf(picker) ? known : new Restrictions(picker);
        if (present != known) {
            restrictions = present;
        }
        return present.to(list);
    }

    private record PublishedList(ClusterPicker picker, List<ServiceInstance> instances) {}
}
