/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.Cluster;
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
 * <p>Where nothing can be picked, the response has no instance, so that each client answers in its own way; {@link NoInstance}
 * has the reason, and it is logged. A retry that the service's budget has no room for is answered like this, too. A strategy or a key that fails is an error, as nothing can be said of the endpoints.
 */
public final class XdsLoadBalancer implements ReactorServiceInstanceLoadBalancer {
    private final ServiceClusters clusters;
    private final ObjectProvider<ServiceInstanceListSupplier> supplierProvider;
    private final boolean avoidPrevious;
    private final Refusals refusals;
    private volatile @Nullable ServiceInstanceListSupplier supplier; // written once, by the first requests

    /**
     * Makes the balancer of a service.
     *
     * @param supplierProvider the outermost list of instances; resolved by the first request
     * @param avoidPrevious whether a retry goes to another endpoint than the attempts before, where there is one
     */
    public XdsLoadBalancer(
            ServiceClusters clusters,
            ObjectProvider<ServiceInstanceListSupplier> supplierProvider,
            boolean avoidPrevious) {
        this.clusters = clusters;
        this.supplierProvider = supplierProvider;
        this.avoidPrevious = avoidPrevious;
        this.refusals = new Refusals(clusters.serviceId(), System::nanoTime);
    }

    /** Returns why the last request got no instance, null where it got one. */
    public @Nullable RuntimeException latestRefusal() {
        return refusals.latest();
    }

    @Override
    @SuppressWarnings("rawtypes") // as the interface declares it
    public Mono<Response<ServiceInstance>> choose(Request request) {
        ChooseRequest choose = ChooseRequest.of(clusters.serviceId(), (Request<?>) request, avoidPrevious);
        ServicePort port;
        try {
            port = clusters.port(choose.port());
        } catch (IllegalArgumentException e) {
            return refused(e, choose);
        }
        if (choose.isRetryOf(port.cluster()) && !port.cluster().retryBudget().tryRetry()) {
            RuntimeException reason = port.cluster().retryBudget().exceeded();
            choose.refuseRetry(reason);
            return Mono.just(refusals.refuse(reason));
        }
        ServiceInstanceListSupplier lists = supplier();
        if (isFedByClusterAlone(lists)) {
            return Settling.of(port.cluster(), clusters.start(), () -> pick(port.cluster(), choose));
        }
        return Settling.of(
                port.cluster(),
                clusters.start(),
                () -> lists.get(request)
                        .next()
                        .defaultIfEmpty(List.of())
                        .flatMap(list -> pickAmong(port, choose, list, lists)));
    }

    private Mono<Response<ServiceInstance>> pick(Cluster cluster, ChooseRequest choose) {
        try {
            Candidate candidate = cluster.picker().pick(choose.attributes());
            return picked(
                    new EndpointServiceInstance(clusters.serviceId(), candidate.endpoint()),
                    cluster,
                    candidate,
                    choose);
        } catch (NoEndpointException e) {
            return noEndpoint(e, choose);
        } catch (Throwable e) { // of a strategy, which may be anybody's code
            return Mono.error(failed(cluster, e));
        }
    }

    private Mono<Response<ServiceInstance>> noEndpoint(NoEndpointException e, ChooseRequest choose) {
        return refused(e.forService(clusters.serviceId(), clusters.sourceDescription()), choose);
    }

    private Mono<Response<ServiceInstance>> refused(RuntimeException reason, ChooseRequest choose) {
        choose.refused(reason);
        return Mono.just(refusals.refuse(reason));
    }

    private Mono<Response<ServiceInstance>> pickAmong(
            ServicePort port, ChooseRequest choose, List<ServiceInstance> list, ServiceInstanceListSupplier lists) {
        Cluster cluster = port.cluster();
        Restriction restricted;
        try {
            restricted = port.restrictedTo(list);
        } catch (Throwable e) { // of a strategy, which may be anybody's code
            return Mono.error(failed(cluster, e));
        }
        Candidate candidate;
        try {
            candidate = restricted.picker().pick(choose.attributes());
        } catch (NoEndpointException e) {
            NoEndpointException reason = restricted.excludesAll()
                    ? e.because("none of its " + cluster.endpoints().size() + " endpoints is among the " + list.size()
                            + " instances that the application's own "
                            + lists.getClass().getSimpleName() + " returned")
                    : e;
            return noEndpoint(reason, choose);
        } catch (Throwable e) { // of a strategy, which may be anybody's code
            return Mono.error(failed(cluster, e));
        }
        ServiceInstance instance = restricted.instance(candidate.endpoint());
        if (lists instanceof SelectedInstanceCallback callback) {
            callback.selectedServiceInstance(instance);
        }
        return picked(instance, cluster, candidate, choose);
    }

    /** What somebody's code throws says nothing of where it was thrown. */
    private static RuntimeException failed(Cluster cluster, Throwable failure) {
        if (failure instanceof StrategyException strategy) {
            return strategy; // says it all
        }
        if (failure instanceof RequestKeyException) {
            return new IllegalStateException(cluster.resource() + ": " + failure.getMessage(), failure);
        }
        return new IllegalStateException(
                "strategy " + cluster.settings().strategyName() + " of " + cluster.resource() + " failed: " + failure,
                failure);
    }

    private Mono<Response<ServiceInstance>> picked(
            ServiceInstance described, Cluster cluster, Candidate candidate, ChooseRequest choose) {
        String serviceId = clusters.serviceId();
        PickedServiceInstance picked = new PickedServiceInstance(
                serviceId, described, cluster, candidate, choose.attributes().tried(), choose.isRouteSecure(serviceId));
        choose.remember(picked);
        refusals.picked();
        return Mono.just(new DefaultResponse(picked));
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
        ServiceInstanceListSupplier inner = lists.getClass() == RetryAwareServiceInstanceListSupplier.class
                ? ((DelegatingServiceInstanceListSupplier) lists).getDelegate()
                : lists;
        return inner instanceof XdsServiceInstanceListSupplier ours && !ours.isRestricting();
    }
}
