/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import java.util.List;
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
        return instances(ChooseRequest.of(clusters.serviceId(), (Request<?>) request, false)
                .port());
    }

    private Flux<List<ServiceInstance>> instances(int port) {
        return Mono.fromSupplier(() -> clusters.port(port))
                .flatMap(known -> Settling.of(known.cluster(), clusters.start(), () -> Mono.just(known.instances())))
                .flux();
    }
}
