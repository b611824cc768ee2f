/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.xdslb.controlplane.ads.ResourceStore;
import dev.xdslb.controlplane.ads.XdsServer;
import dev.xdslb.controlplane.resource.TopologyResourceStore;
import dev.xdslb.controlplane.resource.proto.ClientPlace;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationListener;
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
        try (ConfigurableApplicationContext application = start(manifests)) {
            ManagedChannel channel = channel(application);
            try {
                LinkedBlockingQueue<DiscoveryResponse> responses = new LinkedBlockingQueue<>();
                StreamObserver<DiscoveryRequest> requests = AggregatedDiscoveryServiceGrpc.newStub(channel)
                        .withWaitForReady()
                        .streamAggregatedResources(into(responses::add));
                requests.onNext(DiscoveryRequest.newBuilder()
                        .setNode(Node.newBuilder().setId("client-7").setUserAgentName("gRPC Java"))
                        .setTypeUrl(TopologyResourceStore.ENDPOINTS.typeUrl())
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

    /** Whoever connects while streams are ended is not to be sent here again. */
    @Test
    void shutdown_beginsWithReadiness_andStreamsAreEndedAfterwards(@TempDir Path manifests) throws Exception {
        Files.writeString(manifests.resolve("orders.yaml"), MANIFEST);
        List<String> happened = new CopyOnWriteArrayList<>();
        try (ConfigurableApplicationContext application = start(manifests)) {
            XdsServer server = application.getBean(XdsServer.class);
            application.addApplicationListener((ApplicationListener<AvailabilityChangeEvent<?>>)
                    event -> happened.add(event.getState() + ", serving " + server.isRunning()));
        }

        assertThat(happened).contains("REFUSING_TRAFFIC, serving true");
    }

    private static final String POD = """
            apiVersion: v1
            kind: Node
            metadata: {name: n1, labels: {topology.kubernetes.io/zone: west-1}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: orders-1, namespace: shop}
            spec: {nodeName: n1}
            """;

    @ParameterizedTest
    @ValueSource(strings = {"delta", "sotw"})
    void clientsPlace_isToldAsSoonAsThePodAppears(String protocol, @TempDir Path manifests) throws Exception {
        Files.writeString(manifests.resolve("orders.yaml"), MANIFEST);
        try (ConfigurableApplicationContext application = start(manifests)) {
            ManagedChannel channel = channel(application);
            try {
                PlaceClient client = new PlaceClient(channel, protocol, "pod/shop/orders-1");
                assertThat(client.next()).isEqualTo("no Pod \"orders-1\" in namespace \"shop\"");

                Files.writeString(manifests.resolve("pod.yaml"), POD);

                assertThat(client.next()).isEqualTo("pod/shop/orders-1 in west-1");
                Files.writeString(manifests.resolve("pod.yaml"), POD.replace("west-1", "west-2"));
                assertThat(client.next()).isEqualTo("pod/shop/orders-1 in west-2");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    /** Asks for one place and acknowledges every answer. */
    private static final class PlaceClient {
        private final LinkedBlockingQueue<String> news = new LinkedBlockingQueue<>();

        PlaceClient(ManagedChannel channel, String protocol, String name) {
            AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceStub stub =
                    AggregatedDiscoveryServiceGrpc.newStub(channel).withWaitForReady();
            Node node = Node.newBuilder()
                    .setId("client-7")
                    .setUserAgentName("xds-lb")
                    .build();
            if (protocol.equals("delta")) {
                AtomicReference<StreamObserver<DeltaDiscoveryRequest>> requests = new AtomicReference<>();
                requests.set(stub.deltaAggregatedResources(into(response -> {
                    response.getResourcesList().forEach(resource -> news.add(describe(resource.getResource())));
                    response.getResourceErrorsList()
                            .forEach(error -> news.add(error.getErrorDetail().getMessage()));
                    requests.get()
                            .onNext(DeltaDiscoveryRequest.newBuilder()
                                    .setTypeUrl(response.getTypeUrl())
                                    .setResponseNonce(response.getNonce())
                                    .build());
                })));
                requests.get()
                        .onNext(DeltaDiscoveryRequest.newBuilder()
                                .setNode(node)
                                .setTypeUrl(TopologyResourceStore.PLACE.typeUrl())
                                .addResourceNamesSubscribe(name)
                                .build());
            } else {
                AtomicReference<StreamObserver<DiscoveryRequest>> requests = new AtomicReference<>();
                DiscoveryRequest request = DiscoveryRequest.newBuilder()
                        .setNode(node)
                        .setTypeUrl(TopologyResourceStore.PLACE.typeUrl())
                        .addResourceNames(name)
                        .build();
                requests.set(stub.streamAggregatedResources(into(response -> {
                    response.getResourcesList().forEach(resource -> news.add(describe(resource)));
                    response.getResourceErrorsList()
                            .forEach(error -> news.add(error.getErrorDetail().getMessage()));
                    requests.get()
                            .onNext(request.toBuilder()
                                    .setVersionInfo(response.getVersionInfo())
                                    .setResponseNonce(response.getNonce())
                                    .build());
                })));
                requests.get().onNext(request);
            }
        }

        String next() throws InterruptedException {
            return String.valueOf(news.poll(20, TimeUnit.SECONDS));
        }

        private static String describe(Any resource) {
            try {
                ClientPlace place = resource.unpack(ClientPlace.class);
                return place.getName() + " in " + place.getZone();
            } catch (InvalidProtocolBufferException e) {
                return e.toString();
            }
        }
    }

    private static ConfigurableApplicationContext start(Path manifests) {
        ConfigurableApplicationContext application = ControlPlaneApplication.builder()
                .run(
                        "--xds-lb.control-plane.manifests.directory=" + manifests,
                        "--xds-lb.control-plane.port=0",
                        "--xds-lb.control-plane.address=127.0.0.1",
                        "--server.port=0");
        await().until(application.getBean(ResourceStore.class)::isSynced); // before, streams are refused
        return application;
    }

    private static ManagedChannel channel(ConfigurableApplicationContext application) {
        return NettyChannelBuilder.forAddress(
                        "127.0.0.1", application.getBean(XdsServer.class).port())
                .usePlaintext()
                .build();
    }

    private static String get(ConfigurableApplicationContext application, String path) throws Exception {
        int port = ((WebServerApplicationContext) application).getWebServer().getPort();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static <A> StreamObserver<A> into(Consumer<A> responses) {
        return new StreamObserver<>() {
            @Override
            public void onNext(A response) {
                responses.accept(response);
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {}
        };
    }
}
