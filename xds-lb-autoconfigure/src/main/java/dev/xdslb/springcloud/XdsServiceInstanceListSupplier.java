/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.apiguardian.api.API;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.loadbalancer.core.SelectedInstanceCallback;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import reactor.core.publisher.Flux;

/**
 * The endpoints of a service that may get requests, as the control plane streams them: the base for an application's own
 * {@link ServiceInstanceListSupplier}. Each subscription gets one list, the newest; there is nothing to cache, because it
 * is in memory anyway. What Spring Cloud's own properties say of lists is around it.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class XdsServiceInstanceListSupplier
        implements ServiceInstanceListSupplier, SelectedInstanceCallback, InitializingBean, DisposableBean {
    /** How soon who checks the health of instances learns that there are others. */
    private static final Duration WATCH = Duration.ofSeconds(1);

    private final ServiceInstanceListSupplier lists;
    private final boolean restricting;

    /** Makes one that lists all. */
    @API(status = API.Status.INTERNAL)
    public XdsServiceInstanceListSupplier(ServiceClusters clusters) {
        this.lists = new ClusterLists(clusters);
        this.restricting = false;
    }

    private XdsServiceInstanceListSupplier(ServiceInstanceListSupplier lists) {
        this.lists = lists;
        this.restricting = true;
    }

    /**
     * Makes one that leaves some out.
     *
     * @param around makes Spring Cloud's list around that of all
     */
    @API(status = API.Status.INTERNAL)
    public static XdsServiceInstanceListSupplier restricted(
            ServiceClusters clusters, Function<ServiceInstanceListSupplier, ServiceInstanceListSupplier> around) {
        return new XdsServiceInstanceListSupplier(around.apply(new ClusterLists(clusters)));
    }

    /**
     * Makes one that leaves some out, by a list that subscribes once to those of all.
     *
     * @param around makes Spring Cloud's list around that of all
     */
    @API(status = API.Status.INTERNAL)
    public static XdsServiceInstanceListSupplier watching(
            ServiceClusters clusters, Function<ServiceInstanceListSupplier, ServiceInstanceListSupplier> around) {
        return new XdsServiceInstanceListSupplier(around.apply(new ClusterLists(clusters).watched(WATCH)));
    }

    /** Returns whether it may leave out endpoints that the cluster would pick. */
    boolean isRestricting() {
        return restricting;
    }

    @Override
    public String getServiceId() {
        return lists.getServiceId();
    }

    @Override
    public Flux<List<ServiceInstance>> get() {
        return lists.get();
    }

    @Override
    @SuppressWarnings("rawtypes") // as the interface declares it
    public Flux<List<ServiceInstance>> get(Request request) {
        return lists.get(request);
    }

    @Override
    public void selectedServiceInstance(ServiceInstance instance) {
        if (lists instanceof SelectedInstanceCallback callback) {
            callback.selectedServiceInstance(instance);
        }
    }

    @Override
    public void afterPropertiesSet() throws Exception {
        if (lists instanceof InitializingBean bean) {
            bean.afterPropertiesSet();
        }
    }

    @Override
    public void destroy() throws Exception {
        if (lists instanceof DisposableBean bean) {
            bean.destroy();
        }
    }
}
