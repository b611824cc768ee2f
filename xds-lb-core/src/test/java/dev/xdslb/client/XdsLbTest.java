/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.grpc.EchoServer;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.xds.ScriptedControlPlane;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class XdsLbTest {
    @Test
    void grpcChannel_callsWhatTheControlPlaneNames() throws Exception {
        try (ScriptedControlPlane controlPlane = ScriptedControlPlane.start();
                EchoServer first = new EchoServer();
                EchoServer second = new EchoServer();
                XdsLb xdsLb = XdsLb.builder()
                        .controlPlane(controlPlane.address())
                        .application("checkout")
                        .namespace("shop")
                        .build()) {
            ManagedChannel orders = Grpc.newChannelBuilder("xdslb:///orders:8080", InsecureChannelCredentials.create())
                    .build();
            try {
                xdsLb.cluster("orders:8080");
                await().until(() -> controlPlane.asked().contains("orders.shop:8080"));
                controlPlane.answer("orders.shop:8080", "1", first.endpoint().address());
                assertThat(EchoServer.say(orders)).isEqualTo(Integer.toString(first.port()));

                controlPlane.answer("orders.shop:8080", "2", second.endpoint().address());
                await().untilAsserted(
                                () -> assertThat(EchoServer.say(orders)).isEqualTo(Integer.toString(second.port())));
            } finally {
                orders.shutdownNow();
            }
            assertThat(controlPlane.clientNamespace()).isEqualTo("shop");
            assertThat(xdsLb.status().connected()).isTrue();
        }
    }

    @Test
    void anyOtherClient_picksAndLeases() throws Exception {
        try (ScriptedControlPlane controlPlane = ScriptedControlPlane.start();
                XdsLb xdsLb = XdsLb.builder()
                        .controlPlane(controlPlane.address())
                        .namespace("shop")
                        .build()) {
            Cluster orders = xdsLb.cluster("orders");
            assertThat(orders.settings().strategy().name()).isEqualTo("p2c-ewma");
            await().until(() -> controlPlane.asked().contains("orders.shop"));
            controlPlane.answer("orders.shop", "1", "10.0.0.1:8080");
            orders.settled().toCompletableFuture().get(10, TimeUnit.SECONDS);

            Candidate candidate = orders.picker().pick(RequestAttributes.NONE);
            Lease lease = orders.lease(candidate);
            try {
                assertThat(candidate.endpoint().address()).isEqualTo("10.0.0.1:8080"); // here the request would be sent
            } finally {
                lease.end(Outcome.SUCCESS);
            }

            assertThat(candidate.endpointLoad().inFlight()).isZero();
        }
    }

    @Test
    void close_endsTheStreamAndTakesTheTargetsBack() throws Exception {
        try (ScriptedControlPlane controlPlane = ScriptedControlPlane.start()) {
            XdsLb xdsLb = XdsLb.builder().controlPlane(controlPlane.address()).build();
            xdsLb.cluster("orders.shop:8080");
            await().until(() -> controlPlane.asked().contains("orders.shop:8080"));

            xdsLb.close();

            await().until(controlPlane::streamEnded);
            assertThatThrownBy(() -> Grpc.newChannelBuilder(
                                    "xdslb:///orders.shop:8080", InsecureChannelCredentials.create())
                            .build())
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void podThatIsNamed_isAskedForAndSoIsItsService() throws Exception {
        try (ScriptedControlPlane controlPlane = ScriptedControlPlane.start();
                XdsLb xdsLb = XdsLb.builder()
                        .controlPlane(controlPlane.address())
                        .namespace("shop")
                        .pod("web-1")
                        .build()) {
            await().until(() -> controlPlane.asked().contains("pod/shop/web-1"));
            assertThat(xdsLb.clusters().place().zone()).isEmpty();

            controlPlane.answerPlace("pod/shop/web-1", "west-1", "web.shop:8080");

            await().until(() -> xdsLb.clusters().place().zone().equals("west-1"));
            await().until(() -> controlPlane.asked().contains("web.shop:8080"));
            assertThat(xdsLb.clusters().clusters())
                    .as("nobody balances over it")
                    .isEmpty();
        }
    }

    @Test
    void zoneAndOwnServiceThatAreSaid_areNotAskedFor() throws Exception {
        try (ScriptedControlPlane controlPlane = ScriptedControlPlane.start();
                XdsLb xdsLb = XdsLb.builder()
                        .controlPlane(controlPlane.address())
                        .namespace("shop")
                        .pod("web-1")
                        .zone("west-1")
                        .ownService("web")
                        .build()) {
            await().until(() -> controlPlane.asked().contains("web.shop"));

            assertThat(xdsLb.clusters().place().zone()).isEqualTo("west-1");
            assertThat(controlPlane.asked()).containsExactly("web.shop");
        }
    }

    @Test
    void ownServiceThatIsNoName_isRefused() {
        assertThatThrownBy(() -> XdsLb.builder().ownService("http://web").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"http://web\"");
    }

    @Test
    void addressThatIsNone_isRefusedByName() {
        assertThatThrownBy(
                        () -> XdsLb.builder().controlPlane("eds-control-plane").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("address: \"eds-control-plane\"");
    }
}
