/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.FakeEndpointSource;
import dev.xdslb.cluster.RetryBudgetSettings;
import dev.xdslb.strategy.RoundRobin;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A channel's own retries are as many as the service's budget allows. */
@Timeout(120)
class RetryBudgetCallsTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final String TARGET = "xdslb:///" + ORDERS;
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final RetryBudgetSettings NO_RETRY = new RetryBudgetSettings(true, 0, 0, WINDOW);

    private static final Map<String, ?> RETRIES = Map.of(
            "maxAttempts",
            3.0,
            "initialBackoff",
            "0.001s",
            "maxBackoff",
            "0.001s",
            "backoffMultiplier",
            1.0,
            "retryableStatusCodes",
            List.of("UNAVAILABLE", "ABORTED"));

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final RandomGenerator random = Randoms.seeded();
    private RetryBudgetSettings settings = RetryBudgetSettings.DEFAULT;
    private final ClusterRegistry clusters = ClusterRegistry.driven(
            source,
            resource -> ClusterSettings.of(new RoundRobin()).withRetryBudget(settings),
            new FakeNanoClock(),
            random);
    private final GrpcRegistration registration = XdsLbGrpc.register(clusters, "shop");
    private final MatrixServer server = new MatrixServer();
    private @Nullable ManagedChannel channel; // null before connect()

    @BeforeEach
    void start() {
        clusters.cluster(ORDERS);
        source.publish(ORDERS, server.endpoint());
    }

    @AfterEach
    void close() {
        channel().shutdownNow();
        server.close();
        registration.close();
        clusters.close();
    }

    @Test
    void retries_areSent_asLongAsThereIsRoom() {
        connect(Map.of("retryPolicy", RETRIES), Map.of());
        server.failsWith(Status.UNAVAILABLE);

        for (int i = 0; i < 300; i++) {
            assertThat(call().getCode()).isEqualTo(Code.UNAVAILABLE);
        }

        // r <= 0.2 * 300 + 100: 160 of the 600 that the channel would have sent
        assertThat(server.calls()).isEqualTo(300 + 160);
        assertThat(cluster().retryBudget().retries()).isEqualTo(160);
        assertThat(cluster().retryBudget().refused()).isPositive();
    }

    @Test
    void switchedOff_everyRetryIsSentAndCounted() {
        settings = RetryBudgetSettings.UNLIMITED;
        connect(Map.of("retryPolicy", RETRIES), Map.of());
        server.failsWith(Status.UNAVAILABLE);

        for (int i = 0; i < 100; i++) {
            call();
        }

        assertThat(server.calls()).isEqualTo(300);
        assertThat(cluster().retryBudget().retries()).isEqualTo(200);
    }

    @Test
    void callThatIsNotTriedAgain_endsAsItsAttemptDid_andSaysWhy() {
        settings = NO_RETRY;
        connect(Map.of("retryPolicy", RETRIES), Map.of());
        server.failsWith(Status.UNAVAILABLE.withDescription("the database is gone"));

        assertThat(call().getDescription())
                .startsWith("the database is gone")
                .contains("not tried again: the retry budget of orders.shop:8080 is used up");
        assertThat(server.calls()).isEqualTo(1);

        server.failsWith(Status.ABORTED.withDescription("somebody was first")); // a code that no picker may give
        assertThat(call().toString()).contains("somebody was first", "not tried again");
        assertThat(server.calls()).isEqualTo(2);
    }

    /** To refuse one would end the call. */
    @Test
    void hedges_areCounted_andNotRefused() {
        settings = NO_RETRY;
        connect(Map.of("hedgingPolicy", Map.of("maxAttempts", 3.0, "hedgingDelay", "0.02s")), Map.of());
        server.does(MatrixServer.Behaviour.HOLD);
        MatrixCall call = MatrixCall.start(channel(), MethodType.UNARY, CallOptions.DEFAULT);
        await().until(() -> server.held() == 3);

        server.release();

        assertThat(call.code()).isEqualTo(Code.OK);
        assertThat(cluster().retryBudget().retries()).isEqualTo(2);
        assertThat(cluster().retryBudget().refused()).isZero();
    }

    @Test
    void headerThatAProxyHasPassedOn_isNoRetryOfOurs() {
        settings = NO_RETRY;
        connect(Map.of("retryPolicy", RETRIES), Map.of());
        Metadata passedOn = new Metadata();
        passedOn.put(Metadata.Key.of("grpc-previous-rpc-attempts", Metadata.ASCII_STRING_MARSHALLER), "1");

        MatrixCall call = MatrixCall.start(
                ClientInterceptors.intercept(channel(), MetadataUtils.newAttachHeadersInterceptor(passedOn)),
                MethodType.UNARY,
                CallOptions.DEFAULT);

        assertThat(call.code()).isEqualTo(Code.OK);
        assertThat(cluster().retryBudget().retries()).isZero();
    }

    /** That of grpc-java is for one channel, ours for the process: the one that is used up first holds. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void throttlingOfTheChannelsOwn_isInForceBesideOurs(boolean lookUpDisabled) {
        settings = RetryBudgetSettings.UNLIMITED;
        Map<String, ?> throttling = Map.of("retryThrottling", Map.of("maxTokens", 4.0, "tokenRatio", 0.1));
        connect(Map.of("retryPolicy", RETRIES), throttling, lookUpDisabled);
        server.failsWith(Status.UNAVAILABLE);

        for (int i = 0; i < 100; i++) {
            call();
        }

        assertThat(server.calls()).isBetween(101, 104); // a retry now and then until half of the tokens are gone
    }

    private void connect(Map<String, ?> method, Map<String, ?> config) {
        connect(method, config, false);
    }

    private void connect(Map<String, ?> method, Map<String, ?> config, boolean lookUpDisabled) {
        Map<String, Object> methods = new HashMap<>(method);
        methods.put("name", List.of(Map.of()));
        Map<String, Object> all = new HashMap<>(config);
        all.put("methodConfig", List.of(methods));
        clusters.settingsChanged();
        ManagedChannelBuilder<?> builder =
                ManagedChannelBuilder.forTarget(TARGET).usePlaintext().defaultServiceConfig(all);
        registration.bind(builder, TARGET);
        if (lookUpDisabled) {
            builder.disableServiceConfigLookUp();
        }
        channel = builder.build();
    }

    private ManagedChannel channel() {
        return requireNonNull(channel, "channel");
    }

    private Status call() {
        return MatrixCall.start(channel(), MethodType.UNARY, CallOptions.DEFAULT)
                .status();
    }

    private Cluster cluster() {
        return clusters.cluster(ORDERS);
    }
}
