/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.FakeEndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.strategy.P2cLeastRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The channel's own retry policy, over real connections: it is obeyed, and each attempt goes to another endpoint. */
class GrpcRetriesTest {
    private static final String TARGET = "xdslb:///orders.shop:8080";
    private static final String ORDERS = "orders.shop:8080";
    private static final Map<String, ?> THREE_ATTEMPTS = Map.of(
            "methodConfig",
            List.of(Map.of(
                    "name",
                    List.of(Map.of()),
                    "retryPolicy",
                    Map.of(
                            "maxAttempts",
                            3.0,
                            "initialBackoff",
                            "0.001s",
                            "maxBackoff",
                            "0.001s",
                            "backoffMultiplier",
                            1.0,
                            "retryableStatusCodes",
                            List.of("UNAVAILABLE")))));

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final RandomGenerator random = Randoms.seeded();
    private final ClusterRegistry clusters = ClusterRegistry.driven(
            source, resource -> ClusterSettings.of(new P2cLeastRequest(random)), new FakeNanoClock(), random);
    private final GrpcRegistration registration = XdsLbGrpc.register(clusters, "shop");
    private final List<EchoServer> servers =
            Stream.generate(EchoServer::new).limit(3).toList();

    @BeforeEach
    void publish() {
        clusters.cluster(ORDERS);
        source.publish(ORDERS, servers.stream().map(EchoServer::endpoint).toArray(Endpoint[]::new));
    }

    @AfterEach
    void close() {
        registration.close();
        clusters.close();
        servers.forEach(EchoServer::close);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void retryPolicyOfTheDefaultServiceConfig_findsTheOneGoodEndpointOfThree(boolean lookUpDisabled) {
        assertNoCallFails(channel -> {
            registration.bind(channel, TARGET);
            channel.defaultServiceConfig(THREE_ATTEMPTS);
            return lookUpDisabled ? channel.disableServiceConfigLookUp() : channel;
        });
    }

    private void assertNoCallFails(UnaryOperator<ManagedChannelBuilder<?>> settings) {
        ManagedChannel channel = settings.apply(
                        ManagedChannelBuilder.forTarget(TARGET).usePlaintext().enableRetry())
                .build();
        try {
            while (servers.stream().anyMatch(server -> server.calls() == 0)) {
                EchoServer.say(channel); // until all are connected
            }
            servers.get(0).answerWith(Status.UNAVAILABLE);
            servers.get(1).answerWith(Status.UNAVAILABLE);
            String good = Integer.toString(servers.get(2).port());
            for (int i = 0; i < 4; i++) { // few enough for nobody to be ejected
                assertThat(EchoServer.say(channel)).isEqualTo(good);
            }
        } finally {
            channel.shutdownNow();
        }
    }
}
