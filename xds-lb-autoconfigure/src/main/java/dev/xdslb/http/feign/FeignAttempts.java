/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.feign;

import dev.xdslb.http.PodTarget;
import dev.xdslb.http.ServiceConnections;
import dev.xdslb.springcloud.PickedServiceInstance;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.CompletionContext;
import org.springframework.cloud.client.loadbalancer.CompletionContext.Status;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycle;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.client.loadbalancer.ResponseData;
import org.springframework.cloud.client.loadbalancer.RetryableRequestContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;

/**
 * Tells the {@link FeignCall} of this thread of its attempts. Spring Cloud's two balancing clients, the retrying one and the other,
 * say when an attempt goes out and when its headers are there.
 */
public final class FeignAttempts implements LoadBalancerLifecycle<Object, Object, ServiceInstance> {

    private final ServiceConnections connections;

    /** Makes the attempts of an application's Feign clients. */
    public FeignAttempts(ServiceConnections connections) {
        this.connections = connections;
    }

    @Override
    public void onStart(Request<Object> request) {
        // Nothing goes out yet.
    }

    @Override
    public void onStartRequest(Request<Object> request, Response<ServiceInstance> response) {
        FeignCall call = callOf(request);
        if (call != null) {
            ServiceInstance instance = response.getServer();
            if (instance == null) {
                throwRefusedRetry(request);
            }
            call.sent(PickedServiceInstance.in(instance), PodTarget.of(instance, uriOf(request), connections));
        }
    }

    @Override
    public void onComplete(CompletionContext<Object, ServiceInstance, Object> completion) {
        FeignCall call = callOf(completion.getLoadBalancerRequest());
        if (call == null || completion.status() == Status.DISCARD) {
            return;
        }
        Throwable failure = completion.getThrowable();
        if (failure != null) {
            call.failed(failure);
        } else if (completion.getClientResponse() instanceof ResponseData response
                && response.getHttpStatus() != null) {
            HttpHeaders headers = response.getHeaders();
            call.answered(
                    response.getHttpStatus().value(),
                    headers == null ? new HttpHeaders() : headers,
                    !isHead(response.getRequestData()));
        }
    }

    /** Spring Cloud sends a retry without an instance to the service's name, where no budget holds it. */
    private static void throwRefusedRetry(Request<?> request) {
        PickedServiceInstance previous = request.getContext() instanceof RetryableRequestContext context
                ? PickedServiceInstance.in(context.getPreviousServiceInstance())
                : null;
        RuntimeException refused = previous == null ? null : previous.refusedRetry();
        if (refused != null) {
            throw refused;
        }
    }

    private static @Nullable URI uriOf(Request<?> request) {
        return request.getContext() instanceof RequestDataContext context && context.getClientRequest() != null
                ? context.getClientRequest().getUrl()
                : null;
    }

    private static boolean isHead(@Nullable RequestData request) {
        return request != null && HttpMethod.HEAD.equals(request.getHttpMethod());
    }

    /** Other clients that are used within the call have requests of classes of their own. */
    private static @Nullable FeignCall callOf(@Nullable Request<?> request) {
        return request != null && request.getClass() == DefaultRequest.class ? FeignCall.current() : null;
    }
}
