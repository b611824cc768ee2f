/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.FakeEndpointSource;
import dev.xdslb.policy.LimitSettings;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.strategy.P2cLeastRequest;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A call beyond the maximum in flight fails at once, over real connections. */
class GrpcLimitsTest {
    private static final String ORDERS = "orders.shop:8080";

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final RandomGenerator random = Randoms.seeded();

    @ParameterizedTest
    @CsvSource({"1, 0, each of the 1 endpoints", "0, 1, 1 are in flight"})
    void callBeyondTheLimit_isUnavailable_evenWhereItWouldWaitForAConnection(
            int perEndpoint, int perCluster, String message) throws Exception {
        ClusterSettings settings = ClusterSettings.of(new P2cLeastRequest(random))
                .withPolicy(PolicySettings.DEFAULT.withLimits(new LimitSettings(perEndpoint, perCluster)));
        try (EchoServer server = new EchoServer();
                ClusterRegistry clusters =
                        ClusterRegistry.driven(source, resource -> settings, new FakeNanoClock(), random);
                GrpcRegistration registration = XdsLbGrpc.register(clusters, "shop")) {
            ManagedChannelBuilder<?> builder =
                    ManagedChannelBuilder.forTarget("xdslb:///" + ORDERS).usePlaintext();
            registration.bind(builder);
            ManagedChannel channel = builder.build();
            try {
                clusters.cluster(ORDERS);
                source.publish(ORDERS, server.endpoint());
                EchoServer.say(channel);
                server.hold();
                CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
                Future<String> first = ClientCalls.futureUnaryCall(channel.newCall(EchoServer.SAY, options), "hello");
                await().atMost(Duration.ofSeconds(10)).until(() -> server.held() == 1);

                for (CallOptions each : new CallOptions[] {options, options.withWaitForReady()}) {
                    assertThatThrownBy(() -> EchoServer.say(channel, each))
                            .isInstanceOfSatisfying(
                                    StatusRuntimeException.class,
                                    e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE))
                            .hasMessageContaining("too many requests to " + ORDERS + ": " + message);
                }

                server.release();
                assertThat(first).succeedsWithin(Duration.ofSeconds(10));
                await().atMost(Duration.ofSeconds(10))
                        .untilAsserted(() -> assertThat(EchoServer.say(channel)).isNotEmpty());
            } finally {
                channel.shutdownNow();
            }
        }
    }
}
