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
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.TimedUntil;
import dev.xdslb.policy.Exclusion.Reason;
import dev.xdslb.policy.Plan;
import dev.xdslb.strategy.RoundRobin;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What calls teach before they end, and when they are refused, over real servers. */
@Timeout(60)
class GrpcOutcomesTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final Duration LONGEST_EJECTION = Duration.ofSeconds(40);

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final ClusterRegistry clusters = ClusterRegistry.driven(
            source,
            resource -> ClusterSettings.of(new RoundRobin()).withResponseTime(TimedUntil.HEADERS),
            clock,
            random);
    private final GrpcRegistration registration = XdsLbGrpc.register(clusters, "shop");
    private final List<EchoServer> servers = List.of(new EchoServer(), new EchoServer(), new EchoServer());
    private final List<EndpointLoad> everyLoad = new ArrayList<>();
    private final ManagedChannel channel = connected();

    @AfterEach
    void close() {
        channel.shutdownNow();
        servers.forEach(EchoServer::close);
        registration.close();
        clusters.close();
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void streamThatAnswersOnce_answersTheProbe_whetherItStaysOpenOrIsCancelled(boolean cancelled) {
        EchoServer failing = servers.get(0);
        failing.answerWith(Status.INTERNAL);
        for (int i = 0; i < 60; i++) {
            ignoringErrors(() -> EchoServer.say(channel));
        }
        assertThat(reasons()).containsExactly(Reason.EJECTED);
        failing.answerWith(Status.OK);
        pass(LONGEST_EJECTION);

        List<Watch> open = new ArrayList<>();
        eventually().until(() -> {
            Watch watch = watch();
            if (cancelled) {
                watch.cancel();
            } else {
                open.add(watch);
            }
            return reasons().isEmpty();
        });

        assertThat(loadOf(failing).consecutiveFailures()).isZero();
        open.forEach(Watch::cancel);
    }

    @Test
    void watchesThatAreCancelledInTurn_areSuccesses_andDoNotEjectWhoFailsOneInTwenty() {
        servers.get(0).failEveryChat(20);
        long before = succeeded();

        for (int i = 0; i < 600; i++) {
            watch().cancel();
            if (i % 10 == 0) {
                pass(ClusterRegistry.TICK);
            }
            assertThat(reasons()).isEmpty();
        }

        eventually().until(() -> loads().stream().allMatch(load -> load.inFlight() == 0));
        assertThat(succeeded() - before).isEqualTo(600 - failed());
        assertThat(failed()).isBetween(5L, 15L);
    }

    @Test
    void streamThatFailsAfterItsFirstMessage_isOneFailure() {
        long before = succeeded();
        ClientCall<String, String> call = channel.newCall(EchoServer.CHAT, CallOptions.DEFAULT);
        CountDownLatch first = new CountDownLatch(1);
        StreamObserver<String> requests = ClientCalls.asyncBidiStreamingCall(call, new Counting(first));
        requests.onNext("one");
        awaitLatch(first);
        assertThat(succeeded() - before).isEqualTo(1);

        requests.onNext("fail");

        eventually().until(() -> failed() == 1);
        assertThat(succeeded() - before).isZero();
    }

    @Test
    void hungServerBehindACancelOfTheCaller_isEjected() {
        for (int i = 0; i < 9; i++) { // calls that take 5 ms each
            servers.forEach(EchoServer::hold);
            Future<String> call =
                    ClientCalls.futureUnaryCall(channel.newCall(EchoServer.SAY, CallOptions.DEFAULT), "hello");
            eventually().until(() -> servers.stream().anyMatch(server -> server.held() > 0));
            clock.advance(Duration.ofMillis(5));
            servers.forEach(EchoServer::release);
            assertThat(call).succeedsWithin(Duration.ofSeconds(10));
        }
        pass(Duration.ofSeconds(1));
        EchoServer hung = servers.get(0);
        hung.hold();
        for (int i = 0; i < 30 && reasons().isEmpty(); i++) {
            int held = hung.held();
            int calls = servers.stream().mapToInt(EchoServer::calls).sum();
            CountDownLatch answered = new CountDownLatch(1);
            ClientCall<String, String> call = channel.newCall(EchoServer.SAY, CallOptions.DEFAULT);
            ClientCalls.asyncUnaryCall(call, "hello", new Counting(answered));
            eventually()
                    .until(() -> servers.stream().mapToInt(EchoServer::calls).sum() > calls);
            if (hung.held() > held) {
                pass(Duration.ofSeconds(1));
                call.cancel("a time limiter", null);
                eventually().until(() -> loads().stream().allMatch(load -> load.inFlight() == 0));
            } else {
                awaitLatch(answered);
            }
        }

        assertThat(reasons()).containsExactly(Reason.EJECTED);
    }

    @Test
    void refusedCalls_ejectNobody_andLowerTheWeight() {
        EchoServer busy = servers.get(0);
        busy.answerWith(Status.RESOURCE_EXHAUSTED);
        for (int i = 0; i < 9; i++) { // three of them to the busy one
            ignoringErrors(() -> EchoServer.say(channel));
        }
        eventually().until(() -> loadOf(busy).refused() == 3);
        pass(Duration.ofSeconds(1));

        assertThat(reasons()).isEmpty();
        assertThat(loadOf(busy).failed()).isZero();
        Plan plan = clusters.cluster(ORDERS).picker().plan();
        for (int i = 0; i < 3; i++) {
            boolean isBusy = plan.groups().get(0).get(i).endpointLoad() == loadOf(busy);
            assertThat(plan.groups().get(0).get(i).weightFactors().refusals() < 0.9)
                    .isEqualTo(isBusy);
        }
    }

    @ParameterizedTest
    @CsvSource({"20000, true", "0, false", "-1, false", "soon, false", "999999999999, true"})
    void pushback_isObeyed_asFarAsItMakesSense(String pushback, boolean obeyed) {
        Metadata trailers = new Metadata();
        trailers.put(Pushback.KEY, pushback);
        EchoServer busy = servers.get(0);
        busy.answerWith(Status.UNAVAILABLE, trailers);
        pass(Duration.ofSeconds(1));
        for (int i = 0; i < 3; i++) {
            ignoringErrors(() -> EchoServer.say(channel));
        }
        if (!obeyed) {
            eventually().until(() -> loads().stream().anyMatch(load -> load.refused() == 1));
            assertThat(reasons()).isEmpty();
            return;
        }
        eventually().until(() -> reasons().equals(List.of(Reason.AVOIDED)));
        pass(Duration.ofSeconds(15));
        assertThat(reasons()).containsExactly(Reason.AVOIDED);
        pass(Duration.ofSeconds(20)); // no longer than 30 s in any case
        assertThat(reasons()).isEmpty();
        assertThat(loadOf(busy).failed()).isZero();
    }

    private ManagedChannel connected() {
        clusters.cluster(ORDERS);
        ManagedChannel made = ManagedChannelBuilder.forTarget("xdslb:///" + ORDERS)
                .usePlaintext()
                .build();
        source.publish(ORDERS, servers.stream().map(EchoServer::endpoint).toArray(Endpoint[]::new));
        eventually().untilAsserted(() -> {
            EchoServer.say(made);
            assertThat(servers).allMatch(server -> server.calls() > 0);
        });
        pass(Duration.ofSeconds(1));
        return made;
    }

    /** Opens a stream and waits for its first message or its failure. */
    private Watch watch() {
        ClientCall<String, String> call = channel.newCall(EchoServer.CHAT, CallOptions.DEFAULT);
        CountDownLatch first = new CountDownLatch(1);
        ClientCalls.asyncBidiStreamingCall(call, new Counting(first)).onNext("watch");
        awaitLatch(first);
        return new Watch(call);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private List<Reason> reasons() {
        return clusters.cluster(ORDERS).picker().plan().exclusions().stream()
                .map(exclusion -> exclusion.reason())
                .toList();
    }

    /** Of all, also of those that may not be picked at present. */
    private List<EndpointLoad> loads() {
        for (int i = 0;
                i < clusters.cluster(ORDERS).picker().plan().groups().get(0).size();
                i++) {
            EndpointLoad load = clusters.cluster(ORDERS)
                    .picker()
                    .plan()
                    .groups()
                    .get(0)
                    .get(i)
                    .endpointLoad();
            if (!everyLoad.contains(load)) {
                everyLoad.add(load);
            }
        }
        return everyLoad;
    }

    private EndpointLoad loadOf(EchoServer server) {
        return loads().stream()
                .filter(load -> load.key().port() == server.port())
                .findFirst()
                .orElseThrow();
    }

    private long succeeded() {
        pass(ClusterRegistry.TICK);
        return loads().stream().mapToLong(EndpointLoad::succeeded).sum();
    }

    private long failed() {
        return loads().stream().mapToLong(EndpointLoad::failed).sum();
    }

    private void pass(Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(ClusterRegistry.TICK)) {
            clock.advance(ClusterRegistry.TICK);
            clusters.tick();
        }
    }

    private static ConditionFactory eventually() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    private static void ignoringErrors(Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException e) {
            // looked at by what was counted
        }
    }

    private record Watch(ClientCall<String, String> call) {
        void cancel() {
            call.cancel("seen enough", null);
        }
    }

    private record Counting(CountDownLatch latch) implements StreamObserver<String> {
        @Override
        public void onNext(String value) {
            latch.countDown();
        }

        @Override
        public void onError(Throwable error) {
            latch.countDown();
        }

        @Override
        public void onCompleted() {
            latch.countDown();
        }
    }
}
