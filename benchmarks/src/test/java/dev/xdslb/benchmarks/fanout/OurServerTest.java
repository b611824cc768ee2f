/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OurServerTest {
    private static final Changes CHANGES = new Changes(5, 2);
    private static final SyntheticData DATA = new SyntheticData(7);

    /** Else the peers would serve something else than ours. */
    @Test
    void objectsOfKubernetes_areServedAsTheResourcesOfThePeers() throws Exception {
        OurServer server = new OurServer(List.of());
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", server.start(CHANGES, 1, DATA, Map.of(), 0))
                .usePlaintext()
                .build();
        try {
            BlockingQueue<DiscoveryResponse> responses = new LinkedBlockingQueue<>();
            StreamObserver<DiscoveryRequest> requests =
                    AggregatedDiscoveryServiceGrpc.newStub(channel).streamAggregatedResources(into(responses));
            requests.onNext(DiscoveryRequest.parseFrom(new LeanRequests(CHANGES, false).first(0, new String[2])));
            DiscoveryResponse first = responses.poll(20, TimeUnit.SECONDS);

            ClusterLoadAssignment before = DATA.assignment(1, 1);
            assertThat(assignments(first)).containsExactlyInAnyOrder(sorted(DATA.assignment(0, 0)), sorted(before));

            int change = CHANGES.firstDrawn();
            while (CHANGES.serviceOf(change) != 1) {
                change++;
            }
            requests.onNext(DiscoveryRequest.parseFrom(
                    new LeanRequests(CHANGES, false).ack(0, first.getVersionInfo(), first.getNonce())));
            server.apply(change);

            assertThat(assignments(responses.poll(20, TimeUnit.SECONDS)))
                    .containsExactly(sorted(DATA.changed(before, 1, change)))
                    .containsExactly(sorted(DATA.assignment(1, change)));
        } finally {
            channel.shutdownNow();
            server.close();
        }
    }

    private static List<ClusterLoadAssignment> assignments(DiscoveryResponse response) throws Exception {
        List<ClusterLoadAssignment> assignments = new ArrayList<>();
        for (var resource : response.getResourcesList()) {
            assignments.add(sorted(resource.unpack(ClusterLoadAssignment.class)));
        }
        return assignments;
    }

    /** Ours has the endpoints of a locality in an order of its own. */
    private static ClusterLoadAssignment sorted(ClusterLoadAssignment assignment) {
        ClusterLoadAssignment.Builder sorted = assignment.toBuilder();
        for (var locality : sorted.getEndpointsBuilderList()) {
            List<LbEndpoint> endpoints = new ArrayList<>(locality.getLbEndpointsList());
            endpoints.sort(Comparator.comparing(endpoint ->
                    endpoint.getEndpoint().getAddress().getSocketAddress().getAddress()));
            locality.clearLbEndpoints().addAllLbEndpoints(endpoints);
        }
        return sorted.build();
    }

    private static StreamObserver<DiscoveryResponse> into(BlockingQueue<DiscoveryResponse> responses) {
        return new StreamObserver<>() {
            @Override
            public void onNext(DiscoveryResponse response) {
                responses.add(response);
            }

            @Override
            public void onError(Throwable thrown) {}

            @Override
            public void onCompleted() {}
        };
    }
}
