/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.peer;

import dev.xdslb.load.Outcome;
import dev.xdslb.simulation.SimulatedBalancer;
import dev.xdslb.simulation.SimulatedClient;
import dev.xdslb.simulation.SimulatedPod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.loadbalancer.core.RandomLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.cloud.loadbalancer.core.RoundRobinLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import reactor.core.publisher.Flux;

/** A balancer of Spring Cloud over a list of instances that is at hand. */
final class SpringPeer implements SimulatedBalancer {
    private static final String SERVICE = "simulated";
    private static final Request<?> REQUEST = new DefaultRequest<>();
    /** The bound of the position that Spring's balancer starts from when it is not told one. */
    private static final int SEED_BOUND = 1000;

    private final Instances instances = new Instances();
    private final ReactorServiceInstanceLoadBalancer balancer;
    private final Map<Integer, Integer> podsByPort = new HashMap<>();

    private SpringPeer(
            Function<ObjectProvider<ServiceInstanceListSupplier>, ReactorServiceInstanceLoadBalancer> newBalancer) {
        balancer = newBalancer.apply(new ObjectProvider<>() {
            @Override
            public ServiceInstanceListSupplier getObject() {
                return instances;
            }

            @Override
            public ServiceInstanceListSupplier getIfAvailable() {
                return instances;
            }
        });
    }

    static SimulatedBalancer roundRobin(SimulatedClient client) {
        int position = client.random().nextInt(SEED_BOUND);
        return new SpringPeer(supplier -> new RoundRobinLoadBalancer(supplier, SERVICE, position));
    }

    static SimulatedBalancer random() {
        return new SpringPeer(supplier -> new RandomLoadBalancer(supplier, SERVICE));
    }

    @Override
    public void podsChanged(long now, List<SimulatedPod> pods) {
        podsByPort.clear();
        pods.forEach(pod -> podsByPort.put(pod.endpoint().key().port(), pod.index()));
        instances.current = pods.stream()
                .filter(SimulatedPod::isReady)
                .<ServiceInstance>map(pod -> new DefaultServiceInstance(
                        pod.endpoint().podName(),
                        SERVICE,
                        pod.endpoint().key().host(),
                        pod.endpoint().key().port(),
                        false))
                .toList();
    }

    @Override
    public int pick(long now, int request) {
        Response<ServiceInstance> response = balancer.choose(REQUEST).block();
        ServiceInstance instance = response == null ? null : response.getServer();
        return instance == null ? NO_POD : podsByPort.getOrDefault(instance.getPort(), NO_POD);
    }

    @Override
    public void ended(long now, int request, int pod, Outcome outcome, long latencyNanos) {}

    private static final class Instances implements ServiceInstanceListSupplier {
        private List<ServiceInstance> current = List.of();

        @Override
        public String getServiceId() {
            return SERVICE;
        }

        @Override
        public Flux<List<ServiceInstance>> get() {
            return Flux.just(current);
        }
    }
}
