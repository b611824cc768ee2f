/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.pick;

import static java.util.Objects.requireNonNull;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.springcloud.ServiceClusters;
import dev.xdslb.springcloud.ServiceNames;
import dev.xdslb.springcloud.XdsLoadBalancer;
import dev.xdslb.springcloud.XdsServiceInstanceListSupplier;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.test.DeclaredEndpoints;
import java.util.Map;

/** Our balancer as Spring Cloud's blocking client asks it. */
final class XdsChoices implements MeasuredBalancer {
    private final ClusterRegistry registry;
    private final XdsLoadBalancer balancer;

    XdsChoices(EndpointPool pool) {
        ServiceNames names = new ServiceNames("default", Map.of());
        DeclaredEndpoints source = new DeclaredEndpoints();
        source.declare(names.resource(SpringChoices.SERVICE, ServiceNames.NO_PORT), pool.endpoints(0));
        registry = new ClusterRegistry(
                source, resource -> ClusterSettings.of(new P2cEwma(ClusterRegistry.THREAD_LOCAL_RANDOM)));
        ServiceClusters clusters = new ServiceClusters(SpringChoices.SERVICE, names, registry);
        balancer = new XdsLoadBalancer(
                clusters, new SpringChoices.Provided(new XdsServiceInstanceListSupplier(clusters)), true);
        clusters.cluster(ServiceNames.NO_PORT).settled().toCompletableFuture().join();
    }

    @Override
    public Object pickAndRelease() {
        return requireNonNull(balancer.choose(SpringChoices.REQUEST).block());
    }

    @Override
    public void close() {
        registry.close();
    }
}
