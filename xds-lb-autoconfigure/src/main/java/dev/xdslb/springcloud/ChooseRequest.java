/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.strategy.RequestAttributes;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.cloud.client.loadbalancer.RetryableRequestContext;
import org.springframework.http.HttpHeaders;
import org.springframework.util.MultiValueMap;

/**
 * What a request to choose an instance says about the HTTP request behind it.
 *
 * @param port the Service port that the application asks for, or {@link ServiceNames#NO_PORT}
 * @param attributes the HTTP request as a strategy sees it
 * @param sent the HTTP request, null where there is none
 * @param previous where the last attempt of the same request went, as far as whoever retries says so; null where he does not
 * @param attempts those that do not know of each other, null where nothing is remembered of any
 */
record ChooseRequest(
        int port,
        RequestAttributes attributes,
        @Nullable SentRequest sent,
        @Nullable ServiceInstance previous,
        @Nullable Attempts attempts) {
    private static final ChooseRequest UNKNOWN =
            new ChooseRequest(ServiceNames.NO_PORT, new UnknownAttributes(), null, null, null);

    /**
     * Reads a request.
     *
     * @param serviceId the service that is asked for
     * @param avoidTried whether a retry is to go where the attempts before it did not
     */
    static ChooseRequest of(String serviceId, @Nullable Request<?> request, boolean avoidTried) {
        if (request == null || !(request.getContext() instanceof RequestDataContext context)) {
            return UNKNOWN;
        }
        RequestData data = context.getClientRequest();
        if (data == null) {
            return UNKNOWN;
        }
        SentRequest sent = SentRequest.of(data);
        ServiceInstance previous = context instanceof RetryableRequestContext retryable
                ? retryable.getPreviousServiceInstance()
                : sent.previous();
        Attempts inRequest = sent.attempts();
        Attempts attempts = inRequest == null && !sent.received() ? Attempts.ofThread() : inRequest;
        Collection<EndpointKey> tried = avoidTried ? tried(previous, attempts) : List.of();
        return new ChooseRequest(
                portOf(serviceId, sent.target()), new HttpAttributes(sent, tried), sent, previous, attempts);
    }

    /**
     * Returns whether a gateway's route says that its pods are spoken to over TLS; a client says so by the URI that it sends. The route of
     * another service, which has forwarded the request to this one's, says nothing.
     *
     * @param serviceId the service that is asked for
     */
    boolean isRouteSecure(String serviceId) {
        URI target = sent == null || !sent.received() ? null : sent.target();
        return target != null && isTo(serviceId, target) && "https".equalsIgnoreCase(target.getScheme());
    }

    /** Returns whether an earlier attempt of the same request went to this cluster, and this one is a retry. */
    boolean isRetryOf(Cluster cluster) {
        if (previous != null) {
            PickedServiceInstance picked = PickedServiceInstance.in(previous);
            return picked != null && picked.cluster() == cluster;
        }
        return attempts != null && attempts.isRetryOf(cluster);
    }

    private static Collection<EndpointKey> tried(@Nullable ServiceInstance previous, @Nullable Attempts attempts) {
        if (previous != null) {
            return triedWith(previous);
        }
        return attempts == null ? List.of() : attempts.failed();
    }

    /** An instance that is not of ours says where the last attempt went, and nothing of those before it. */
    private static Collection<EndpointKey> triedWith(ServiceInstance previous) {
        PickedServiceInstance picked = PickedServiceInstance.in(previous);
        if (picked != null) {
            return picked.tried();
        }
        return previous instanceof EndpointServiceInstance instance ? List.of(instance.key()) : List.of();
    }

    /** Lets a later attempt of the same request know where this one goes, where nobody else tells it. */
    void remember(ServiceInstance picked) {
        if (sent != null) {
            sent.remember(picked);
        }
    }

    /** Lets whoever sends the request know why it goes nowhere, where he asks for it. */
    void refused(RuntimeException reason) {
        if (sent != null) {
            sent.refused(reason);
        }
    }

    /** Lets whoever retries know why he may not, where he would send the request all the same. */
    void refuseRetry(RuntimeException reason) {
        refused(reason);
        PickedServiceInstance picked = PickedServiceInstance.in(previous);
        if (picked != null) {
            picked.refuseRetry(reason);
        }
        if (previous != null) {
            SpringRetry.end(previous);
        }
    }

    /** The port of another host says nothing. */
    private static int portOf(String serviceId, @Nullable URI target) {
        return target != null && isTo(serviceId, target) ? target.getPort() : ServiceNames.NO_PORT;
    }

    private static boolean isTo(String serviceId, URI target) {
        return serviceId.equalsIgnoreCase(target.getHost());
    }

    /** Somebody asks for an instance without saying for which request: nobody will say how that one ends. */
    private record UnknownAttributes() implements RequestAttributes {
        @Override
        public @Nullable String header(String name) {
            return null;
        }

        @Override
        public String path() {
            return "";
        }

        @Override
        public boolean tellsOutcome() {
            return false;
        }
    }

    private record HttpAttributes(SentRequest sent, Collection<EndpointKey> tried) implements RequestAttributes {
        @Override
        public @Nullable String header(String name) {
            HttpHeaders headers = sent.data().getHeaders();
            return headers == null ? null : headers.getFirst(name);
        }

        /** Spring keeps cookies apart from the headers until the request is written. */
        @Override
        public @Nullable String cookie(String name) {
            MultiValueMap<String, String> cookies = sent.data().getCookies();
            String cookie = cookies == null ? null : cookies.getFirst(name);
            return cookie == null ? RequestAttributes.super.cookie(name) : cookie;
        }

        @Override
        public String path() {
            return sent.path();
        }
    }
}
