/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.cluster.NoEndpointException;
import dev.xdslb.cluster.StrategyException;
import dev.xdslb.policy.Candidate;
import dev.xdslb.strategy.RequestKeyException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultResponse;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.loadbalancer.core.DelegatingServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.cloud.loadbalancer.core.RetryAwareServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.core.SelectedInstanceCallback;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import reactor.core.publisher.Mono;

/**
 * Chooses an instance per request by asking the service's cluster. Reads the picker that the cluster has published;
 * where the application has put a {@link ServiceInstanceListSupplier} of its own in front, the list that it returns
 * restricts the pick.
 *
 * <p>Where nothing can be picked, the result is an error with a {@link NoEndpointException}, never an empty response:
 * Spring Cloud's clients turn an empty response into a message that says nothing but that there is none, and hand an error
 * on to the caller as it is.
 */
public final class XdsLoadBalancer implements ReactorServiceInstanceLoadBalancer {
    private final ServiceClusters clusters;
    private final ObjectProvider<ServiceInstanceListSupplier> supplierProvider;
    private final boolean avoidPrevious;
    private volatile @Nullable ServiceInstanceListSupplier supplier; // written once, by the first requests
    private volatile @Nullable Restriction restriction; // a cache; whoever is last wins

    /**
     * Makes the balancer of a service.
     *
     * @param supplierProvider the outermost list of instances; resolved by the first request
     * @param avoidPrevious whether a retry goes to another endpoint than the attempt before, where there is one
     */
    public XdsLoadBalancer(
            ServiceClusters clusters,
            ObjectProvider<ServiceInstanceListSupplier> supplierProvider,
            boolean avoidPrevious) {
        this.clusters = clusters;
        this.supplierProvider = supplierProvider;
        this.avoidPrevious = avoidPrevious;
    }

    @Override
    @SuppressWarnings("rawtypes") // as the interface declares it
    public Mono<Response<ServiceInstance>> choose(Request request) {
        ChooseRequest choose = ChooseRequest.of(clusters.serviceId(), (Request<?>) request);
        Cluster cluster;
        try {
            cluster = clusters.cluster(choose.port());
        } catch (IllegalArgumentException e) {
            return Mono.error(e);
        }
        ServiceInstanceListSupplier lists = supplier();
        if (isFedByClusterAlone(lists)) {
            return Settling.of(cluster, () -> pick(cluster, choose));
        }
        return Settling.of(
                cluster,
                () -> lists.get(request)
                        .next()
                        .defaultIfEmpty(List.of())
                        .flatMap(list -> pickAmong(cluster, choose, list, lists)));
    }

    private Mono<Response<ServiceInstance>> pick(Cluster cluster, ChooseRequest choose) {
        try {
            Candidate candidate = picker(cluster, choose).pick(choose.attributes());
            return picked(new EndpointServiceInstance(clusters.serviceId(), candidate.endpoint()), cluster, candidate);
        } catch (NoEndpointException e) {
            return Mono.error(e.forService(clusters.serviceId(), clusters.sourceDescription()));
        } catch (RuntimeException e) {
            return Mono.error(strategyFailed(cluster, e));
        }
    }

    private ClusterPicker picker(Cluster cluster, ChooseRequest choose) {
        ClusterPicker picker = cluster.picker();
        ServiceInstance previous = choose.previous();
        if (previous == null || !avoidPrevious) {
            return picker;
        }
        String address = EndpointServiceInstance.addressOf(previous);
        ClusterPicker others =
                picker.restrictedTo(endpoint -> !endpoint.address().equals(address));
        return others.hasEndpointFor(choose.attributes()) ? others : picker;
    }

    private Mono<Response<ServiceInstance>> pickAmong(
            Cluster cluster, ChooseRequest choose, List<ServiceInstance> list, ServiceInstanceListSupplier lists) {
        Restriction restricted;
        try {
            restricted = Restriction.of(cluster.picker(), list, restriction);
        } catch (RuntimeException e) {
            return Mono.error(strategyFailed(cluster, e));
        }
        restriction = restricted;
        Candidate candidate;
        try {
            candidate = restricted.picker().pick(choose.attributes());
        } catch (NoEndpointException e) {
            NoEndpointException reason = restricted.excludesAll()
                    ? e.because("none of its " + cluster.endpoints().size() + " endpoints is among the " + list.size()
                            + " instances that the application's own "
                            + lists.getClass().getSimpleName() + " returned")
                    : e;
            return Mono.error(reason.forService(clusters.serviceId(), clusters.sourceDescription()));
        } catch (RuntimeException e) {
            return Mono.error(strategyFailed(cluster, e));
        }
        ServiceInstance instance = restricted.instance(candidate.endpoint());
        if (lists instanceof SelectedInstanceCallback callback) {
            callback.selectedServiceInstance(instance);
        }
        return picked(instance, cluster, candidate);
    }

    /** A strategy may be anybody's code; what it throws says nothing of where it was thrown. */
    private static IllegalStateException strategyFailed(Cluster cluster, RuntimeException failure) {
        if (failure instanceof StrategyException said) {
            return said;
        }
        if (failure instanceof RequestKeyException) {
            return new IllegalStateException(cluster.resource() + ": " + failure.getMessage(), failure);
        }
        return new IllegalStateException(
                "strategy " + cluster.settings().strategy().name() + " of " + cluster.resource() + " failed: "
                        + failure,
                failure);
    }

    private static Mono<Response<ServiceInstance>> picked(
            ServiceInstance described, Cluster cluster, Candidate candidate) {
        return Mono.just(new DefaultResponse(new PickedServiceInstance(described, cluster, candidate)));
    }

    private ServiceInstanceListSupplier supplier() {
        ServiceInstanceListSupplier lists = supplier;
        if (lists == null) {
            lists = supplierProvider.getObject();
            supplier = lists;
        }
        return lists;
    }

    /** Spring Cloud may put its retry-aware supplier around ours; what that one does is done here, without a list. */
    private static boolean isFedByClusterAlone(ServiceInstanceListSupplier lists) {
        return lists instanceof XdsServiceInstanceListSupplier
                || (lists.getClass() == RetryAwareServiceInstanceListSupplier.class
                        && ((DelegatingServiceInstanceListSupplier) lists).getDelegate()
                                instanceof XdsServiceInstanceListSupplier);
    }
}
