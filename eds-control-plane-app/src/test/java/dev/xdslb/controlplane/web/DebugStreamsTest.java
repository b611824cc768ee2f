/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.ControlPlaneApplication;
import dev.xdslb.controlplane.ads.XdsServer;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** What an operator sees of the streams, over HTTP. */
class DebugStreamsTest {
    private static ConfigurableApplicationContext application;
    private static ManagedChannel channel;

    @BeforeAll
    static void connectFiveClients(@TempDir Path manifests) throws InterruptedException {
        application = ControlPlaneApplication.builder()
                .run(
                        "--xds-lb.control-plane.manifests.directory=" + manifests,
                        "--xds-lb.control-plane.port=0",
                        "--xds-lb.control-plane.address=127.0.0.1",
                        "--server.port=0");
        Awaitility.await().until(() -> get("/actuator/health/readiness").statusCode() == 200);
        channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", application.getBean(XdsServer.class).port())
                .usePlaintext()
                .build();
        for (int i = 0; i < 5; i++) {
            connect("client-" + i);
        }
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        application.close();
    }

    @Test
    void pages_followOneAnother_andSayHowManyThereAre() throws Exception {
        List<String> nodes = new ArrayList<>();
        String next = "0";
        while (next != null) {
            String page = get("/debug/streams?limit=2&after=" + next).body();
            assertThat(page).contains("\"count\":5");
            nodes.addAll(all("\"node\":\"([^\"]+)\"", page));
            List<String> continued = all("\"next\":(\\d+)", page);
            next = continued.isEmpty() ? null : continued.get(0);
        }

        assertThat(nodes).containsExactly("client-0", "client-1", "client-2", "client-3", "client-4");
    }

    @Test
    void oneClient_isAskedForByItsNode() throws Exception {
        assertThat(get("/debug/streams?node=client-3").body())
                .contains("\"count\":1", "\"next\":null", "\"node\":\"client-3\"", "\"names\":1");
    }

    @Test
    void limitThatIsNone_isABadRequest_andWhatIsExpectedIsSaid() throws Exception {
        for (String limit : List.of("0", "1001")) {
            HttpResponse<String> response = get("/debug/streams?limit=" + limit);
            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(response.body()).contains("limit: " + limit + " (expected: 1 to 1000)");
        }
    }

    @Test
    void moreQuestionsThanAreAnsweredAtOnce_areAskedToComeAgain_andThenAnswered() throws Exception {
        Semaphore places = application.getBean(DebugRequests.class).places();
        places.acquire(DebugRequests.AT_ONCE);
        try {
            for (String path : List.of("/debug/streams", "/debug/endpoints")) {
                HttpResponse<String> response = get(path);
                assertThat(response.statusCode()).isEqualTo(429);
                assertThat(response.headers().firstValue("Retry-After")).hasValue("1");
                assertThat(response.body()).contains("try again");
            }
            assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(200);
        } finally {
            places.release(DebugRequests.AT_ONCE);
        }
        for (int i = 0; i < 2 * DebugRequests.AT_ONCE; i++) {
            assertThat(get("/debug/streams").statusCode()).isEqualTo(200);
            assertThat(get("/debug/streams?limit=0").statusCode()).isEqualTo(400);
        }
    }

    private static void connect(String node) throws InterruptedException {
        CountDownLatch answered = new CountDownLatch(1);
        StreamObserver<DeltaDiscoveryRequest> requests = AggregatedDiscoveryServiceGrpc.newStub(channel)
                .deltaAggregatedResources(new StreamObserver<DeltaDiscoveryResponse>() {
                    @Override
                    public void onNext(DeltaDiscoveryResponse response) {
                        answered.countDown();
                    }

                    @Override
                    public void onError(Throwable thrown) {}

                    @Override
                    public void onCompleted() {}
                });
        requests.onNext(DeltaDiscoveryRequest.newBuilder()
                .setNode(Node.newBuilder().setId(node))
                .setTypeUrl("type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment")
                .addResourceNamesSubscribe("orders.shop:8080")
                .build());
        assertThat(answered.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private static List<String> all(String pattern, String text) {
        List<String> found = new ArrayList<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private static HttpResponse<String> get(String path) throws Exception {
        int port = ((WebServerApplicationContext) application).getWebServer().getPort();
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
