/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.grpc.MethodDescriptor;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a stream needs to know of the protocol that it speaks.
 *
 * @param <Q> the protocol's request
 */
interface Dialect<Q> {
    /** As many names as a stream may have, each with the version that the client holds: 160 bytes for both. */
    int MAX_REQUEST_BYTES = 16 * 1024 * 1024;

    String protocol();

    /** Returns whether a client can be told of a part of what it has, and that it is gone. */
    boolean saysParts();

    /** Returns a discovery method whose responses are written by {@link Outgoing}. */
    MethodDescriptor<Q, Outgoing> sending(MethodDescriptor<Q, ?> method);

    Node node(Q request);

    String typeUrl(Q request);

    /** Returns the nonce of the response that a request answers; empty where it answers none. */
    String nonce(Q request);

    /** Returns a name or a version in the request that is longer than any can be; null where there is none. */
    @Nullable
    String tooLongText(Q request);

    /** Returns how many names a request says. */
    int names(Q request);

    /** Returns what stands for bytes that are no request: this very object. */
    Q undecodable();

    /** Returns what stands for more bytes than a request may have: this very object. */
    Q tooLarge();

    /** Returns a subscription to nothing yet. */
    Subscription<Q> subscription(
            @Nullable ResourceType type, String typeUrl, Client client, SubscribedNames names, StreamContext context);

    DiscoveryRequest SOTW_UNDECODABLE =
            DiscoveryRequest.newBuilder().setTypeUrl("undecodable").build();

    DiscoveryRequest SOTW_TOO_LARGE =
            DiscoveryRequest.newBuilder().setTypeUrl("too large").build();

    DeltaDiscoveryRequest DELTA_UNDECODABLE =
            DeltaDiscoveryRequest.newBuilder().setTypeUrl("undecodable").build();

    DeltaDiscoveryRequest DELTA_TOO_LARGE =
            DeltaDiscoveryRequest.newBuilder().setTypeUrl("too large").build();

    Dialect<DiscoveryRequest> SOTW = new Dialect<>() {
        @Override
        public String protocol() {
            return "sotw";
        }

        @Override
        public boolean saysParts() {
            return false;
        }

        @Override
        public MethodDescriptor<DiscoveryRequest, Outgoing> sending(MethodDescriptor<DiscoveryRequest, ?> method) {
            return method.toBuilder(
                            new RequestMarshaller<>(method.getRequestMarshaller(), SOTW_UNDECODABLE, SOTW_TOO_LARGE),
                            Outgoing.MARSHALLER)
                    .build();
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
        public String nonce(DiscoveryRequest request) {
            return request.getResponseNonce();
        }

        @Override
        public @Nullable String tooLongText(DiscoveryRequest request) {
            return request.getResourceNamesList().stream()
                    .filter(ClientText::isTooLong)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public DiscoveryRequest undecodable() {
            return SOTW_UNDECODABLE;
        }

        @Override
        public DiscoveryRequest tooLarge() {
            return SOTW_TOO_LARGE;
        }

        @Override
        public int names(DiscoveryRequest request) {
            return request.getResourceNamesCount();
        }

        @Override
        public Subscription<DiscoveryRequest> subscription(
                @Nullable ResourceType type,
                String typeUrl,
                Client client,
                SubscribedNames names,
                StreamContext context) {
            return new SotwSubscription(type, typeUrl, client, names, context);
        }
    };

    Dialect<DeltaDiscoveryRequest> DELTA = new Dialect<>() {
        @Override
        public String protocol() {
            return "delta";
        }

        @Override
        public boolean saysParts() {
            return true;
        }

        @Override
        public MethodDescriptor<DeltaDiscoveryRequest, Outgoing> sending(
                MethodDescriptor<DeltaDiscoveryRequest, ?> method) {
            return method.toBuilder(
                            new RequestMarshaller<>(method.getRequestMarshaller(), DELTA_UNDECODABLE, DELTA_TOO_LARGE),
                            Outgoing.MARSHALLER)
                    .build();
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
        public String nonce(DeltaDiscoveryRequest request) {
            return request.getResponseNonce();
        }

        @Override
        public @Nullable String tooLongText(DeltaDiscoveryRequest request) {
            Map<String, String> held = request.getInitialResourceVersionsMap();
            return Stream.of(request.getResourceNamesSubscribeList(), held.keySet(), held.values())
                    .flatMap(Collection::stream)
                    .filter(ClientText::isTooLong)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public DeltaDiscoveryRequest undecodable() {
            return DELTA_UNDECODABLE;
        }

        @Override
        public DeltaDiscoveryRequest tooLarge() {
            return DELTA_TOO_LARGE;
        }

        @Override
        public int names(DeltaDiscoveryRequest request) {
            return Math.max(request.getResourceNamesSubscribeCount(), request.getInitialResourceVersionsCount())
                    + request.getResourceNamesUnsubscribeCount();
        }

        @Override
        public Subscription<DeltaDiscoveryRequest> subscription(
                @Nullable ResourceType type,
                String typeUrl,
                Client client,
                SubscribedNames names,
                StreamContext context) {
            return new DeltaSubscription(type, typeUrl, client, names, context);
        }
    };
}
