/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.FakeEndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.strategy.RoundRobin;
import dev.xdslb.xds.LogRecorder;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a channel's own service config says is in force beside the balancing. Retries and hedging: {@link GrpcMatrixTest}. */
@Timeout(120)
class ChannelServiceConfigTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final String TARGET = "xdslb:///" + ORDERS;

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final RandomGenerator random = Randoms.seeded();
    private final ClusterRegistry clusters = ClusterRegistry.driven(
            source, resource -> ClusterSettings.of(new RoundRobin()), new FakeNanoClock(), random);
    private final GrpcRegistration registration = XdsLbGrpc.register(clusters, "shop");
    private final List<MatrixServer> servers = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final LogRecorder log = new LogRecorder("dev.xdslb.grpc");

    @AfterEach
    void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        servers.forEach(MatrixServer::close);
        registration.close();
        clusters.close();
        log.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void timeout_isInForce(boolean lookUpDisabled) {
        MatrixServer server = server(new MatrixServer());
        server.does(MatrixServer.Behaviour.HOLD);
        clusters.cluster(ORDERS);
        publish(server);

        ManagedChannel channel = bound(methods(Map.of("timeout", "1s")), lookUpDisabled);

        assertThat(call(channel)).isEqualTo(Code.DEADLINE_EXCEEDED);
        assertThat(log.lines).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void waitForReady_isInForce(boolean lookUpDisabled) {
        clusters.cluster(ORDERS);
        publish();
        ManagedChannel channel = bound(methods(Map.of("waitForReady", true)), lookUpDisabled);

        MatrixCall call = MatrixCall.start(channel, MethodType.UNARY, CallOptions.DEFAULT);
        publish(server(new MatrixServer()));

        assertThat(call.code()).isEqualTo(Code.OK);
    }

    @Test
    void sizeOfMessages_isLimited_andIsNobodysFault() {
        clusters.cluster(ORDERS);
        publish(server(new MatrixServer()));
        ManagedChannel channel = bound(methods(Map.of("maxResponseMessageBytes", 2.0)), false);

        for (int i = 0; i < 10; i++) {
            assertThat(call(channel)).isEqualTo(Code.RESOURCE_EXHAUSTED);
        }

        assertThat(clusters.cluster(ORDERS).picker().plan().ejected()).isZero();
        await().until(() -> clusters.cluster(ORDERS)
                        .picker()
                        .plan()
                        .groups()
                        .get(0)
                        .get(0)
                        .endpointLoad()
                        .inFlight()
                == 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void healthService_decidesWhoIsCalled(boolean lookUpDisabled) {
        HealthStatusManager health = new HealthStatusManager();
        health.setStatus("orders", ServingStatus.NOT_SERVING);
        MatrixServer sick = server(new MatrixServer(builder -> builder.addService(health.getHealthService())));
        MatrixServer without = server(new MatrixServer()); // a server without health service counts as healthy
        clusters.cluster(ORDERS);
        publish(sick, without);

        ManagedChannel channel = bound(Map.of("healthCheckConfig", Map.of("serviceName", "orders")), lookUpDisabled);
        for (int i = 0; i < 20; i++) {
            assertThat(call(channel)).isEqualTo(Code.OK);
        }
        assertThat(sick.calls()).isZero();

        health.setStatus("orders", ServingStatus.SERVING);
        await().until(() -> {
            assertThat(call(channel)).isEqualTo(Code.OK);
            return sick.calls() > 0;
        });
    }

    @Test
    void channelThatIsNotTied_isSaidOnce_toHaveNoServiceConfigOfItsOwn() {
        clusters.cluster(ORDERS);
        publish(server(new MatrixServer()));
        for (int i = 0; i < 3; i++) {
            ManagedChannel channel =
                    ManagedChannelBuilder.forTarget(TARGET).usePlaintext().build();
            channels.add(channel);
            assertThat(call(channel)).isEqualTo(Code.OK);
        }

        assertThat(log.lines)
                .singleElement()
                .asString()
                .contains("the channel to xdslb:///orders.shop:8080 is not tied to xds-lb", "bind(builder, target)");
    }

    private ManagedChannel bound(Map<String, ?> serviceConfig, boolean lookUpDisabled) {
        ManagedChannelBuilder<?> builder =
                ManagedChannelBuilder.forTarget(TARGET).usePlaintext().defaultServiceConfig(serviceConfig);
        registration.bind(builder, TARGET);
        if (lookUpDisabled) {
            builder.disableServiceConfigLookUp();
        }
        ManagedChannel channel = builder.build();
        channels.add(channel);
        return channel;
    }

    private static Code call(ManagedChannel channel) {
        return MatrixCall.start(channel, MethodType.UNARY, CallOptions.DEFAULT).code();
    }

    private static Map<String, ?> methods(Map<String, ?> setting) {
        Map<String, Object> config = new HashMap<>(setting);
        config.put("name", List.of(Map.of()));
        return Map.of("methodConfig", List.of(config));
    }

    private MatrixServer server(MatrixServer made) {
        servers.add(made);
        return made;
    }

    private void publish(MatrixServer... now) {
        source.publish(ORDERS, Arrays.stream(now).map(MatrixServer::endpoint).toArray(Endpoint[]::new));
    }
}
