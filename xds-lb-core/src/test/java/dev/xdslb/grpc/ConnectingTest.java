/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.FakeEndpointSource;
import dev.xdslb.cluster.SubsetSettings;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.load.Outcome;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.ResolvedAddresses;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Who is called while some connections do not get ready; the connections and the time do what the test says. */
class ConnectingTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final String SHARDED = "sharded.shop:8080";
    private static final Endpoint GOOD = Endpoint.builder("10.0.0.1", 8080).build();
    private static final Endpoint MUTE = Endpoint.builder("10.0.0.2", 8080).build();

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final ClusterRegistry clusters = ClusterRegistry.driven(source, this::settings, clock, random);
    private final FakeHelper channel = new FakeHelper();
    private final XdsLbLoadBalancer balancer = new XdsLbLoadBalancer(channel, channel.timers::nanos);
    private SubsetSettings byShard = SubsetSettings.of(SubsetSettings.SHARD, RequestKey.parse("header:x-shard"));

    @Test
    void ejectedEndpoint_isUsedWhereTheOthersDoNotConnectWithinASecond() {
        Cluster cluster = resolve(ORDERS, GOOD, MUTE);
        channel.to(GOOD).becomes(ConnectivityState.READY);
        fail(cluster, GOOD, 5);
        assertThat(pick().hasResult()).as("the other one may get ready").isFalse();

        channel.timers.advance(EndpointConnection.AWAITED_FOR);

        assertThat(pick().getSubchannel()).isSameAs(channel.to(GOOD));
        assertThat(channel.state).isEqualTo(ConnectivityState.READY);
    }

    @Test
    void ejectedEndpointWhoseTimeIsUp_comesBackByTheAnswerToACall() {
        Cluster cluster = resolve(ORDERS, GOOD, MUTE);
        channel.to(GOOD).becomes(ConnectivityState.READY);
        fail(cluster, GOOD, 5);
        channel.timers.advance(EndpointConnection.AWAITED_FOR);
        pass(Duration.ofMinutes(1));
        assertThat(cluster.picker().plan().ejected()).isEqualTo(1);

        for (int i = 0; i < 10 && cluster.picker().plan().ejected() > 0; i++) {
            answer(pick(), Status.OK);
        }

        assertThat(cluster.picker().plan().ejected()).isZero();
        assertThat(pick().getSubchannel()).isSameAs(channel.to(GOOD));
    }

    @Test
    void avoidedEndpoint_isUsedWhereNoOtherIsReady() {
        Cluster cluster = resolve(ORDERS, GOOD, MUTE);
        channel.to(GOOD).becomes(ConnectivityState.READY);
        cluster.lease(requireNonNull(cluster.picker().pick(RequestAttributes.NONE, GOOD::equals)))
                .end(Outcome.CONNECTION_FAILURE);

        channel.timers.advance(EndpointConnection.AWAITED_FOR);

        assertThat(pick().getSubchannel()).isSameAs(channel.to(GOOD));
    }

    @Test
    void degradedEndpoint_isUsedWhereNoHealthyOneIsReady() {
        Endpoint degraded = Endpoint.builder("10.0.0.3", 8080)
                .health(EndpointHealth.DEGRADED)
                .build();
        resolve(ORDERS, degraded, MUTE);
        channel.to(degraded).becomes(ConnectivityState.READY);
        assertThat(pick().hasResult()).isFalse();

        channel.timers.advance(EndpointConnection.AWAITED_FOR);

        assertThat(pick().getSubchannel()).isSameAs(channel.to(degraded));
    }

    @Test
    void lowerPriority_isUsedWhereNoneOfTheHigherOneIsReady() {
        Endpoint second = Endpoint.builder("10.0.0.3", 8080).priority(1).build();
        resolve(ORDERS, MUTE, second);
        channel.to(second).becomes(ConnectivityState.READY);
        assertThat(pick().hasResult()).isFalse();

        channel.timers.advance(EndpointConnection.AWAITED_FOR);
        assertThat(pick().getSubchannel()).isSameAs(channel.to(second));

        channel.to(MUTE).becomes(ConnectivityState.READY);
        assertThat(pick().getSubchannel()).isSameAs(channel.to(MUTE));
    }

    @Test
    void failureOfTheAwaitedOnes_endsTheWaitAtOnce() {
        Cluster cluster = resolve(ORDERS, GOOD, MUTE);
        channel.to(GOOD).becomes(ConnectivityState.READY);
        fail(cluster, GOOD, 5);
        assertThat(pick().hasResult()).isFalse();

        channel.to(MUTE).fails(new IOException("refused"));

        assertThat(pick().getSubchannel()).isSameAs(channel.to(GOOD));
    }

    @Test
    void rollOutWhoseNewPodsAreFirewalled_leavesTheCallsToWhoeverIsReady() {
        Endpoint[] all = new Endpoint[10];
        for (int i = 0; i < all.length; i++) {
            all[i] = Endpoint.builder("10.0.1." + i, 8080).build();
        }
        Cluster cluster = resolve(ORDERS, all);
        for (int i = 0; i < 3; i++) {
            channel.to(all[i]).becomes(ConnectivityState.READY);
        }
        int[] hits = new int[3];
        for (int i = 0; i < 300; i++) {
            PickResult picked = pick();
            for (int ready = 0; ready < 3; ready++) {
                hits[ready] += picked.getSubchannel() == channel.to(all[ready]) ? 1 : 0;
            }
        }
        for (int each : hits) {
            assertThat(each).isBetween(60, 140); // 100, 5 standard deviations
        }
        assertThat(hits[0] + hits[1] + hits[2]).isEqualTo(300);

        for (int i = 0; i < 3; i++) {
            fail(cluster, all[i], 5);
        }
        channel.timers.advance(EndpointConnection.AWAITED_FOR);
        assertThat(pick().getSubchannel()).as("all that are ready are ejected").isNotNull();
    }

    @Test
    void shardWhoseOnlyPodDoesNotAnswer_isWaitedForASecond_thenItsCallsGoWhereTheSettingsSay() {
        byShard = byShard.orAny();
        Endpoint first = Endpoint.builder("10.0.0.1", 8080).shard("1").build();
        Endpoint second = Endpoint.builder("10.0.0.2", 8080).shard("2").build();
        resolve(SHARDED, first, second);
        channel.to(first).becomes(ConnectivityState.READY);
        assertThat(pick("2").hasResult()).isFalse();

        channel.timers.advance(EndpointConnection.AWAITED_FOR);

        assertThat(pick("2").getSubchannel()).isSameAs(channel.to(first));
    }

    @Test
    void shardThatMustBeKept_isWaitedForUntilTheConnectionIsGivenUp() {
        Endpoint first = Endpoint.builder("10.0.0.1", 8080).shard("1").build();
        Endpoint second = Endpoint.builder("10.0.0.2", 8080).shard("2").build();
        resolve(SHARDED, first, second);
        channel.to(first).becomes(ConnectivityState.READY);

        channel.timers.advance(EndpointConnection.AWAITED_FOR.multipliedBy(2));
        assertThat(pick("2").hasResult()).isFalse();

        channel.timers.advance(EndpointConnection.GIVEN_UP_AFTER);
        assertThat(pick("2").getStatus().getDescription()).contains("the request asks for shard=2");
        assertThat(pick("1").getSubchannel()).isSameAs(channel.to(first));
    }

    @Test
    void peerThatNeverAnswers_isGivenUp_saidAndTriedAnew() {
        resolve(ORDERS, MUTE);
        FakeHelper.FakeSubchannel silent = channel.to(MUTE);
        silent.becomes(ConnectivityState.CONNECTING);
        channel.timers.advance(EndpointConnection.AWAITED_FOR.multipliedBy(10));
        assertThat(pick().hasResult()).as("there is nobody else").isFalse();

        channel.timers.advance(EndpointConnection.GIVEN_UP_AFTER);

        assertThat(channel.state).isEqualTo(ConnectivityState.TRANSIENT_FAILURE);
        assertThat(pick().getStatus().getDescription()).contains("10.0.0.2:8080 (not connected within 20 s");
        assertThat(silent.shutdown).isTrue();
        assertThat(channel.to(MUTE)).isNotSameAs(silent);

        FakeHelper.FakeSubchannel stillSilent = channel.to(MUTE);
        channel.timers.advance(EndpointConnection.GIVEN_UP_AFTER);
        assertThat(stillSilent.shutdown).as("for as long as it takes").isTrue();
        silent.becomes(ConnectivityState.READY);
        assertThat(channel.state)
                .as("the old one says nothing any more")
                .isEqualTo(ConnectivityState.TRANSIENT_FAILURE);
        channel.to(MUTE).becomes(ConnectivityState.READY);
        assertThat(pick().getSubchannel()).isSameAs(channel.to(MUTE));
    }

    @Test
    void connectionThatIsLost_isAwaitedAnew() {
        Cluster cluster = resolve(ORDERS, GOOD, MUTE);
        channel.subchannels.forEach(subchannel -> subchannel.becomes(ConnectivityState.READY));
        fail(cluster, GOOD, 5);
        channel.timers.advance(Duration.ofMinutes(1));

        channel.to(MUTE).becomes(ConnectivityState.IDLE);

        assertThat(pick().hasResult()).isFalse();
        channel.timers.advance(EndpointConnection.AWAITED_FOR);
        assertThat(pick().getSubchannel()).isSameAs(channel.to(GOOD));
    }

    @Test
    void timer_isNotSetWhileNothingConnects() {
        resolve(ORDERS, GOOD);
        channel.to(GOOD).becomes(ConnectivityState.READY);
        channel.timers.advance(EndpointConnection.GIVEN_UP_AFTER);
        assertThat(channel.timers.waiting()).isZero();

        channel.to(GOOD).becomes(ConnectivityState.IDLE);
        assertThat(channel.timers.waiting()).isEqualTo(1);
        balancer.shutdown();
        assertThat(channel.timers.waiting()).isZero();
    }

    @Test
    void publicationOfTheCluster_isNotPublishedToAChannelWhoseCallsDoNotWait() {
        Cluster cluster = resolve(ORDERS, GOOD, MUTE);
        channel.subchannels.forEach(subchannel -> subchannel.becomes(ConnectivityState.READY));
        assertThat(pick().getSubchannel()).isNotNull();
        int before = channel.updates;

        fail(cluster, GOOD, 5);
        source.publish(ORDERS, GOOD, MUTE);

        assertThat(channel.updates).isEqualTo(before);
        for (int i = 0; i < 20; i++) {
            assertThat(pick().getSubchannel()).as("the cluster's newest picker").isSameAs(channel.to(MUTE));
        }
    }

    @Test
    void publicationOfTheCluster_isPublishedWhereACallWaits() {
        Endpoint first = Endpoint.builder("10.0.0.1", 8080).shard("1").build();
        resolve(SHARDED, first);
        channel.to(first).becomes(ConnectivityState.READY);
        assertThat(pick("2").getStatus().isOk()).isFalse();
        int before = channel.updates;

        Endpoint relabelled = Endpoint.builder("10.0.0.1", 8080).shard("2").build();
        source.publish(SHARDED, relabelled);

        assertThat(channel.updates).isGreaterThan(before);
        assertThat(pick("2").getSubchannel()).isSameAs(channel.to(first));
    }

    @Test
    void endpointsThatComeAndGo_areFollowedWithoutTheResolver() {
        resolve(ORDERS, GOOD);
        channel.to(GOOD).becomes(ConnectivityState.READY);

        source.publish(ORDERS, MUTE);

        assertThat(channel.to(GOOD).shutdown).isTrue();
        channel.to(MUTE).becomes(ConnectivityState.READY);
        assertThat(pick().getSubchannel()).isSameAs(channel.to(MUTE));

        balancer.shutdown();
        int connections = channel.subchannels.size();
        source.publish(ORDERS, GOOD, MUTE);
        assertThat(channel.subchannels).hasSize(connections);
    }

    private ClusterSettings settings(String resource) {
        ClusterSettings settings = ClusterSettings.of(new P2cLeastRequest(random));
        return resource.equals(SHARDED) ? settings.withSubset(byShard) : settings;
    }

    private Cluster resolve(String resource, Endpoint... endpoints) {
        Cluster cluster = clusters.cluster(resource);
        source.publish(resource, endpoints);
        balancer.acceptResolvedAddresses(ResolvedAddresses.newBuilder()
                .setAddresses(List.of())
                .setAttributes(Attributes.newBuilder()
                        .set(XdsLbNameResolver.CLUSTER, cluster)
                        .build())
                .build());
        return cluster;
    }

    private void pass(Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) <= 0; passed = passed.plus(ClusterRegistry.TICK)) {
            clock.advance(ClusterRegistry.TICK);
            clusters.tick();
        }
    }

    private static void fail(Cluster cluster, Endpoint endpoint, int times) {
        for (int i = 0; i < times; i++) {
            cluster.lease(requireNonNull(cluster.picker().pick(RequestAttributes.NONE, endpoint::equals)))
                    .end(Outcome.FAILURE);
        }
    }

    private static void answer(PickResult picked, Status status) {
        ClientStreamTracer tracer = requireNonNull(picked.getStreamTracerFactory())
                .newClientStreamTracer(
                        ClientStreamTracer.StreamInfo.newBuilder().build(), new Metadata());
        tracer.streamCreated(Attributes.EMPTY, new Metadata());
        tracer.outboundHeaders();
        tracer.streamClosed(status);
    }

    private PickResult pick() {
        return channel.picker.pickSubchannel(new Args(new Metadata()));
    }

    private PickResult pick(String shard) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("x-shard", Metadata.ASCII_STRING_MARSHALLER), shard);
        return channel.picker.pickSubchannel(new Args(headers));
    }

    private static final class Args extends PickSubchannelArgs {
        private final Metadata headers;

        private Args(Metadata headers) {
            this.headers = headers;
        }

        @Override
        public CallOptions getCallOptions() {
            return CallOptions.DEFAULT;
        }

        @Override
        public Metadata getHeaders() {
            return headers;
        }

        @Override
        public MethodDescriptor<?, ?> getMethodDescriptor() {
            return EchoServer.SAY;
        }
    }
}
