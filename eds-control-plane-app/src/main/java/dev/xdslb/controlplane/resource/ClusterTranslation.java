/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Any;
import dev.xdslb.controlplane.topology.ServicePort;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;

/**
 * A port as a Cluster, made only of what Envoy and gRPC of every language accept: endpoints over the same stream, asked
 * for by the cluster's name, and round robin.
 */
final class ClusterTranslation {

    private static final String HTTP_PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    private static final Any HTTP2 = Any.pack(HttpProtocolOptions.newBuilder()
            .setExplicitHttpConfig(HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                    .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()))
            .build());

    private ClusterTranslation() {}

    /**
     * Translates.
     *
     * @param saysProtocol whether the client needs to be told that pods speak HTTP/2 (Envoy does, gRPC knows)
     */
    static Cluster translate(String name, ServicePort port, boolean saysProtocol) {
        Cluster.Builder cluster = Cluster.newBuilder()
                .setName(name)
                .setType(Cluster.DiscoveryType.EDS)
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder()
                        .setEdsConfig(ConfigSource.newBuilder()
                                .setResourceApiVersion(ApiVersion.V3)
                                .setAds(AggregatedConfigSource.getDefaultInstance())))
                .setLbPolicy(Cluster.LbPolicy.ROUND_ROBIN);
        if (saysProtocol && port.http2()) {
            cluster.putTypedExtensionProtocolOptions(HTTP_PROTOCOL_OPTIONS, HTTP2);
        }
        return cluster.build();
    }
}
