/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import dev.xdslb.load.Outcome;
import dev.xdslb.springcloud.PickedServiceInstance;
import java.time.Duration;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.CompletionContext;
import org.springframework.cloud.client.loadbalancer.CompletionContext.Status;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycle;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.client.loadbalancer.ResponseData;

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
        PickedServiceInstance picked = chosen == null ? null : PickedServiceInstance.in(chosen.getServer());
        if (picked == null || completion.status() == Status.DISCARD) {
            return;
        }
        Throwable failure = completion.getThrowable();
        if (failure != null) {
            picked.completedUncounted(HttpOutcomes.of(failure), Duration.ZERO);
            return;
        }
        Object response = completion.getClientResponse();
        ResponseHead head = response == null ? null : SeenResponse.headOf(response);
        if (head != null) {
            picked.completedUncounted(head.outcome(), head.retryAfter());
        } else if (completion.status() == Status.SUCCESS && !(response instanceof ResponseData)) {
            // What has no status is no HTTP response, but what a callback of the application's made of one without
            // throwing.
            // Were it nothing, an endpoint that is used in this way only would never come back after an ejection.
            picked.completedUncounted(Outcome.SUCCESS, Duration.ZERO);
        } else {
            picked.completedUncounted(Outcome.CANCELLED, Duration.ZERO);
        }
    }
}
