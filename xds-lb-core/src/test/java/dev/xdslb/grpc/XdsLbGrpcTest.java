/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.FakeEndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.P2cLeastRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Channels of the application's over real servers; the endpoints are what the test says. */
class XdsLbGrpcTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final String TARGET = "xdslb:///" + ORDERS;

    private static final Duration HALF_A_SECOND = Duration.ofMillis(500);
    private static final Duration LONGER_THAN_FAILURES_MATTER = Duration.ofMinutes(1);

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final ClusterRegistry clusters =
            ClusterRegistry.driven(source, resource -> ClusterSettings.of(new P2cLeastRequest(random)), clock, random);
    private final GrpcRegistration registration = XdsLbGrpc.register(clusters, "shop");
    private final List<EchoServer> servers = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();

    @AfterEach
    void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        servers.forEach(EchoServer::close);
        registration.close();
        clusters.close();
    }

    @Test
    void callsOverOneChannel_areSpreadEvenly() {
        List<EchoServer> five = List.of(server(), server(), server(), server(), server());
        ManagedChannel channel = connectedTo(five);
        int[] before = five.stream().mapToInt(EchoServer::calls).toArray();

        for (int i = 0; i < 1_000; i++) {
            EchoServer.say(channel);
        }

        for (int i = 0; i < 5; i++) {
            assertThat(five.get(i).calls() - before[i]).isBetween(150, 250); // 200, 4 standard deviations either way
        }
    }

    @Test
    void channelThatAsksForRoundRobinByDefault_isBalancedByThePolicyOfTheTarget() {
        EchoServer server = server();
        server.hold();
        ManagedChannel channel =
                channel(ManagedChannelBuilder.forTarget(TARGET).defaultLoadBalancingPolicy("round_robin"));
        publish(server);

        Future<String> call = sayLater(channel);

        eventually().until(() -> server.held() == 1);
        assertThat(inFlight()).isEqualTo(1);
        server.release();
        assertThat(call).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void serverThatIsBusy_isPassedOver() {
        EchoServer busy = server();
        EchoServer idle = server();
        ManagedChannel channel = connectedTo(List.of(busy, idle));
        busy.hold();
        List<Future<String>> held = new ArrayList<>();
        while (busy.held() == 0) {
            int arrived = busy.calls() + idle.calls();
            held.add(sayLater(channel));
            eventually().until(() -> busy.calls() + idle.calls() > arrived);
        }
        int before = busy.calls();

        for (int i = 0; i < 50; i++) {
            assertThat(EchoServer.say(channel)).isEqualTo(Integer.toString(idle.port()));
        }

        assertThat(busy.calls()).isEqualTo(before);
        busy.release();
        assertThat(held).allSatisfy(call -> assertThat(call).succeedsWithin(Duration.ofSeconds(10)));
        awaitNothingInFlight();
    }

    @Test
    void stream_countsAsInFlightUntilItIsClosed() {
        EchoServer server = server();
        ManagedChannel channel = connectedTo(List.of(server));
        List<String> echoes = new CopyOnWriteArrayList<>();

        StreamObserver<String> stream = chat(channel, echoes);
        stream.onNext("one");
        eventually().until(() -> echoes.size() == 1);
        assertThat(inFlight()).isEqualTo(1);
        stream.onNext("two");
        eventually().until(() -> echoes.size() == 2);
        assertThat(inFlight()).isEqualTo(1);

        stream.onCompleted();
        awaitNothingInFlight();
    }

    @Test
    void streamThatWasOpenForLong_isNotTakenForASlowResponse() {
        ManagedChannel channel = connectedTo(List.of(server()));
        pass(LONGER_THAN_FAILURES_MATTER);
        List<String> echoes = new CopyOnWriteArrayList<>();
        StreamObserver<String> stream = chat(channel, echoes);
        stream.onNext("one");
        eventually().until(() -> echoes.size() == 1);

        clock.advance(Duration.ofHours(1));
        stream.onCompleted();
        awaitNothingInFlight();

        EndpointLoad load =
                clusters.cluster(ORDERS).picker().plan().groups().get(0).get(0).endpointLoad();
        assertThat(load.costNanos()).isLessThan((double) Duration.ofHours(1).toNanos());
    }

    @Test
    void endpointsThatComeAndGo_areFollowedByTheOpenChannel() {
        EchoServer first = server();
        EchoServer second = server();
        ManagedChannel channel = connectedTo(List.of(first));

        publish(first, second);
        eventually()
                .untilAsserted(() -> assertThat(EchoServer.say(channel)).isEqualTo(Integer.toString(second.port())));

        publish(second);
        int before = first.calls();
        for (int i = 0; i < 20; i++) {
            EchoServer.say(channel);
        }
        assertThat(first.calls()).isEqualTo(before);
    }

    @Test
    void streamOnAnEndpointThatIsRemoved_goesOn() {
        EchoServer leaving = server();
        EchoServer staying = server();
        ManagedChannel channel = connectedTo(List.of(leaving));
        List<String> echoes = new CopyOnWriteArrayList<>();
        StreamObserver<String> stream = chat(channel, echoes);
        stream.onNext("before");
        eventually().until(() -> echoes.size() == 1);

        publish(staying);
        assertThat(EchoServer.say(channel)).isEqualTo(Integer.toString(staying.port()));

        stream.onNext("after");
        eventually().until(() -> echoes.size() == 2);
        stream.onCompleted();
    }

    @Test
    void endpointThatIsNotReady_getsNoCall() {
        EchoServer ready = server();
        EchoServer unready = server();
        EchoServer draining = server();
        ManagedChannel channel = connectedTo(List.of(ready, unready, draining));
        int before = unready.calls() + draining.calls();

        source.publish(
                ORDERS,
                ready.endpoint(),
                unready.endpoint(EndpointHealth.UNHEALTHY),
                draining.endpoint(EndpointHealth.DRAINING));
        for (int i = 0; i < 50; i++) {
            EchoServer.say(channel);
        }

        assertThat(unready.calls() + draining.calls()).isEqualTo(before);
    }

    @Test
    void serverThatIsKilled_leavesTheCallsToTheOthers() {
        EchoServer killed = server();
        EchoServer other = server();
        ManagedChannel channel = connectedTo(List.of(killed, other));

        killed.close();
        eventually().until(() -> failuresOf(20, channel) == 0); // a call that was on its way may fail

        for (int i = 0; i < 100; i++) {
            assertThat(EchoServer.say(channel)).isEqualTo(Integer.toString(other.port()));
        }
        awaitNothingInFlight();
    }

    @Test
    void serverThatFailsFast_isEjectedAfterFiveFailuresAndReturnsByOneProbe() {
        EchoServer failing = server();
        EchoServer other = server();
        ManagedChannel channel = connectedTo(List.of(failing, other));
        failing.answerWith(Status.INTERNAL);
        int before = failing.calls();

        assertThat(failuresUntilEjection(channel)).isEqualTo(5);
        assertThat(failing.calls() - before).isEqualTo(5);

        pass(LONGER_THAN_FAILURES_MATTER);
        assertThat(failuresOf(200, channel)).isEqualTo(1); // the probe
        failing.answerWith(Status.OK);
        pass(LONGER_THAN_FAILURES_MATTER);
        assertThat(failuresOf(10, channel)).isZero();
        pass(LONGER_THAN_FAILURES_MATTER);
        assertThat(failuresOf(200, channel)).isZero();
        assertThat(failing.calls() - before).isGreaterThan(50);
    }

    @Test
    void errorOfTheCaller_ejectsNobody() {
        EchoServer server = server();
        EchoServer other = server();
        ManagedChannel channel = connectedTo(List.of(server, other));
        server.answerWith(Status.INVALID_ARGUMENT);

        assertThat(failuresOf(200, channel)).isGreaterThan(50);
    }

    @Test
    void cancelledCall_isNotInFlightAndNotAFailure() {
        EchoServer server = server();
        EchoServer other = server();
        ManagedChannel channel = connectedTo(List.of(server, other));
        server.hold();
        other.hold();
        for (int i = 1; i <= 20; i++) {
            int arrived = i;
            ClientCall<String, String> call = channel.newCall(EchoServer.SAY, CallOptions.DEFAULT);
            ClientCalls.asyncUnaryCall(call, "hello", new Ignored());
            eventually().until(() -> server.held() + other.held() == arrived);
            call.cancel("changed my mind", null);
            awaitNothingInFlight();
        }

        assertThat(clusters.cluster(ORDERS).picker().plan().ejected()).isZero();
    }

    @Test
    void callPastItsDeadline_isNotInFlightAndAFailure() {
        EchoServer server = server();
        EchoServer other = server();
        ManagedChannel channel = connectedTo(List.of(server, other));
        server.hold();
        other.hold();

        eventually().untilAsserted(() -> {
            assertThatThrownBy(() ->
                            EchoServer.say(channel, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.MILLISECONDS)))
                    .hasMessageContaining("DEADLINE_EXCEEDED");
            assertThat(clusters.cluster(ORDERS).picker().plan().ejected()).isEqualTo(1);
        });

        awaitNothingInFlight();
    }

    @Test
    void serviceWithoutEndpoints_failsCallsAtOnceAndSaysWhy() {
        ManagedChannel channel = channel(ManagedChannelBuilder.forTarget(TARGET));

        source.publish(ORDERS);
        assertUnavailable(channel, "no endpoint for orders.shop:8080: the service has no endpoints (scaled to zero?)");

        source.publish(ORDERS, server().endpoint(EndpointHealth.UNHEALTHY));
        assertUnavailable(channel, "no endpoint for orders.shop:8080: of 1 endpoints none is ready");

        source.watcher(ORDERS).onAbsent("no Service \"orders\" in namespace \"shop\"");
        assertUnavailable(channel, "no endpoint for orders.shop:8080: no Service \"orders\" in namespace \"shop\"");
    }

    @Test
    void callThatWaitsForReady_isSentWhenAnEndpointComes() {
        EchoServer server = server();
        ManagedChannel channel = channel(ManagedChannelBuilder.forTarget(TARGET));
        source.publish(ORDERS);
        Future<String> waiting = ClientCalls.futureUnaryCall(
                channel.newCall(EchoServer.SAY, CallOptions.DEFAULT.withWaitForReady()), "hello");
        assertUnavailable(channel, "no endpoint for orders.shop:8080: the service has no endpoints (scaled to zero?)");
        assertThat(waiting).isNotDone();

        publish(server);

        assertThat(waiting).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(Integer.toString(server.port()));
    }

    @Test
    void callBeforeTheFirstAnswer_waitsForItAndNotLongerThanTheInitialFetchTimeout() {
        EchoServer server = server();
        ManagedChannel channel = channel(ManagedChannelBuilder.forTarget(TARGET));
        ManagedChannel silent = channel(ManagedChannelBuilder.forTarget("xdslb:///silent.shop:8080"));
        Future<String> call = sayLater(channel);
        Future<String> hopeless = sayLater(silent);
        assertThat(call).isNotDone();

        publish(server);
        assertThat(call).succeedsWithin(Duration.ofSeconds(10));

        assertThat(hopeless).isNotDone();
        pass(ClusterSettings.DEFAULT_INITIAL_FETCH_TIMEOUT.plusSeconds(1));
        assertThatThrownBy(() -> hopeless.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("no endpoint for silent.shop:8080: control plane fake:18000 has not answered");
    }

    @Test
    void endpointsThatCannotBeConnectedTo_areNamedByTheError() {
        EchoServer gone = server();
        gone.close();
        ManagedChannel channel = channel(ManagedChannelBuilder.forTarget(TARGET));

        publish(gone);

        StatusRuntimeException error =
                catchThrowableOfType(StatusRuntimeException.class, () -> EchoServer.say(channel));
        assertThat(error.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(error.getStatus().getDescription())
                .startsWith("no endpoint of orders.shop:8080 can be connected to: 127.0.0.1:" + gone.port() + " (")
                .containsIgnoringCase("refused");
        assertThat(error).hasCauseInstanceOf(java.net.ConnectException.class);
    }

    @Test
    void channelThatWasIdle_stillKnowsWhoFailed() {
        EchoServer failing = server();
        EchoServer other = server();
        ManagedChannel channel = connectedTo(List.of(failing, other));
        failing.answerWith(Status.INTERNAL);
        assertThat(failuresUntilEjection(channel)).isEqualTo(5);

        channel.enterIdle();
        eventually().until(() -> channel.getState(false) == ConnectivityState.IDLE);

        assertThat(failuresOf(50, channel)).isZero();
    }

    @Test
    void targetWithoutPort_asksForTheOneOfGrpcInTheOwnNamespace() {
        EchoServer server = server();
        ManagedChannel channel = channel(ManagedChannelBuilder.forTarget("xdslb:///orders"));

        clusters.cluster("orders.shop?protocol=grpc");
        source.publish("orders.shop?protocol=grpc", server.endpoint());

        assertThat(EchoServer.say(channel)).isEqualTo(Integer.toString(server.port()));
        assertThat(channel.authority()).isEqualTo("orders.shop");
    }

    @Test
    void targetThatNamesNoService_isRefusedWhenTheChannelIsBuilt() {
        assertThatThrownBy(() -> ManagedChannelBuilder.forTarget("xdslb://orders.shop:8080")
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a third slash is missing");
    }

    @Test
    void targetWithoutScheme_isStillResolvedByDns() {
        ManagedChannel channel = channel(ManagedChannelBuilder.forTarget("localhost:1"));

        assertThat(channel.authority()).isEqualTo("localhost:1");
    }

    @Test
    void closedRegistration_leavesNothingBehind() {
        registration.close();

        assertThatThrownBy(() -> ManagedChannelBuilder.forTarget(TARGET).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("xdslb");
        assertThat(io.grpc.LoadBalancerRegistry.getDefaultRegistry().getProvider("xdslb"))
                .isNull();
    }

    @Test
    void channelThatIsCalledAfterItsApplicationHasEnded_saysSo() {
        ManagedChannel channel = channel(ManagedChannelBuilder.forTarget(TARGET));
        registration.close();

        assertUnavailable(
                channel, "cannot resolve xdslb:///orders.shop:8080: the application that registered xds-lb has ended");
    }

    @Test
    void twoApplicationsInOneJvm_areToldApart() {
        FakeEndpointSource otherSource = new FakeEndpointSource();
        ClusterRegistry otherClusters = ClusterRegistry.driven(
                otherSource, resource -> ClusterSettings.of(new P2cLeastRequest(random)), clock, random);
        EchoServer own = server();
        EchoServer others = server();
        otherClusters.cluster(ORDERS);
        otherSource.publish(ORDERS, others.endpoint());
        publish(own);
        ManagedChannel older = channel(ManagedChannelBuilder.forTarget(TARGET));

        GrpcRegistration other = XdsLbGrpc.register(otherClusters, "shop");
        try (otherClusters;
                other) {
            ManagedChannel newest = channel(ManagedChannelBuilder.forTarget(TARGET));
            ManagedChannelBuilder<?> builder = ManagedChannelBuilder.forTarget(TARGET);
            registration.bind(builder);
            ManagedChannel bound = channel(builder);

            assertThat(EchoServer.say(older)).isEqualTo(Integer.toString(own.port()));
            assertThat(EchoServer.say(newest)).isEqualTo(Integer.toString(others.port()));
            assertThat(EchoServer.say(bound)).isEqualTo(Integer.toString(own.port()));
        }

        assertThat(EchoServer.say(channel(ManagedChannelBuilder.forTarget(TARGET))))
                .isEqualTo(Integer.toString(own.port()));
    }

    private static ConditionFactory eventually() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    private EchoServer server() {
        EchoServer server = new EchoServer();
        servers.add(server);
        return server;
    }

    private ManagedChannel channel(ManagedChannelBuilder<?> builder) {
        clusters.cluster(ORDERS); // so that the source knows it before the first call
        ManagedChannel channel = builder.usePlaintext().build();
        channels.add(channel);
        return channel;
    }

    /** Returns a channel that has a connection to every server. */
    private ManagedChannel connectedTo(List<EchoServer> all) {
        ManagedChannel channel = channel(ManagedChannelBuilder.forTarget(TARGET));
        publish(all.toArray(EchoServer[]::new));
        eventually().untilAsserted(() -> {
            EchoServer.say(channel);
            assertThat(all).allMatch(server -> server.calls() > 0);
        });
        awaitNothingInFlight();
        return channel;
    }

    private void publish(EchoServer... now) {
        clusters.cluster(ORDERS);
        source.publish(ORDERS, Arrays.stream(now).map(EchoServer::endpoint).toArray(Endpoint[]::new));
    }

    private int inFlight() {
        int sum = 0;
        for (Pool group : clusters.cluster(ORDERS).picker().plan().groups()) {
            for (int i = 0; i < group.size(); i++) {
                sum += group.get(i).endpointLoad().inFlight();
            }
        }
        return sum;
    }

    private void awaitNothingInFlight() {
        eventually().until(() -> inFlight() == 0);
    }

    private void pass(Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) <= 0; passed = passed.plus(ClusterRegistry.TICK)) {
            clock.advance(ClusterRegistry.TICK);
            clusters.tick();
        }
    }

    /** Calls until none fails any more: one that has just failed is not tried again within half a second. */
    private int failuresUntilEjection(ManagedChannel channel) {
        int failures = 0;
        for (int more = failuresOf(10, channel); more > 0; more = failuresOf(10, channel)) {
            failures += more;
            pass(HALF_A_SECOND);
        }
        return failures;
    }

    private static int failuresOf(int calls, ManagedChannel channel) {
        int failures = 0;
        for (int i = 0; i < calls; i++) {
            try {
                EchoServer.say(channel);
            } catch (StatusRuntimeException e) {
                failures++;
            }
        }
        return failures;
    }

    private static Future<String> sayLater(ManagedChannel channel) {
        return ClientCalls.futureUnaryCall(channel.newCall(EchoServer.SAY, CallOptions.DEFAULT), "hello");
    }

    private static StreamObserver<String> chat(ManagedChannel channel, List<String> echoes) {
        return ClientCalls.asyncBidiStreamingCall(channel.newCall(EchoServer.CHAT, CallOptions.DEFAULT), new Ignored() {
            @Override
            public void onNext(String echo) {
                echoes.add(echo);
            }
        });
    }

    private static void assertUnavailable(ManagedChannel channel, String description) {
        assertThatThrownBy(() -> EchoServer.say(channel)).hasMessage("UNAVAILABLE: " + description);
    }

    private static class Ignored implements StreamObserver<String> {
        @Override
        public void onNext(String value) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }
}
