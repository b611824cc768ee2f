/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.blocking;

import dev.xdslb.http.CountedRequest;
import dev.xdslb.http.PodTarget;
import dev.xdslb.http.ServiceConnections;
import dev.xdslb.springcloud.PickedServiceInstance;
import java.util.List;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.HttpRequestLoadBalancerRequest;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequest;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequestFactory;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequestTransformer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Counts each request that Spring Cloud's blocking interceptors send, from the moment when the request goes out to the
 * end of the response's body. All of them, the retrying one too, get what they send from here, so it does not matter how
 * the application built its client.
 */
public final class LeasedRequestFactory extends LoadBalancerRequestFactory {

    private final ServiceConnections connections;

    public LeasedRequestFactory(
            LoadBalancerClient loadBalancer,
            List<LoadBalancerRequestTransformer> transformers,
            ServiceConnections connections) {
        super(loadBalancer, transformers);
        this.connections = connections;
    }

    @Override
    public LoadBalancerRequest<ClientHttpResponse> createRequest(
            HttpRequest request, byte[] body, ClientHttpRequestExecution execution) {
        String host = connections.host(request.getURI());
        if (host != null && !request.getHeaders().containsHeader(HttpHeaders.HOST)) {
            request.getHeaders().set(HttpHeaders.HOST, host);
        }
        return new LeasedRequest(request, super.createRequest(request, body, execution), connections);
    }

    private record LeasedRequest(
            HttpRequest getHttpRequest,
            LoadBalancerRequest<ClientHttpResponse> delegate,
            ServiceConnections connections)
            implements HttpRequestLoadBalancerRequest<ClientHttpResponse> {

        @Override
        public ClientHttpResponse apply(ServiceInstance instance) throws Exception {
            PickedServiceInstance picked = PickedServiceInstance.in(instance);
            if (picked == null) {
                return delegate.apply(instance); // chosen by another balancer
            }
            PodTarget target = PodTarget.of(instance, getHttpRequest.getURI(), connections);
            CountedRequest request = CountedRequest.to(picked);
            ClientHttpResponse response;
            try {
                response = PodTarget.sending(target, () -> delegate.apply(instance));
            } catch (Throwable e) {
                request.failed(e);
                throw e;
            }
            return LeasedResponse.of(response, request, !HttpMethod.HEAD.equals(getHttpRequest.getMethod()));
        }
    }
}
