/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePort;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.type.v3.Percent;
import java.time.Duration;

/**
 * A port as a Cluster, made only of what Envoy and gRPC of every language accept: endpoints over the same stream, asked
 * for by the cluster's name, and round robin. What the Service says of the policy travels in the field that xDS has for
 * it, so that every kind of client obeys as much of it as it can; what has none, in our metadata.
 *
 * <p>The limit of requests is per endpoint, so it never goes into {@code circuit_breakers.thresholds}, which Envoy and gRPC
 * apply to the whole cluster. Envoy limits an endpoint by connections only, which is the same thing for HTTP/1.1.
 */
final class ClusterTranslation {

    private static final String HTTP_PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    /** What plain xDS cannot say, for our own client. */
    private static final String OUR_METADATA = "dev.xdslb";

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
    static Cluster translate(String name, ServicePort port, ServicePolicy policy, boolean saysProtocol) {
        Cluster.Builder cluster = Cluster.newBuilder()
                .setName(name)
                .setType(Cluster.DiscoveryType.EDS)
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setEdsConfig(SameStream.SOURCE))
                .setLbPolicy(Cluster.LbPolicy.ROUND_ROBIN);
        if (saysProtocol && port.http2()) {
            cluster.putTypedExtensionProtocolOptions(HTTP_PROTOCOL_OPTIONS, HTTP2);
        }
        Duration slowStart = policy.slowStart();
        if (slowStart != null && !(saysProtocol && slowStart.isZero())) { // without a window, Envoy has no slow start
            cluster.setRoundRobinLbConfig(Cluster.RoundRobinLbConfig.newBuilder()
                    .setSlowStartConfig(Cluster.SlowStartConfig.newBuilder().setSlowStartWindow(duration(slowStart))));
        }
        if (policy.distribution() != null) {
            cluster.setCommonLbConfig(Cluster.CommonLbConfig.newBuilder()
                    .setZoneAwareLbConfig(Cluster.CommonLbConfig.ZoneAwareLbConfig.newBuilder()
                            .setRoutingEnabled(Percent.newBuilder().setValue(100))));
        }
        Integer limit = policy.maxInFlightPerEndpoint();
        if (limit != null) {
            CircuitBreakers.Thresholds.Builder perEndpoint =
                    CircuitBreakers.Thresholds.newBuilder().setMaxRequests(UInt32Value.of(limit));
            if (saysProtocol && !port.http2()) {
                perEndpoint.setMaxConnections(UInt32Value.of(limit));
            }
            cluster.setCircuitBreakers(CircuitBreakers.newBuilder().addPerHostThresholds(perEndpoint));
        }
        Struct ours = ours(policy);
        if (ours.getFieldsCount() > 0) {
            cluster.setMetadata(Metadata.newBuilder().putFilterMetadata(OUR_METADATA, ours));
        }
        return cluster.build();
    }

    private static Struct ours(ServicePolicy policy) {
        Struct.Builder ours = Struct.newBuilder();
        if (!policy.strategy().isEmpty()) {
            ours.putFields(
                    "strategy",
                    Value.newBuilder().setStringValue(policy.strategy()).build());
        }
        if (policy.maxInFlightPerEndpoint() != null) {
            ours.putFields(
                    "max_in_flight_per_endpoint",
                    Value.newBuilder()
                            .setNumberValue(policy.maxInFlightPerEndpoint())
                            .build());
        }
        return ours.build();
    }

    private static com.google.protobuf.Duration duration(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.toSeconds())
                .setNanos(duration.toNanosPart())
                .build();
    }
}
