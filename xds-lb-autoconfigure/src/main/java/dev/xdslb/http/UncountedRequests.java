/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import dev.xdslb.load.Outcome;
import dev.xdslb.springcloud.PickedServiceInstance;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.CompletionContext;
import org.springframework.cloud.client.loadbalancer.CompletionContext.Status;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycle;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.client.loadbalancer.ResponseData;
import org.springframework.http.HttpStatusCode;

/**
 * The net under clients that have no place of ours to count requests in: how a request ended still counts, so that an
 * endpoint that fails is ejected. Requests in flight are not counted here, because Spring Cloud does not tell the end of
 * every request that it tells the start of (a cancelled one, for example), and a count that is never taken back would
 * keep an endpoint from being picked for good.
 */
public final class UncountedRequests implements LoadBalancerLifecycle<Object, Object, ServiceInstance> {

    @Override
    public void onStart(Request<Object> request) {
        // Nothing is known about the endpoint yet.
    }

    @Override
    public void onStartRequest(Request<Object> request, Response<ServiceInstance> response) {
        // See the class comment.
    }

    @Override
    public void onComplete(CompletionContext<Object, ServiceInstance, Object> completion) {
        Response<ServiceInstance> chosen = completion.getLoadBalancerResponse();
        if (chosen != null
                && chosen.getServer() instanceof PickedServiceInstance picked
                && completion.status() != Status.DISCARD) {
            picked.completedUncounted(outcome(completion));
        }
    }

    private static Outcome outcome(CompletionContext<Object, ServiceInstance, Object> completion) {
        Throwable failure = completion.getThrowable();
        if (failure != null) {
            return HttpOutcomes.of(failure);
        }
        HttpStatusCode status = statusOf(completion.getClientResponse());
        return status == null ? Outcome.SUCCESS : HttpOutcomes.of(status.value());
    }

    private static @Nullable HttpStatusCode statusOf(@Nullable Object clientResponse) {
        return clientResponse instanceof ResponseData data ? data.getHttpStatus() : null;
    }
}
