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
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The endpoints of a service that may get requests, as the control plane streams them: the base for an application's own
 * {@link ServiceInstanceListSupplier}. Each subscription gets one list, the newest; there is nothing to cache, because it
 * is in memory anyway.
 */
public final class XdsServiceInstanceListSupplier implements ServiceInstanceListSupplier {
    private final ServiceClusters clusters;
    private volatile @Nullable PublishedList latest; // written by any reader; all make the same of the same picker

    public XdsServiceInstanceListSupplier(ServiceClusters clusters) {
        this.clusters = clusters;
    }

    @Override
    public String getServiceId() {
        return clusters.serviceId();
    }

    @Override
    public Flux<List<ServiceInstance>> get() {
        return instances(ServiceNames.NO_PORT);
    }

    @Override
    @SuppressWarnings("rawtypes") // as the interface declares it
    public Flux<List<ServiceInstance>> get(Request request) {
        return instances(
                ChooseRequest.of(clusters.serviceId(), (Request<?>) request).port());
    }

    private Flux<List<ServiceInstance>> instances(int port) {
        return Mono.fromSupplier(() -> clusters.cluster(port))
                .flatMap(cluster -> Settling.of(cluster, () -> Mono.just(list(cluster))))
                .flux();
    }

    private List<ServiceInstance> list(Cluster cluster) {
        ClusterPicker picker = cluster.picker();
        PublishedList known = latest;
        if (known != null && known.picker == picker) {
            return known.instances;
        }
        List<ServiceInstance> instances = new ArrayList<>();
        for (Endpoint endpoint : cluster.endpoints()) {
            if (endpoint.health().receivesRequests()) {
                instances.add(new EndpointServiceInstance(clusters.serviceId(), endpoint));
            }
        }
        List<ServiceInstance> unmodifiable = List.copyOf(instances);
        latest = new PublishedList(picker, unmodifiable);
        return unmodifiable;
    }

    private record PublishedList(ClusterPicker picker, List<ServiceInstance> instances) {}
}
