/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The endpoints of a service that may get requests, as its clusters have published them. */
final class ClusterLists implements ServiceInstanceListSupplier {
    private final ServiceClusters clusters;

    ClusterLists(ServiceClusters clusters) {
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

    /** Returns the same, for whoever subscribes once and wants to learn of changes: looks for them at this interval. */
    ServiceInstanceListSupplier watched(Duration interval) {
        return new ServiceInstanceListSupplier() {
            @Override
            public String getServiceId() {
                return clusters.serviceId();
            }

            @Override
            public Flux<List<ServiceInstance>> get() {
                return Flux.interval(Duration.ZERO, interval)
                        .onBackpressureDrop()
                        .concatMap(tick -> ClusterLists.this.get(), 1)
                        .distinctUntilChanged()
                        .map(ClusterLists::plain);
            }
        };
    }

    /** Spring Cloud checks another port than that of the requests only for instances of its own class. */
    private static List<ServiceInstance> plain(List<ServiceInstance> instances) {
        List<ServiceInstance> plain = new ArrayList<>();
        for (ServiceInstance instance : instances) {
            plain.add(new DefaultServiceInstance(
                    instance.getInstanceId(),
                    instance.getServiceId(),
                    instance.getHost(),
                    instance.getPort(),
                    instance.isSecure(),
                    instance.getMetadata()));
        }
        return plain;
    }

    private Flux<List<ServiceInstance>> instances(int port) {
        return Mono.fromSupplier(() -> clusters.port(port))
                .flatMap(known -> Settling.of(known.cluster(), clusters.start(), () -> Mono.just(known.instances())))
                .flux();
    }
}
