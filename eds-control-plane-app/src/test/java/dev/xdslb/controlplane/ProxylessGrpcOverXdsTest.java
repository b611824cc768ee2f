/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static dev.xdslb.controlplane.resource.TopologyResourceStore.CLUSTER;
import static dev.xdslb.controlplane.resource.TopologyResourceStore.ENDPOINTS;
import static dev.xdslb.controlplane.resource.TopologyResourceStore.LISTENER;
import static dev.xdslb.controlplane.resource.TopologyResourceStore.ROUTE;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ResourceStore;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.ads.StreamView;
import dev.xdslb.controlplane.ads.XdsServer;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.listener.v3.ListenerDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.route.v3.RouteDiscoveryServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** What goes over the wire to a gRPC client that resolves a name, and to an Envoy beside it. */
class ProxylessGrpcOverXdsTest {

    private static final String TARGET = "orders.shop:8080";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path manifests;

    private @Nullable ConfigurableApplicationContext application;
    private @Nullable ManagedChannel channel;

    @BeforeEach
    void start() {
        application = ControlPlaneApplication.builder()
                .run(
                        "--xds-lb.control-plane.manifests.directory=" + manifests,
                        "--xds-lb.control-plane.port=0",
                        "--xds-lb.control-plane.address=127.0.0.1",
                        "--server.port=0");
        await().until(application.getBean(ResourceStore.class)::isSynced);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server().port())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() {
        requireNonNull(channel).shutdownNow();
        requireNonNull(application).close();
    }

    @Test
    void targetThatAppears_isToldFromTheClusterToTheRoute_andItsErrorBefore() throws Exception {
        GrpcClient client = new GrpcClient();
        List<ResourceType> chain = List.of(CLUSTER, ENDPOINTS, LISTENER, ROUTE);
        for (ResourceType type : chain) {
            client.ask(type, List.of(TARGET));
            DiscoveryResponse missing = client.next();
            assertThat(missing.getResourcesCount()).isZero();
            assertThat(missing.getResourceErrors(0).getErrorDetail().getCode()).isEqualTo(Code.NOT_FOUND_VALUE);
            client.acknowledge(missing, List.of(TARGET));
        }

        serve("10.0.0.1");

        List<String> told = new ArrayList<>();
        for (ResourceType type : chain) {
            DiscoveryResponse response = client.next();
            assertThat(response.getResourcesCount()).as("%s", type).isEqualTo(1);
            told.add(response.getTypeUrl());
            client.acknowledge(response, List.of(TARGET));
        }
        assertThat(told).isEqualTo(chain.stream().map(ResourceType::typeUrl).toList());
    }

    @Test
    void grpcClientThatNamesNoListenerAnyMore_isUnsubscribed_andHearsOfNone() throws Exception {
        serve("10.0.0.1");
        GrpcClient client = new GrpcClient();
        client.askWhenServed(LISTENER);
        DiscoveryResponse listener = client.next();
        client.acknowledge(listener, List.of());
        await().until(() -> subscribedTo(LISTENER).isEmpty());

        Files.delete(manifests.resolve("orders.yaml"));
        serve("10.0.0.1");
        client.ask(ENDPOINTS, List.of(TARGET));

        assertThat(client.next().getTypeUrl()).isEqualTo(ENDPOINTS.typeUrl());
        assertThat(wildcardOf(LISTENER)).isFalse();
    }

    @Test
    void listenerThatIsRefused_isNotSentAgain_andKeepsNothingElseBack() throws Exception {
        serve("10.0.0.1");
        GrpcClient client = new GrpcClient();
        client.askWhenServed(LISTENER);
        DiscoveryResponse listener = client.next();
        client.refuse(listener);
        client.ask(ENDPOINTS, List.of(TARGET));
        client.acknowledge(client.next(), List.of(TARGET));

        serve("10.0.0.2");

        assertThat(client.next().getTypeUrl()).isEqualTo(ENDPOINTS.typeUrl());
        assertThat(client.responses).isEmpty();
    }

    @Test
    void envoyThatWantsAllListeners_isAnsweredAtOnce_withNone_inBothProtocols() throws Exception {
        serve("10.0.0.1");
        Node envoy =
                Node.newBuilder().setId("envoy-1").setUserAgentName("envoy").build();
        LinkedBlockingQueue<DiscoveryResponse> sotw = new LinkedBlockingQueue<>();
        AggregatedDiscoveryServiceGrpc.newStub(channel)
                .streamAggregatedResources(into(sotw))
                .onNext(DiscoveryRequest.newBuilder()
                        .setNode(envoy)
                        .setTypeUrl(LISTENER.typeUrl())
                        .build());
        LinkedBlockingQueue<DeltaDiscoveryResponse> delta = new LinkedBlockingQueue<>();
        AggregatedDiscoveryServiceGrpc.newStub(channel)
                .deltaAggregatedResources(into(delta))
                .onNext(DeltaDiscoveryRequest.newBuilder()
                        .setNode(envoy)
                        .setTypeUrl(LISTENER.typeUrl())
                        .addResourceNamesSubscribe("*")
                        .build());

        assertThat(sotw.poll(20, TimeUnit.SECONDS))
                .isNotNull()
                .satisfies(response -> assertThat(response.getResourcesList()).isEmpty());
        assertThat(delta.poll(20, TimeUnit.SECONDS))
                .isNotNull()
                .satisfies(response -> assertThat(response.getResourcesList()).isEmpty());
    }

    @Test
    void servicesOfTheirOwn_tellOfListenersAndRoutes_inBothProtocols() throws Exception {
        serve("10.0.0.1");
        awaitServed();
        DiscoveryRequest sotw = DiscoveryRequest.newBuilder()
                .setNode(Node.newBuilder().setId("client-8").setUserAgentName("gRPC Go"))
                .addResourceNames(TARGET)
                .build();
        LinkedBlockingQueue<DiscoveryResponse> responses = new LinkedBlockingQueue<>();
        ListenerDiscoveryServiceGrpc.newStub(channel)
                .streamListeners(into(responses))
                .onNext(sotw);
        assertThat(responses.poll(20, TimeUnit.SECONDS))
                .isNotNull()
                .satisfies(response ->
                        assertThat(response.getResources(0).getTypeUrl()).isEqualTo(LISTENER.typeUrl()));
        RouteDiscoveryServiceGrpc.newStub(channel).streamRoutes(into(responses)).onNext(sotw);
        assertThat(responses.poll(20, TimeUnit.SECONDS))
                .isNotNull()
                .satisfies(response ->
                        assertThat(response.getResources(0).getTypeUrl()).isEqualTo(ROUTE.typeUrl()));

        DeltaDiscoveryRequest delta = DeltaDiscoveryRequest.newBuilder()
                .setNode(sotw.getNode())
                .addResourceNamesSubscribe(TARGET)
                .build();
        LinkedBlockingQueue<DeltaDiscoveryResponse> changes = new LinkedBlockingQueue<>();
        ListenerDiscoveryServiceGrpc.newStub(channel)
                .deltaListeners(into(changes))
                .onNext(delta);
        assertThat(changes.poll(20, TimeUnit.SECONDS))
                .isNotNull()
                .satisfies(response -> assertThat(response.getTypeUrl()).isEqualTo(LISTENER.typeUrl()));
        RouteDiscoveryServiceGrpc.newStub(channel).deltaRoutes(into(changes)).onNext(delta);
        assertThat(changes.poll(20, TimeUnit.SECONDS))
                .isNotNull()
                .satisfies(response -> assertThat(response.getTypeUrl()).isEqualTo(ROUTE.typeUrl()));
    }

    private void awaitServed() {
        ResourceStore store = requireNonNull(application).getBean(ResourceStore.class);
        await().until(() -> store.wildcardNames(CLUSTER, new ClientVariant(ClientVariant.Family.GRPC, ""))
                .contains(TARGET));
    }

    private void serve(String address) throws IOException {
        Path written = manifests.resolve("orders.tmp");
        Files.writeString(written, """
                apiVersion: v1
                kind: Service
                metadata: {name: orders, namespace: shop}
                spec:
                  ports: [{name: grpc, port: 8080}]
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: orders-1
                  namespace: shop
                  labels: {kubernetes.io/service-name: orders}
                addressType: IPv4
                endpoints: [{addresses: [%s], conditions: {ready: true}}]
                ports: [{name: grpc, port: 8081}]
                """.formatted(address));
        Files.move(written, manifests.resolve("orders.yaml"), StandardCopyOption.REPLACE_EXISTING);
    }

    private XdsServer server() {
        return requireNonNull(application).getBean(XdsServer.class);
    }

    private List<String> subscribedTo(ResourceType type) {
        return view(type).subscribed();
    }

    private boolean wildcardOf(ResourceType type) {
        return view(type).wildcard();
    }

    private StreamView.TypeView view(ResourceType type) {
        return server().streams(null, 0, 1).streams().get(0).types().stream()
                .filter(view -> view.typeUrl().equals(type.typeUrl()))
                .findFirst()
                .orElseThrow();
    }

    private static <A> StreamObserver<A> into(LinkedBlockingQueue<A> responses) {
        return new StreamObserver<>() {
            @Override
            public void onNext(A response) {
                responses.add(response);
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {}
        };
    }

    /** Speaks as gRPC does: state of the world, every name in every request. */
    private final class GrpcClient {
        private final LinkedBlockingQueue<DiscoveryResponse> responses = new LinkedBlockingQueue<>();
        private final StreamObserver<DiscoveryRequest> requests =
                AggregatedDiscoveryServiceGrpc.newStub(channel).streamAggregatedResources(into(responses));

        void ask(ResourceType type, List<String> names) {
            requests.onNext(request(type.typeUrl(), names).build());
        }

        /** Before the manifest is read, an error would come first. */
        void askWhenServed(ResourceType type) {
            awaitServed();
            ask(type, List.of(TARGET));
        }

        void acknowledge(DiscoveryResponse response, List<String> names) {
            requests.onNext(request(response.getTypeUrl(), names)
                    .setVersionInfo(response.getVersionInfo())
                    .setResponseNonce(response.getNonce())
                    .build());
        }

        void refuse(DiscoveryResponse response) {
            requests.onNext(request(response.getTypeUrl(), List.of(TARGET))
                    .setResponseNonce(response.getNonce())
                    .setErrorDetail(Status.newBuilder().setMessage("no such filter"))
                    .build());
        }

        DiscoveryResponse next() throws InterruptedException {
            return requireNonNull(responses.poll(20, TimeUnit.SECONDS), "a response within 20 s");
        }

        private DiscoveryRequest.Builder request(String typeUrl, List<String> names) {
            return DiscoveryRequest.newBuilder()
                    .setNode(Node.newBuilder().setId("client-7").setUserAgentName("gRPC Go"))
                    .setTypeUrl(typeUrl)
                    .addAllResourceNames(names);
        }
    }
}
