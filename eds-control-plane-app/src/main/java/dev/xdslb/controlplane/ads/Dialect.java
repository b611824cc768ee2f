/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * What a stream needs to know of the protocol that it speaks.
 *
 * @param <Q> the protocol's request
 */
interface Dialect<Q> {

    String protocol();

    MethodDescriptor<Q, Outgoing> method();

    Node node(Q request);

    String typeUrl(Q request);

    /** Returns a subscription to nothing yet. */
    Subscription<Q> subscription(
            @Nullable ResourceType type, String typeUrl, Client client, SubscribedNames names, AdsSettings settings);

    Dialect<DiscoveryRequest> SOTW = new Dialect<>() {
        private final MethodDescriptor<DiscoveryRequest, Outgoing> method =
                sending(AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod());

        @Override
        public String protocol() {
            return "sotw";
        }

        @Override
        public MethodDescriptor<DiscoveryRequest, Outgoing> method() {
            return method;
        }

        @Override
        public Node node(DiscoveryRequest request) {
            return request.getNode();
        }

        @Override
        public String typeUrl(DiscoveryRequest request) {
            return request.getTypeUrl();
        }

        @Override
        public Subscription<DiscoveryRequest> subscription(
                @Nullable ResourceType type,
                String typeUrl,
                Client client,
                SubscribedNames names,
                AdsSettings settings) {
            return new SotwSubscription(type, typeUrl, client, names, settings);
        }
    };

    Dialect<DeltaDiscoveryRequest> DELTA = new Dialect<>() {
        private final MethodDescriptor<DeltaDiscoveryRequest, Outgoing> method =
                sending(AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod());

        @Override
        public String protocol() {
            return "delta";
        }

        @Override
        public MethodDescriptor<DeltaDiscoveryRequest, Outgoing> method() {
            return method;
        }

        @Override
        public Node node(DeltaDiscoveryRequest request) {
            return request.getNode();
        }

        @Override
        public String typeUrl(DeltaDiscoveryRequest request) {
            return request.getTypeUrl();
        }

        @Override
        public Subscription<DeltaDiscoveryRequest> subscription(
                @Nullable ResourceType type,
                String typeUrl,
                Client client,
                SubscribedNames names,
                AdsSettings settings) {
            return new DeltaSubscription(type, typeUrl, client, names, settings);
        }
    };

    private static <Q> MethodDescriptor<Q, Outgoing> sending(MethodDescriptor<Q, ?> method) {
        return method.toBuilder(method.getRequestMarshaller(), Outgoing.MARSHALLER)
                .build();
    }
}
