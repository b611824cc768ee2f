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
import java.util.Map;
import java.util.stream.Stream;
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
import org.springframework.http.client.support.HttpRequestWrapper;
import org.springframework.web.client.RestClientResponseException;

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
        super(loadBalancer, withMarkLast(transformers));
        this.connections = connections;
    }

    /** Last, so that what it marks has passed the other ones. */
    private static List<LoadBalancerRequestTransformer> withMarkLast(
            List<LoadBalancerRequestTransformer> transformers) {
        LoadBalancerRequestTransformer last = (request, instance) -> {
            PickedServiceInstance picked = PickedServiceInstance.in(instance);
            return picked == null ? request : new MarkedRequest(request, picked);
        };
        return Stream.concat(transformers.stream(), Stream.of(last)).toList();
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
                failed(request, e, picked.isSent());
                throw e;
            }
            return LeasedResponse.of(response, request, !HttpMethod.HEAD.equals(getHttpRequest.getMethod()));
        }

        /**
         * An interceptor between here and the client may throw what it makes of an answer. Where it calls somebody else, it does so before
         * it sends the request.
         */
        private static void failed(CountedRequest request, Throwable failure, boolean sent) {
            if (sent && failure instanceof RestClientResponseException answer) {
                HttpHeaders headers = answer.getResponseHeaders();
                request.answeredWithoutBody(
                        answer.getStatusCode().value(), headers == null ? new HttpHeaders() : headers);
                request.completed();
            } else {
                request.failed(failure);
            }
        }
    }

    /** Spring hands a request's attributes to the HTTP client at the end of the chain of interceptors. */
    private static final class MarkedRequest extends HttpRequestWrapper {
        private final PickedServiceInstance picked;

        private MarkedRequest(HttpRequest request, PickedServiceInstance picked) {
            super(request);
            this.picked = picked;
        }

        @Override
        public Map<String, Object> getAttributes() {
            picked.sent();
            return super.getAttributes();
        }
    }
}
