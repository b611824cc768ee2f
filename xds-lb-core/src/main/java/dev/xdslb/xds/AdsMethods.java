/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Message;
import dev.xdslb.xds.proto.DeltaDiscoveryRequest;
import dev.xdslb.xds.proto.DeltaDiscoveryResponse;
import dev.xdslb.xds.proto.DiscoveryRequest;
import dev.xdslb.xds.proto.DiscoveryResponse;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;

/** What the wire calls the two methods of ADS and the resource types that this client asks for. */
final class AdsMethods {
    static final String ENDPOINTS_TYPE_URL = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

    static final String CLUSTERS_TYPE_URL = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

    /** In which a control plane may wrap a resource in state of the world. */
    static final String WRAPPER_TYPE_URL = "type.googleapis.com/envoy.service.discovery.v3.Resource";

    /** A type of our own, which only our own control plane serves. */
    static final String PLACE_TYPE_URL = "type.googleapis.com/dev.xdslb.v1.ClientPlace";

    private static final String SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService";

    static final MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> DELTA = method(
            "DeltaAggregatedResources",
            DeltaDiscoveryRequest.getDefaultInstance(),
            DeltaDiscoveryResponse.getDefaultInstance());

    static final MethodDescriptor<DiscoveryRequest, DiscoveryResponse> SOTW = method(
            "StreamAggregatedResources", DiscoveryRequest.getDefaultInstance(), DiscoveryResponse.getDefaultInstance());

    private AdsMethods() {}

    private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> method(
            String name, Q request, A response) {
        return MethodDescriptor.<Q, A>newBuilder()
                .setType(MethodType.BIDI_STREAMING)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .setRequestMarshaller(ProtoUtils.marshaller(request))
                .setResponseMarshaller(ProtoUtils.marshaller(response))
                .build();
    }
}
