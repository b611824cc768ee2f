/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import static java.util.Objects.requireNonNull;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.RetryBudget;
import org.apiguardian.api.API;
import org.springframework.core.retry.RetryPolicy;

/**
 * The retry budgets of the services, for whoever repeats requests in a way that xds-lb cannot see: a retry of which nobody tells it counts as
 * a request. What it sees by itself (Spring Cloud's own retries, those of gateways, gRPC and load-balanced {@code WebClient}s, and
 * whatever is linked by {@link Attempts}) needs no code, and is not to be counted here as well.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class RetryBudgets {
    private final ServiceNames names;
    private final ClusterRegistry clusters;

    /** Makes the budgets of an application. */
    @API(status = API.Status.INTERNAL)
    public RetryBudgets(ServiceNames names, ClusterRegistry clusters) {
        this.names = requireNonNull(names, "names");
        this.clusters = requireNonNull(clusters, "clusters");
    }

    /**
     * Returns the budget of a service, as far as requests to it name no port; it may be kept.
     *
     * @param serviceId the host of the requests' URI
     * @throws IllegalArgumentException when that is no name of a Kubernetes Service
     */
    public RetryBudget of(String serviceId) {
        return clusters.cluster(names.resource(serviceId, ServiceNames.NO_PORT)).retryBudget();
    }

    /**
     * Returns a policy that retries where another one does and the service's budget has room: for a {@code RetryTemplate}.
     * Where the budget has none, the template fails as where its retries are used up.
     *
     * @throws IllegalArgumentException when the service id is no name of a Kubernetes Service
     */
    public RetryPolicy policy(String serviceId, RetryPolicy policy) {
        return new BudgetedRetryPolicy(requireNonNull(policy, "policy"), of(serviceId));
    }
}
