/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.ads.ResourceStore;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.ads.XdsServer;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole application: from a manifest to a client, and to what an operator sees of it. */
class ServedOverXdsTest {

    private static final String MANIFEST = """
            apiVersion: v1
            kind: Service
            metadata: {name: orders, namespace: shop}
            spec:
              ports: [{name: http, port: 8080}]
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: orders-1
              namespace: shop
              labels: {kubernetes.io/service-name: orders}
            addressType: IPv4
            endpoints: [{addresses: [10.0.0.1], conditions: {ready: true}}]
            ports: [{name: http, port: 8081}]
            """;

    @Test
    void serviceInAManifest_reachesAClientAndTheDebugView(@TempDir Path manifests) throws Exception {
        Files.writeString(manifests.resolve("orders.yaml"), MANIFEST);
        try (ConfigurableApplicationContext application = ControlPlaneApplication.builder()
                .run(
                        "--xds-lb.control-plane.manifests.directory=" + manifests,
                        "--xds-lb.control-plane.port=0",
                        "--xds-lb.control-plane.address=127.0.0.1",
                        "--server.port=0")) {
            await().until(application.getBean(ResourceStore.class)::isSynced); // before, streams are refused
            ManagedChannel channel = NettyChannelBuilder.forAddress(
                            "127.0.0.1", application.getBean(XdsServer.class).port())
                    .usePlaintext()
                    .build();
            try {
                LinkedBlockingQueue<DiscoveryResponse> responses = new LinkedBlockingQueue<>();
                StreamObserver<DiscoveryRequest> requests = AggregatedDiscoveryServiceGrpc.newStub(channel)
                        .withWaitForReady()
                        .streamAggregatedResources(into(responses));
                requests.onNext(DiscoveryRequest.newBuilder()
                        .setNode(Node.newBuilder().setId("client-7").setUserAgentName("gRPC Java"))
                        .setTypeUrl(ResourceType.ENDPOINTS.typeUrl())
                        .addResourceNames("orders.shop:8080")
                        .build());
                DiscoveryResponse response = responses.poll(20, TimeUnit.SECONDS);
                assertThat(response).isNotNull();
                ClusterLoadAssignment assignment = response.getResources(0).unpack(ClusterLoadAssignment.class);
                assertThat(assignment
                                .getEndpoints(0)
                                .getLbEndpoints(0)
                                .getEndpoint()
                                .getAddress()
                                .getSocketAddress())
                        .satisfies(address -> assertThat(address.getAddress() + ":" + address.getPortValue())
                                .isEqualTo("10.0.0.1:8081"));

                assertThat(get(application, "/debug/streams?node=client-7"))
                        .contains("\"count\":1", "\"node\":\"client-7\"", "\"protocol\":\"sotw\"")
                        .contains("\"subscribed\":[\"orders.shop:8080\"]", "\"family\":\"GRPC\"")
                        .contains("\"unansweredNonce\":\"" + response.getNonce() + "\"");
                assertThat(get(application, "/debug/streams?node=nobody")).contains("\"count\":0");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static String get(ConfigurableApplicationContext application, String path) throws Exception {
        int port = ((WebServerApplicationContext) application).getWebServer().getPort();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static StreamObserver<DiscoveryResponse> into(LinkedBlockingQueue<DiscoveryResponse> responses) {
        return new StreamObserver<>() {
            @Override
            public void onNext(DiscoveryResponse response) {
                responses.add(response);
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {}
        };
    }
}
