/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.blocking;

import dev.xdslb.http.HttpOutcomes;
import dev.xdslb.load.Lease;
import dev.xdslb.springcloud.PickedServiceInstance;
import java.util.List;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.HttpRequestLoadBalancerRequest;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequest;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequestFactory;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequestTransformer;
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

    public LeasedRequestFactory(LoadBalancerClient loadBalancer, List<LoadBalancerRequestTransformer> transformers) {
        super(loadBalancer, transformers);
    }

    @Override
    public LoadBalancerRequest<ClientHttpResponse> createRequest(
            HttpRequest request, byte[] body, ClientHttpRequestExecution execution) {
        return new LeasedRequest(request, super.createRequest(request, body, execution));
    }

    private record LeasedRequest(HttpRequest getHttpRequest, LoadBalancerRequest<ClientHttpResponse> delegate)
            implements HttpRequestLoadBalancerRequest<ClientHttpResponse> {

        @Override
        public ClientHttpResponse apply(ServiceInstance instance) throws Exception {
            PickedServiceInstance picked = PickedServiceInstance.in(instance);
            if (picked == null) {
                return delegate.apply(instance); // chosen by another balancer
            }
            Lease lease = picked.lease();
            ClientHttpResponse response;
            try {
                response = delegate.apply(instance);
            } catch (Throwable e) {
                lease.end(HttpOutcomes.of(e));
                throw e;
            }
            return LeasedResponse.of(response, lease, !HttpMethod.HEAD.equals(getHttpRequest.getMethod()));
        }
    }
}
