/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePort;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;

/**
 * A port as a Cluster, made only of what the clients of a family accept: endpoints over the same stream, asked for by the
 * cluster's name. What the Service says of the policy travels in the field that xDS has for it, so that every kind of client
 * obeys as much of it as it can; what has none, for our own client in our metadata.
 */
final class ClusterTranslation {

    private static final String HTTP_PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    private static final Any HTTP2 = Any.pack(HttpProtocolOptions.newBuilder()
            .setExplicitHttpConfig(HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                    .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()))
            .build());

    private ClusterTranslation() {}

    /** Translates. */
    static Cluster translate(String name, ServicePort port, ServicePolicy policy, Family family) {
        Cluster.Builder cluster = Cluster.newBuilder()
                .setName(name)
                .setType(Cluster.DiscoveryType.EDS)
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setEdsConfig(SameStream.SOURCE));
        if (family == Family.ENVOY && port.http2()) { // gRPC knows
            cluster.putTypedExtensionProtocolOptions(HTTP_PROTOCOL_OPTIONS, HTTP2);
        }
        BalancerFields.set(cluster, policy, family);
        ZoneFields.set(cluster, policy, family);
        EjectionFields.set(cluster, policy, family);
        LimitFields.set(cluster, policy, family, port);
        Struct ours = family == Family.XDS_LB ? OurPolicy.of(policy) : Struct.getDefaultInstance();
        if (ours.getFieldsCount() > 0) {
            cluster.setMetadata(Metadata.newBuilder().putFilterMetadata(OurPolicy.METADATA, ours));
        }
        return cluster.build();
    }
}
