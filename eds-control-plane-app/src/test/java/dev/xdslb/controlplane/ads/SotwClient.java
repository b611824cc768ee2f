/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A raw client of the state-of-the-world protocol: remembers per type what the next request has to repeat. */
final class SotwClient extends TestStream<DiscoveryRequest, DiscoveryResponse> {
    private final Node node;
    private final AdsFixture fixture;
    private final Map<ResourceType, List<String>> subscribed = new HashMap<>();
    private final Map<ResourceType, String> version = new HashMap<>(); // last accepted
    private final Map<ResourceType, String> nonce = new HashMap<>(); // last answered
    private boolean introduced;

    SotwClient(Channel channel, Node node, AdsFixture fixture) {
        this(channel, node, fixture, true);
    }

    SotwClient(Channel channel, Node node, AdsFixture fixture, boolean reading) {
        super(channel, AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod(), reading);
        this.node = node;
        this.fixture = fixture;
    }

    /** Says the names that are wanted from now on, with the last accepted nonce and version. */
    void subscribe(ResourceType type, String... names) {
        subscribed.put(type, List.of(names));
        send(request(type));
    }

    void ack(DiscoveryResponse response) {
        ResourceType type = InMemoryResourceStore.type(response.getTypeUrl());
        version.put(type, response.getVersionInfo());
        nonce.put(type, response.getNonce());
        send(request(type));
    }

    void nack(DiscoveryResponse response, String why) {
        ResourceType type = InMemoryResourceStore.type(response.getTypeUrl());
        nonce.put(type, response.getNonce());
        send(request(type).setErrorDetail(Status.newBuilder().setCode(3).setMessage(why)));
    }

    /** Receives and accepts. */
    DiscoveryResponse accept() {
        DiscoveryResponse response = next();
        ack(response);
        return response;
    }

    /** Shows that nothing was sent and nothing waits to be: the answer to one more name is that name alone. */
    void expectNothingSent() {
        List<String> before = subscribed.getOrDefault(InMemoryResourceStore.ENDPOINTS, List.of());
        String marker = fixture.marker();
        List<String> with = new ArrayList<>(before);
        with.add(marker);
        subscribe(InMemoryResourceStore.ENDPOINTS, with.toArray(String[]::new));
        DiscoveryResponse response = accept();
        assertThat(response.getTypeUrl()).isEqualTo(InMemoryResourceStore.ENDPOINTS.typeUrl());
        assertThat(names(response)).containsExactly(marker);
        assertThat(response.getResourceErrorsList()).isEmpty();
        subscribe(InMemoryResourceStore.ENDPOINTS, before.toArray(String[]::new));
    }

    /** Returns a request that repeats the names, the accepted version and the nonce of a type. */
    DiscoveryRequest.Builder request(ResourceType type) {
        return DiscoveryRequest.newBuilder()
                .setTypeUrl(type.typeUrl())
                .addAllResourceNames(subscribed.getOrDefault(type, List.of()))
                .setVersionInfo(version.getOrDefault(type, ""))
                .setResponseNonce(nonce.getOrDefault(type, ""));
    }

    void send(DiscoveryRequest.Builder request) {
        if (!introduced) {
            request.setNode(node);
            introduced = true;
        }
        send(request.build());
    }

    static List<String> names(DiscoveryResponse response) {
        return response.getResourcesList().stream().map(SotwClient::name).toList();
    }

    static String name(Any resource) {
        try {
            return resource.is(Cluster.class)
                    ? resource.unpack(Cluster.class).getName()
                    : resource.unpack(ClusterLoadAssignment.class).getClusterName();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
