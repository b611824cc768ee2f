/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.pick;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.stream.IntStream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.loadbalancer.core.RoundRobinLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import reactor.core.publisher.Flux;

/** Spring Cloud's round robin over a list that is at hand, as its blocking client asks it. It counts nothing. */
final class SpringChoices implements MeasuredBalancer {
    static final String SERVICE = "measured";
    static final Request<?> REQUEST = new DefaultRequest<>();

    private final RoundRobinLoadBalancer balancer;

    SpringChoices(EndpointPool pool) {
        Instances instances = new Instances(IntStream.range(0, pool.size())
                .<ServiceInstance>mapToObj(i -> new DefaultServiceInstance(
                        "pod-" + i, SERVICE, EndpointPool.host(i), EndpointPool.port(), false))
                .toList());
        balancer = new RoundRobinLoadBalancer(new Provided(instances), SERVICE);
    }

    @Override
    public Object pickAndRelease() {
        return requireNonNull(balancer.choose(REQUEST).block());
    }

    record Provided(ServiceInstanceListSupplier instances) implements ObjectProvider<ServiceInstanceListSupplier> {
        @Override
        public ServiceInstanceListSupplier getObject() {
            return instances;
        }

        @Override
        public ServiceInstanceListSupplier getIfAvailable() {
            return instances;
        }
    }

    private record Instances(List<ServiceInstance> all) implements ServiceInstanceListSupplier {
        @Override
        public String getServiceId() {
            return SERVICE;
        }

        @Override
        public Flux<List<ServiceInstance>> get() {
            return Flux.just(all);
        }
    }
}
