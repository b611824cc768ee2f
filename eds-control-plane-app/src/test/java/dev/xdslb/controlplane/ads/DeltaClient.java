/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Channel;
import java.util.List;
import java.util.Map;

/** A raw client of the incremental protocol. Says its node in the first request only. */
final class DeltaClient extends TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {
    private final Node node;
    private final AdsFixture fixture;
    private boolean introduced;

    DeltaClient(Channel channel, Node node, AdsFixture fixture) {
        super(channel, AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(), true);
        this.node = node;
        this.fixture = fixture;
    }

    void subscribe(ResourceType type, String... names) {
        send(request(type).addAllResourceNamesSubscribe(List.of(names)));
    }

    void unsubscribe(ResourceType type, String... names) {
        send(request(type).addAllResourceNamesUnsubscribe(List.of(names)));
    }

    /** Subscribes as a client does that comes back with what it holds. */
    void resume(ResourceType type, Map<String, String> held, String... names) {
        send(request(type).addAllResourceNamesSubscribe(List.of(names)).putAllInitialResourceVersions(held));
    }

    void ack(DeltaDiscoveryResponse response) {
        send(DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(response.getTypeUrl())
                .setResponseNonce(response.getNonce()));
    }

    void nack(DeltaDiscoveryResponse response, String why) {
        send(DeltaDiscoveryRequest.newBuilder()
                .setTypeUrl(response.getTypeUrl())
                .setResponseNonce(response.getNonce())
                .setErrorDetail(Status.newBuilder().setCode(3).setMessage(why)));
    }

    /** Receives and accepts. */
    DeltaDiscoveryResponse accept() {
        DeltaDiscoveryResponse response = next();
        ack(response);
        return response;
    }

    /** Shows that nothing was sent and nothing waits to be: the answer to one more name is that name alone. */
    void expectNothingSent() {
        String marker = fixture.marker();
        subscribe(InMemoryResourceStore.ENDPOINTS, marker);
        DeltaDiscoveryResponse response = accept();
        assertThat(response.getTypeUrl()).isEqualTo(InMemoryResourceStore.ENDPOINTS.typeUrl());
        assertThat(names(response)).containsExactly(marker);
        assertThat(response.getRemovedResourcesList()).isEmpty();
        unsubscribe(InMemoryResourceStore.ENDPOINTS, marker);
    }

    void send(DeltaDiscoveryRequest.Builder request) {
        if (!introduced) {
            request.setNode(node);
            introduced = true;
        }
        send(request.build());
    }

    static DeltaDiscoveryRequest.Builder request(ResourceType type) {
        return DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.typeUrl());
    }

    static List<String> names(DeltaDiscoveryResponse response) {
        return response.getResourcesList().stream().map(Resource::getName).toList();
    }
}
