/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import org.jspecify.annotations.Nullable;

/**
 * What the streams of one protocol say. Every request says who the client is, which the protocol asks only of the first one:
 * java-control-plane takes a later one without it for somebody else's in the incremental protocol.
 */
final class LeanRequests {
    static final String TYPE_URL = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

    private static final String NODE = "client-";
    private static final String SERVICE = "/envoy.service.discovery.v3.AggregatedDiscoveryService/";

    private final Changes changes;
    private final boolean delta;

    LeanRequests(Changes changes, boolean delta) {
        this.changes = changes;
        this.delta = delta;
    }

    /** Returns the number of the stream whose node has this id. */
    static int streamOf(String nodeId) {
        return Integer.parseInt(nodeId.substring(NODE.length()));
    }

    boolean delta() {
        return delta;
    }

    String path() {
        return SERVICE + (delta ? "DeltaAggregatedResources" : "StreamAggregatedResources");
    }

    /** Returns the first request; versions by subscription, null for what the client does not hold. */
    byte[] first(int stream, @Nullable String[] held) {
        if (!delta) {
            return names(stream).build().toByteArray();
        }
        DeltaDiscoveryRequest.Builder request =
                DeltaDiscoveryRequest.newBuilder().setNode(node(stream)).setTypeUrl(TYPE_URL);
        for (int n = 0; n < changes.subscriptions(); n++) {
            String name = SyntheticData.resource(changes.subscribed(stream, n));
            request.addResourceNamesSubscribe(name);
            String version = held[n];
            if (version != null) {
                request.putInitialResourceVersions(name, version);
            }
        }
        return request.build().toByteArray();
    }

    /** Returns the answer to a response. */
    byte[] ack(int stream, String version, String nonce) {
        return delta
                ? DeltaDiscoveryRequest.newBuilder()
                        .setNode(node(stream))
                        .setTypeUrl(TYPE_URL)
                        .setResponseNonce(nonce)
                        .build()
                        .toByteArray()
                : names(stream)
                        .setVersionInfo(version)
                        .setResponseNonce(nonce)
                        .build()
                        .toByteArray();
    }

    private DiscoveryRequest.Builder names(int stream) {
        DiscoveryRequest.Builder request =
                DiscoveryRequest.newBuilder().setNode(node(stream)).setTypeUrl(TYPE_URL);
        for (int n = 0; n < changes.subscriptions(); n++) {
            request.addResourceNames(SyntheticData.resource(changes.subscribed(stream, n)));
        }
        return request;
    }

    private static Node node(int stream) {
        return Node.newBuilder().setId(NODE + stream).setUserAgentName("xds-lb").build();
    }
}
