/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.envoyproxy.envoy.service.cluster.v3.ClusterDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.endpoint.v3.EndpointDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.listener.v3.ListenerDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.route.v3.RouteDiscoveryServiceGrpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The gRPC services by which a client may open a stream: the aggregated one, and one for each type that has its own in the
 * Envoy API. A stream of the latter is like any other, and bound to its type.
 */
final class DiscoveryServices {
    private static final String CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    private static final String ENDPOINTS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

    private static final String LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";
    private static final String ROUTE = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";

    private DiscoveryServices() {}

    static List<ServerServiceDefinition> of(OpenStreams streams) {
        return List.of(
                streaming(
                                streams,
                                AggregatedDiscoveryServiceGrpc.SERVICE_NAME,
                                AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod(),
                                AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(),
                                null)
                        .build(),
                ofOneType(
                        streams,
                        ClusterDiscoveryServiceGrpc.SERVICE_NAME,
                        ClusterDiscoveryServiceGrpc.getStreamClustersMethod(),
                        ClusterDiscoveryServiceGrpc.getDeltaClustersMethod(),
                        ClusterDiscoveryServiceGrpc.getFetchClustersMethod(),
                        CLUSTER),
                ofOneType(
                        streams,
                        EndpointDiscoveryServiceGrpc.SERVICE_NAME,
                        EndpointDiscoveryServiceGrpc.getStreamEndpointsMethod(),
                        EndpointDiscoveryServiceGrpc.getDeltaEndpointsMethod(),
                        EndpointDiscoveryServiceGrpc.getFetchEndpointsMethod(),
                        ENDPOINTS),
                ofOneType(
                        streams,
                        ListenerDiscoveryServiceGrpc.SERVICE_NAME,
                        ListenerDiscoveryServiceGrpc.getStreamListenersMethod(),
                        ListenerDiscoveryServiceGrpc.getDeltaListenersMethod(),
                        ListenerDiscoveryServiceGrpc.getFetchListenersMethod(),
                        LISTENER),
                ofOneType(
                        streams,
                        RouteDiscoveryServiceGrpc.SERVICE_NAME,
                        RouteDiscoveryServiceGrpc.getStreamRoutesMethod(),
                        RouteDiscoveryServiceGrpc.getDeltaRoutesMethod(),
                        RouteDiscoveryServiceGrpc.getFetchRoutesMethod(),
                        ROUTE));
    }

    private static ServerServiceDefinition ofOneType(
            OpenStreams streams,
            String name,
            MethodDescriptor<DiscoveryRequest, ?> sotw,
            MethodDescriptor<DeltaDiscoveryRequest, ?> delta,
            MethodDescriptor<DiscoveryRequest, ?> fetch,
            String type) {
        return streaming(streams, name, sotw, delta, type)
                .addMethod(Dialect.SOTW.sending(fetch), (call, headers) -> refuse(call, sotw, delta))
                .build();
    }

    private static ServerServiceDefinition.Builder streaming(
            OpenStreams streams,
            String name,
            MethodDescriptor<DiscoveryRequest, ?> sotw,
            MethodDescriptor<DeltaDiscoveryRequest, ?> delta,
            @Nullable String type) {
        return ServerServiceDefinition.builder(name)
                .addMethod(Dialect.SOTW.sending(sotw), (call, headers) -> streams.open(call, Dialect.SOTW, type))
                .addMethod(Dialect.DELTA.sending(delta), (call, headers) -> streams.open(call, Dialect.DELTA, type));
    }

    /** The methods named Fetch are for polling over REST. */
    private static <Q> ServerCall.Listener<Q> refuse(
            ServerCall<Q, Outgoing> call, MethodDescriptor<?, ?> sotw, MethodDescriptor<?, ?> delta) {
        call.close(
                Status.UNIMPLEMENTED.withDescription(
                        call.getMethodDescriptor().getFullMethodName() + " would be asked again and again (expected: "
                                + sotw.getFullMethodName() + " or " + delta.getFullMethodName()
                                + ", which tell of changes)"),
                new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
