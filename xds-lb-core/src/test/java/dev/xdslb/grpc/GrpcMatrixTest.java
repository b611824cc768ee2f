/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.FakeEndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RoundRobin;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of call, in every way that it may go, over real servers: when the dust has settled nothing is in flight, and each attempt
 * has ended once, as what it was. The time of the cluster stands still, so nothing counts as late.
 */
@Timeout(120)
class GrpcMatrixTest {
    static final List<MethodType> KINDS = List.of(
            MethodType.UNARY, MethodType.CLIENT_STREAMING, MethodType.SERVER_STREAMING, MethodType.BIDI_STREAMING);

    private static final String ORDERS = "orders.shop:8080";
    private static final String TARGET = "xdslb:///" + ORDERS;

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final ClusterRegistry clusters =
            ClusterRegistry.driven(source, resource -> ClusterSettings.of(new Interrupted()), clock, random);
    private final GrpcRegistration registration = XdsLbGrpc.register(clusters, "shop");
    private final Cluster cluster = clusters.cluster(ORDERS);
    private final List<MatrixServer> servers = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<EndpointLoad> loads = new ArrayList<>(); // of all that were ever published
    private Ends before = Ends.NONE; // what was counted while the channel was made
    private volatile @Nullable Runnable beforePickReturns;

    @AfterEach
    void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        servers.forEach(MatrixServer::close);
        registration.close();
        clusters.close();
    }

    static Stream<Arguments> cells() {
        return Arrays.stream(Way.values())
                .flatMap(way -> KINDS.stream().filter(way::isPossible).map(kind -> Arguments.of(way, kind)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("cells")
    void whenTheDustHasSettled_nothingIsInFlight_andEachAttemptEndedOnceAsWhatItWas(Way way, MethodType kind) {
        Ends expected = way.go(this, kind);

        eventually().untilAsserted(() -> {
            pass();
            assertThat(loads).allSatisfy(load -> assertThat(load.inFlight()).isZero());
            assertThat(ends()).isEqualTo(expected);
        });
        assertThat(clusters.faults()).isEmpty();
    }

    /** The answer comes, and nobody can be told: the call never ends for its caller, and is nobody's failure. */
    @ParameterizedTest
    @MethodSource("kinds")
    void callerWhoseExecutorTakesNothingAnyMore_leaksNothing_andIsNotTheEndpointsFault(MethodType kind) {
        MatrixServer server = server();
        ManagedChannel channel = connected(Map.of(), server);
        AtomicBoolean full = new AtomicBoolean();
        Executor executor = task -> {
            if (full.get()) {
                throw new RejectedExecutionException("full");
            }
            task.run();
        };
        MatrixCall unused = held(channel, kind, server, CallOptions.DEFAULT.withExecutor(executor));
        full.set(true);
        server.release();

        eventually().untilAsserted(() -> {
            pass();
            assertThat(loads).allSatisfy(load -> assertThat(load.inFlight()).isZero());
        });
        assertThat(ends().failed()).isZero();
        assertThat(call(channel, kind).code()).as("the connection still works").isEqualTo(Code.OK);
    }

    /** Takes ten seconds, which is the shortest time between two pings that grpc-java allows. */
    @Test
    void connectionThatSaysNothingAnyMore_isFoundByKeepalive_andItsCallIsAFailureOfIt() throws IOException {
        MatrixServer server = server();
        server.does(MatrixServer.Behaviour.HOLD);
        try (FreezableProxy proxy = new FreezableProxy(server.endpoint().key().port())) {
            publish(proxy.endpoint());
            ManagedChannelBuilder<?> builder = ManagedChannelBuilder.forTarget(TARGET)
                    .usePlaintext()
                    .keepAliveTime(10, TimeUnit.SECONDS)
                    .keepAliveTimeout(1, TimeUnit.SECONDS);
            registration.bind(builder, TARGET);
            ManagedChannel channel = builder.build();
            channels.add(channel);
            MatrixCall call = call(channel, MethodType.UNARY);
            eventually().until(() -> server.held() == 1);

            proxy.freeze();

            assertThat(call.code()).isEqualTo(Code.UNAVAILABLE);
            eventually().untilAsserted(() -> {
                pass();
                assertThat(sum(EndpointLoad::inFlight)).isZero();
                assertThat(ends()).isEqualTo(new Ends(0, 1, 0));
            });
        }
    }

    static List<MethodType> kinds() {
        return KINDS;
    }

    /** A way that a call may go. */
    private enum Way {
        ANSWERED {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                ManagedChannel channel = test.connected(Map.of(), test.server(), test.server());
                for (int i = 0; i < 4; i++) {
                    assertThat(call(channel, kind).code()).isEqualTo(Code.OK);
                }
                return new Ends(4, 0, 0);
            }
        },
        FAILED_BY_THE_SERVER {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                return answeredWith(test, kind, Status.INTERNAL, new Ends(0, 2, 0));
            }
        },
        FAILED_BY_THE_CALLER {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                return answeredWith(test, kind, Status.NOT_FOUND, new Ends(2, 0, 0));
            }
        },
        REFUSED {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                return answeredWith(test, kind, Status.RESOURCE_EXHAUSTED, new Ends(0, 0, 2));
            }
        },
        PAST_ITS_DEADLINE {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer server = test.server();
                ManagedChannel channel = test.connected(Map.of(), server);
                server.does(MatrixServer.Behaviour.HOLD);
                CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(2, TimeUnit.SECONDS);
                assertThat(MatrixCall.start(channel, kind, options).code()).isEqualTo(Code.DEADLINE_EXCEEDED);
                return new Ends(0, 1, 0);
            }
        },
        CANCELLED_BEFORE_AN_ANSWER {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer server = test.server();
                ManagedChannel channel = test.connected(Map.of(), server);
                MatrixCall call = test.held(channel, kind, server);
                call.cancel();
                assertThat(call.code()).isEqualTo(Code.CANCELLED);
                return Ends.NONE;
            }
        },
        CANCELLED_AFTER_HEADERS {
            @Override
            boolean isPossible(MethodType kind) {
                return !kind.serverSendsOneMessage(); // else grpc-java sends the headers with the end
            }

            /** A server may send them before it does anything. */
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer server = test.server();
                ManagedChannel channel = test.connected(Map.of(), server);
                server.does(MatrixServer.Behaviour.HEADERS);
                MatrixCall call = call(channel, kind);
                call.awaitHeaders();
                call.cancel();
                return Ends.NONE;
            }
        },
        CANCELLED_AFTER_A_MESSAGE {
            @Override
            boolean isPossible(MethodType kind) {
                return !kind.serverSendsOneMessage();
            }

            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer server = test.server();
                ManagedChannel channel = test.connected(Map.of(), server);
                server.does(MatrixServer.Behaviour.MESSAGE);
                MatrixCall call = call(channel, kind);
                call.awaitMessage();
                call.cancel();
                return new Ends(1, 0, 0);
            }
        },
        RETRIED_BY_CONFIGURATION {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer failing = test.server();
                ManagedChannel channel = test.connected(RETRIES, failing, test.server());
                failing.failsWith(Status.UNAVAILABLE);
                int before = failing.calls();
                for (int i = 0; i < 4; i++) {
                    assertThat(call(channel, kind).code()).isEqualTo(Code.OK);
                }
                assertThat(failing.calls() - before).isPositive();
                return new Ends(4, failing.calls() - before, 0);
            }
        },
        RETRIED_IN_VAIN {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                ManagedChannel channel = test.connected(RETRIES, test.server(), test.server());
                test.servers.forEach(server -> server.failsWith(Status.UNAVAILABLE));
                assertThat(call(channel, kind).code()).isEqualTo(Code.UNAVAILABLE);
                return new Ends(0, 3, 0);
            }
        },
        HEDGED {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer slow = test.server();
                ManagedChannel channel = test.connected(HEDGES, slow, test.server());
                slow.does(MatrixServer.Behaviour.HOLD);
                for (int i = 0; i < 4; i++) {
                    assertThat(call(channel, kind).code()).isEqualTo(Code.OK);
                }
                assertThat(slow.held()).isPositive();
                return new Ends(4, 0, 0);
            }
        },
        WAITING_UNTIL_THERE_IS_AN_ENDPOINT {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                ManagedChannel channel = test.channel(Map.of());
                test.publish(new Endpoint[0]);
                MatrixCall call = MatrixCall.start(channel, kind, CallOptions.DEFAULT.withWaitForReady());
                test.publish(test.server());
                assertThat(call.code()).isEqualTo(Code.OK);
                return new Ends(1, 0, 0);
            }
        },
        OVER_A_CHANNEL_THAT_WAS_IDLE {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                ManagedChannel channel = test.connected(Map.of(), test.server());
                for (int i = 0; i < 3; i++) {
                    assertThat(call(channel, kind).code()).isEqualTo(Code.OK);
                    channel.enterIdle();
                    eventually().until(() -> channel.getState(false) == ConnectivityState.IDLE);
                }
                return new Ends(3, 0, 0);
            }
        },
        HELD_WHILE_ITS_CHANNEL_BECOMES_IDLE {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer server = test.server();
                ManagedChannel channel = test.connected(Map.of(), server);
                MatrixCall call = test.held(channel, kind, server);
                channel.enterIdle();
                server.release();
                assertThat(call.code()).isEqualTo(Code.OK);
                return new Ends(1, 0, 0);
            }
        },
        UNDER_SERVERS_THAT_END_THEIR_CONNECTIONS_BY_AGE {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                List<MatrixServer> aging = List.of(test.server(AGE), test.server(AGE));
                ManagedChannel channel = test.connected(Map.of(), aging.toArray(MatrixServer[]::new));
                int calls = 0;
                long end = System.nanoTime() + 10 * AGE.toNanos();
                while (System.nanoTime() - end < 0) {
                    List<MatrixCall> together = new ArrayList<>();
                    for (int i = 0; i < 20; i++) {
                        together.add(call(channel, kind));
                    }
                    together.forEach(call -> assertThat(call.code()).isEqualTo(Code.OK));
                    calls += together.size();
                }
                return new Ends(calls, 0, 0);
            }
        },
        TO_AN_ENDPOINT_THAT_IS_TAKEN_AWAY {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer server = test.server();
                ManagedChannel channel = test.connected(Map.of(), server);
                MatrixCall call = test.held(channel, kind, server);
                test.publish(test.server());
                assertThat(call(channel, kind).code()).isEqualTo(Code.OK);
                assertThat(call.isOver()).isFalse();
                server.release();
                assertThat(call.code()).isEqualTo(Code.OK);
                return new Ends(2, 0, 0);
            }
        },
        OVER_SEVERAL_CHANNELS {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer server = test.server();
                ManagedChannel one = test.connected(Map.of(), server);
                ManagedChannel other = test.channel(Map.of());
                MatrixCall first = test.held(one, kind, server);
                MatrixCall second = test.held(other, kind, server);
                assertThat(test.loads)
                        .singleElement()
                        .satisfies(load -> assertThat(load.inFlight()).isEqualTo(2));
                server.release();
                assertThat(List.of(first.code(), second.code())).containsOnly(Code.OK);
                return new Ends(2, 0, 0);
            }
        },
        OVER_A_CHANNEL_THAT_IS_SHUT_DOWN {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer server = test.server();
                ManagedChannel channel = test.connected(Map.of(), server);
                MatrixCall call = test.held(channel, kind, server);
                channel.shutdown();
                assertThat(call(channel, kind).code()).isEqualTo(Code.UNAVAILABLE);
                server.release();
                assertThat(call.code()).isEqualTo(Code.OK);
                eventually().until(channel::isTerminated);
                return new Ends(1, 0, 0);
            }
        },
        /** The application's doing, not the endpoint's. */
        OVER_A_CHANNEL_THAT_IS_SHUT_DOWN_NOW {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer server = test.server();
                ManagedChannel channel = test.connected(Map.of(), server);
                MatrixCall call = test.held(channel, kind, server);
                channel.shutdownNow();
                assertThat(call.code()).isEqualTo(Code.UNAVAILABLE);
                return Ends.NONE;
            }
        },
        TO_A_SERVER_THAT_IS_KILLED {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer server = test.server();
                ManagedChannel channel = test.connected(Map.of(), server, test.server());
                MatrixCall call = test.held(channel, kind, server);
                server.kill();
                assertThat(call.code()).isNotEqualTo(Code.OK);
                return new Ends(0, 1, 0);
            }
        },
        OVER_A_CONNECTION_THAT_IS_LOST_BETWEEN_PICK_AND_STREAM {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                MatrixServer server = test.server();
                ManagedChannel channel = test.connected(Map.of(), server);
                MatrixServer next = test.server();
                test.beforePickReturns = () -> {
                    test.beforePickReturns = null;
                    server.kill();
                    eventually().until(() -> channel.getState(false) != ConnectivityState.READY);
                    test.publish(next);
                };
                assertThat(MatrixCall.start(channel, kind, CallOptions.DEFAULT.withWaitForReady())
                                .code())
                        .isEqualTo(Code.OK);
                return new Ends(1, 0, 0);
            }
        },
        /** Of a call that waited for a connection, grpc-java makes a stream that it neither starts nor closes. */
        CANCELLED_BETWEEN_PICK_AND_STREAM {
            @Override
            Ends go(GrpcMatrixTest test, MethodType kind) {
                test.publish(test.server());
                ManagedChannel channel = test.channel(Map.of());
                Context.CancellableContext caller = Context.current().withCancellation();
                CallOptions options = CallOptions.DEFAULT
                        .withWaitForReady()
                        .withOption(XdsLbGrpc.ATTEMPT_LISTENER, picked -> caller.cancel(null));
                Context before = caller.attach();
                try {
                    assertThat(MatrixCall.start(channel, kind, options).code()).isEqualTo(Code.CANCELLED);
                } finally {
                    caller.detach(before);
                }
                return Ends.NONE;
            }
        };

        private static final Duration AGE = Duration.ofMillis(300);

        private static final Map<String, ?> RETRIES = config(
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
                        List.of("UNAVAILABLE")));

        private static final Map<String, ?> HEDGES =
                config("hedgingPolicy", Map.of("maxAttempts", 2.0, "hedgingDelay", "0.01s"));

        /** Lets calls of this kind go this way; returns how their attempts ended. */
        abstract Ends go(GrpcMatrixTest test, MethodType kind);

        boolean isPossible(MethodType kind) {
            return true;
        }

        private static Ends answeredWith(GrpcMatrixTest test, MethodType kind, Status status, Ends expected) {
            ManagedChannel channel = test.connected(Map.of(), test.server(), test.server());
            test.servers.forEach(server -> server.failsWith(status));
            for (int i = 0; i < 2; i++) {
                assertThat(call(channel, kind).code()).isEqualTo(status.getCode());
            }
            return expected;
        }

        private static Map<String, ?> config(String policy, Map<String, ?> value) {
            return Map.of("methodConfig", List.of(Map.of("name", List.of(Map.of()), policy, value)));
        }
    }

    /**
     * How attempts ended.
     *
     * @param succeeded also those that failed by the caller's doing
     */
    private record Ends(long succeeded, long failed, long refused) {
        private static final Ends NONE = new Ends(0, 0, 0);

        private Ends without(Ends some) {
            return new Ends(succeeded - some.succeeded, failed - some.failed, refused - some.refused);
        }
    }

    private Ends ends() {
        return new Ends(sum(EndpointLoad::succeeded), sum(EndpointLoad::failed), sum(EndpointLoad::refused))
                .without(before);
    }

    private long sum(ToLongFunction<EndpointLoad> counter) {
        return loads.stream().mapToLong(counter).sum();
    }

    private static MatrixCall call(ManagedChannel channel, MethodType kind) {
        return MatrixCall.start(channel, kind, CallOptions.DEFAULT);
    }

    /** Starts a call that this server holds. */
    private MatrixCall held(ManagedChannel channel, MethodType kind, MatrixServer server) {
        return held(channel, kind, server, CallOptions.DEFAULT);
    }

    private MatrixCall held(ManagedChannel channel, MethodType kind, MatrixServer server, CallOptions options) {
        server.does(MatrixServer.Behaviour.HOLD);
        int present = server.held();
        while (true) {
            MatrixCall call = MatrixCall.start(channel, kind, options);
            eventually().until(() -> server.held() > present || call.isOver());
            if (server.held() > present) {
                return call;
            }
            assertThat(call.code()).isEqualTo(Code.OK); // another server's turn
            before = new Ends(before.succeeded + 1, before.failed, before.refused);
        }
    }

    private MatrixServer server() {
        MatrixServer server = new MatrixServer();
        servers.add(server);
        return server;
    }

    private MatrixServer server(Duration age) {
        MatrixServer server =
                new MatrixServer(builder -> builder.maxConnectionAge(age.toMillis(), TimeUnit.MILLISECONDS));
        servers.add(server);
        return server;
    }

    private void publish(MatrixServer... now) {
        publish(Arrays.stream(now).map(MatrixServer::endpoint).toArray(Endpoint[]::new));
    }

    private void publish(Endpoint... now) {
        source.publish(ORDERS, now);
        for (Pool group : cluster.picker().plan().groups()) {
            for (int i = 0; i < group.size(); i++) {
                EndpointLoad load = group.get(i).endpointLoad();
                if (!loads.contains(load)) {
                    loads.add(load);
                }
            }
        }
    }

    private ManagedChannel channel(Map<String, ?> serviceConfig) {
        ManagedChannelBuilder<?> builder =
                ManagedChannelBuilder.forTarget(TARGET).usePlaintext().enableRetry();
        registration.bind(builder, TARGET);
        ManagedChannel channel = builder.defaultServiceConfig(serviceConfig).build();
        channels.add(channel);
        return channel;
    }

    /** Makes a channel that is connected to these servers; what it took to see that is not counted. */
    private ManagedChannel connected(Map<String, ?> serviceConfig, MatrixServer... to) {
        publish(to);
        ManagedChannel channel = channel(serviceConfig);
        eventually().until(() -> {
            assertThat(call(channel, MethodType.UNARY).code()).isEqualTo(Code.OK);
            return Arrays.stream(to).allMatch(server -> server.calls() > 0);
        });
        eventually().until(() -> sum(EndpointLoad::inFlight) == 0);
        pass();
        before = new Ends(sum(EndpointLoad::succeeded), sum(EndpointLoad::failed), sum(EndpointLoad::refused));
        return channel;
    }

    private void pass() {
        clock.advance(Duration.ofNanos(1));
        clusters.tick();
    }

    private static ConditionFactory eventually() {
        return await().atMost(Duration.ofSeconds(60)).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    /** In turn; a test may do something before a pick is told. */
    private final class Interrupted implements LoadBalancingStrategy {
        private final LoadBalancingStrategy turns = new RoundRobin();

        @Override
        public String name() {
            return "interrupted";
        }

        @Override
        public Picker picker(Pool pool) {
            Picker picker = turns.picker(pool);
            return request -> {
                Candidate picked = picker.pick(request);
                Runnable action = beforePickReturns;
                if (action != null) {
                    action.run();
                }
                return picked;
            };
        }
    }
}
