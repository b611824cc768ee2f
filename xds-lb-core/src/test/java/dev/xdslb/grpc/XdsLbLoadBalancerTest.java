/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.FakeEndpointSource;
import dev.xdslb.cluster.SubsetSettings;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.EndpointsPerClient;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.ResolvedAddresses;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the policy tells a channel, step by step; the connections do what the test says. */
class XdsLbLoadBalancerTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final String SHARDED = "sharded.shop:8080";
    private static final Endpoint A =
            Endpoint.builder("10.0.0.1", 8080).pod("a", "uid-a").build();
    private static final Endpoint B =
            Endpoint.builder("10.0.0.2", 8080).pod("b", "uid-b").build();

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final ClusterRegistry clusters = ClusterRegistry.driven(source, this::settings, clock, random);
    private final Cluster cluster = clusters.cluster(ORDERS);
    private final Cluster sharded = clusters.cluster(SHARDED);
    private @Nullable RuntimeException pickFailure;
    private @Nullable RuntimeException pickerFailure;
    private final FakeHelper channel = new FakeHelper();
    private final XdsLbLoadBalancer balancer = new XdsLbLoadBalancer(channel, channel.timers::nanos);

    @Test
    void eachEndpoint_isConnectedToAtOnce() {
        resolve(A, B);

        assertThat(channel.subchannels).hasSize(2).allMatch(subchannel -> subchannel.connectionRequests == 1);
        assertThat(channel.state).isEqualTo(ConnectivityState.CONNECTING);
        assertThat(pick().hasResult()).isFalse();
    }

    @Test
    void connectionThatFails_isToldToTheCluster_soThatOthersNeedNotTryIt() {
        List<Endpoint> checked = new ArrayList<>();
        ClusterRegistry checking = ClusterRegistry.driven(
                source, this::settings, clock, random, (endpoint, result) -> checked.add(endpoint));
        Cluster orders = checking.cluster(ORDERS);
        source.publish(ORDERS, A, B);
        balancer.acceptResolvedAddresses(ResolvedAddresses.newBuilder()
                .setAddresses(List.of())
                .setAttributes(Attributes.newBuilder()
                        .set(XdsLbNameResolver.CLUSTER, orders)
                        .build())
                .build());
        channel.to(B).becomes(ConnectivityState.READY);

        channel.to(A).fails(new ConnectException("refused"));
        checking.tick();

        assertThat(checked).containsExactly(A);
    }

    @Test
    void onlyReadyConnections_arePicked() {
        resolve(A, B);

        channel.to(B).becomes(ConnectivityState.READY);

        assertThat(channel.state).isEqualTo(ConnectivityState.READY);
        for (int i = 0; i < 20; i++) {
            assertThat(pick().getSubchannel()).isSameAs(channel.to(B));
        }
    }

    @Test
    void connectionsThatAreMadeAtTheSameTime_makeOnePicker() {
        resolve(IntStream.range(1, 100)
                .mapToObj(i -> Endpoint.builder("10.0.1." + i, 8080).build())
                .toArray(Endpoint[]::new));
        int before = channel.updates;

        channel.context.execute(
                () -> channel.subchannels.forEach(subchannel -> subchannel.becomes(ConnectivityState.READY)));

        assertThat(channel.updates - before).isEqualTo(1);
        assertThat(pick().getSubchannel()).isNotNull();
    }

    @Test
    void endpointsOutsideTheSubset_areNotConnectedTo_andThoseThatLeaveItAreLeft() {
        EndpointsPerClient[] setting = {EndpointsPerClient.of(40)};
        ClusterRegistry large = ClusterRegistry.driven(
                source,
                resource -> ClusterSettings.of(new P2cLeastRequest(random))
                        .withPolicy(PolicySettings.DEFAULT.withEndpointsPerClient(setting[0])),
                clock,
                random);
        Cluster orders = large.cluster(ORDERS);
        source.publish(
                ORDERS,
                IntStream.range(1, 200)
                        .mapToObj(i -> Endpoint.builder("10.0.1." + i, 8080).build())
                        .toArray(Endpoint[]::new));
        balancer.acceptResolvedAddresses(ResolvedAddresses.newBuilder()
                .setAddresses(List.of())
                .setAttributes(Attributes.newBuilder()
                        .set(XdsLbNameResolver.CLUSTER, orders)
                        .build())
                .build());
        assertThat(channel.subchannels).hasSize(40);

        setting[0] = EndpointsPerClient.of(20);
        large.settingsChanged();
        assertThat(channel.subchannels)
                .hasSize(40)
                .filteredOn(left -> left.shutdown)
                .hasSize(20);

        setting[0] = EndpointsPerClient.of(40);
        large.settingsChanged();
        assertThat(channel.subchannels)
                .hasSize(60)
                .filteredOn(left -> !left.shutdown)
                .hasSize(40);
    }

    @Test
    void afterTheEnd_nothingIsPublished() {
        resolve(A);
        int before = channel.updates;

        channel.context.execute(() -> {
            channel.to(A).becomes(ConnectivityState.READY);
            balancer.shutdown();
        });

        assertThat(channel.updates).isEqualTo(before);
    }

    @Test
    void connectionsOfEndpointsThatStay_areKept() {
        Endpoint replacementOfB =
                Endpoint.builder("10.0.0.2", 8080).pod("b2", "uid-b2").build();
        resolve(A, B);
        channel.subchannels.forEach(subchannel -> subchannel.becomes(ConnectivityState.READY));
        FakeHelper.FakeSubchannel toB = channel.to(B);

        resolve(replacementOfB, A);

        assertThat(channel.subchannels).hasSize(3);
        assertThat(toB.shutdown).isTrue();
        assertThat(channel.to(A).shutdown).isFalse();
        assertThat(pick().getSubchannel()).isSameAs(channel.to(A));
    }

    @Test
    void connectionThatGoesIdle_isMadeAgainAndNotPickedUntilThen() {
        resolve(A, B);
        channel.subchannels.forEach(subchannel -> subchannel.becomes(ConnectivityState.READY));

        channel.to(A).becomes(ConnectivityState.IDLE);

        assertThat(channel.to(A).connectionRequests).isEqualTo(2);
        for (int i = 0; i < 20; i++) {
            assertThat(pick().getSubchannel()).isSameAs(channel.to(B));
        }
    }

    @Test
    void endpointsThatAllFail_keepFailingCallsUntilOneSucceeds() {
        resolve(A, B);
        channel.to(A).fails(new IOException("refused by A"));
        assertThat(channel.state).isEqualTo(ConnectivityState.CONNECTING);

        channel.to(B).fails(new IOException("refused by B"));
        assertThat(channel.state).isEqualTo(ConnectivityState.TRANSIENT_FAILURE);
        channel.to(A).becomes(ConnectivityState.IDLE);
        channel.to(A).becomes(ConnectivityState.CONNECTING);

        assertThat(channel.state).isEqualTo(ConnectivityState.TRANSIENT_FAILURE);
        assertThat(pick().getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(pick().getStatus().getDescription())
                .isEqualTo("no endpoint of orders.shop:8080 can be connected to: "
                        + "10.0.0.1:8080 (refused by A), 10.0.0.2:8080 (refused by B)");

        channel.to(A).becomes(ConnectivityState.READY);
        assertThat(pick().getSubchannel()).isSameAs(channel.to(A));
    }

    @Test
    void longListOfUnreachableEndpoints_isCutShort() {
        Endpoint[] seven = new Endpoint[7];
        for (int i = 0; i < seven.length; i++) {
            seven[i] = Endpoint.builder("10.0.1." + i, 8080).build();
        }
        resolve(seven);

        channel.subchannels.forEach(subchannel -> subchannel.fails(new IOException("no route")));

        assertThat(pick().getStatus().getDescription()).endsWith("10.0.1.4:8080 (no route) and 2 more");
    }

    @Test
    void pickThatIsDropped_countsNothing() {
        resolve(A);
        channel.to(A).becomes(ConnectivityState.READY);

        pick();

        assertThat(inFlight()).isZero();
    }

    @Test
    void callThatNeverReachedTheConnection_saysNothingAboutTheEndpoint() {
        resolve(A);
        channel.to(A).becomes(ConnectivityState.READY);

        for (int i = 0; i < 10; i++) {
            ClientStreamTracer tracer = call();
            assertThat(inFlight()).isEqualTo(1);
            tracer.streamClosed(Status.UNAVAILABLE.withDescription("no token"));
        }

        assertThat(inFlight()).isZero();
        assertThat(load().consecutiveFailures()).isZero();
    }

    /** A server's maximum connection age ends a connection that the call was just handed to; grpc-java sends it elsewhere. */
    @Test
    void callThatItsConnectionWasTooLateToSend_saysNothingAboutTheEndpoint() {
        resolve(A);
        channel.to(A).becomes(ConnectivityState.READY);

        ClientStreamTracer unsent = call();
        unsent.streamCreated(Attributes.EMPTY, new Metadata());
        unsent.streamClosed(Status.UNAVAILABLE.withDescription("GOAWAY shut down transport"));

        assertThat(inFlight()).isZero();
        assertThat(load().failed()).isZero();

        ClientStreamTracer sent = call();
        sent.streamCreated(Attributes.EMPTY, new Metadata());
        sent.outboundHeaders();
        sent.streamClosed(Status.UNAVAILABLE.withDescription("Connection reset by peer"));

        assertThat(load().failed()).isEqualTo(1);
    }

    @Test
    void callToAnEndpointThatWasRemoved_isStillCountedOut() {
        resolve(A);
        channel.to(A).becomes(ConnectivityState.READY);
        EndpointLoad load = load();
        ClientStreamTracer tracer = call();

        resolve(B);
        assertThat(load.inFlight()).isEqualTo(1);
        tracer.streamClosed(Status.OK);

        assertThat(load.inFlight()).isZero();
    }

    @Test
    void ejectedEndpoint_isNotSettledForWhileAnotherIsBeingConnectedTo() {
        resolve(A, B);
        channel.to(A).becomes(ConnectivityState.READY);
        for (int i = 0; i < 5; i++) {
            fail(A);
        }
        resolve(A, B);

        assertThat(pick().hasResult()).isFalse();
        channel.to(B).becomes(ConnectivityState.READY);
        assertThat(pick().getSubchannel()).isSameAs(channel.to(B));
    }

    @Test
    void ejectedEndpointWhoseTimeIsUp_isProbedByOneCall() {
        resolve(A, B);
        channel.subchannels.forEach(subchannel -> subchannel.becomes(ConnectivityState.READY));
        for (int i = 0; i < 5; i++) {
            fail(A);
        }
        for (int i = 0; i < 20; i++) {
            clock.advance(ClusterRegistry.TICK);
            clusters.tick();
        }
        resolve(A, B);

        PickResult probe = pick();
        assertThat(probe.getSubchannel()).isSameAs(channel.to(A));
        for (int i = 0; i < 20; i++) {
            assertThat(pick().getSubchannel()).isSameAs(channel.to(B));
        }

        ClientStreamTracer tracer = tracerOf(probe);
        tracer.streamCreated(Attributes.EMPTY, new Metadata());
        tracer.streamClosed(Status.OK);
        assertThat(cluster.picker().plan().ejected()).isZero();
    }

    @Test
    void strategyThatThrows_failsCallsAndNotTheChannel() {
        resolve(A);
        channel.to(A).becomes(ConnectivityState.READY);

        pickFailure = new IllegalStateException("no hash key");

        assertThat(pick().getStatus().getCode()).isEqualTo(Code.INTERNAL);
        assertThat(pick().getStatus().getDescription())
                .isEqualTo("strategy fragile of orders.shop:8080 failed: java.lang.IllegalStateException: no hash key");
        pickFailure = null;
        assertThat(pick().getSubchannel()).isSameAs(channel.to(A));
    }

    @Test
    void strategyThatMakesNoPicker_leavesTheChannelTheLastOneOfTheCluster() {
        resolve(A);
        pickerFailure = new IllegalStateException("too few");

        channel.to(A).becomes(ConnectivityState.READY);

        assertThat(pick().getSubchannel()).isSameAs(channel.to(A));
    }

    @Test
    void strategy_seesHeadersAndMethod() {
        Metadata headers = new Metadata();
        Metadata.Key<String> tenant = Metadata.Key.of("tenant", Metadata.ASCII_STRING_MARSHALLER);
        headers.put(tenant, "first");
        headers.put(tenant, "second");

        RequestAttributes attributes = new CallAttributes(new FakeArgs(EchoServer.SAY, headers));

        assertThat(attributes.header("Tenant")).isEqualTo("first");
        assertThat(attributes.header("other")).isNull();
        assertThat(attributes.header("trace-bin")).isNull();
        assertThat(attributes.path()).isEqualTo("/test.Echo/Say");
    }

    @Test
    void callForAShard_waitsForItsConnections_andFailsWhereNoneCanBeMade() {
        Endpoint first = Endpoint.builder("10.0.0.1", 8080).shard("1").build();
        Endpoint second = Endpoint.builder("10.0.0.2", 8080).shard("2").build();
        resolve(sharded, first, second);
        channel.to(first).becomes(ConnectivityState.READY);

        assertThat(pick("1").getSubchannel()).isSameAs(channel.to(first));
        assertThat(pick("2").hasResult()).as("still connecting").isFalse();

        channel.to(second).fails(new ConnectException("Connection refused"));
        assertThat(pick("2").getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(pick("2").getStatus().getDescription())
                .contains("the request asks for shard=2 (from header:x-shard)");
        assertThat(pick("3").getStatus().getDescription()).contains("no endpoint has it; values that exist: 1, 2");

        channel.to(second).becomes(ConnectivityState.READY);
        PickResult picked = pick("2");
        assertThat(picked.getSubchannel()).isSameAs(channel.to(second));
        assertThat(pick("2")).as("nothing is made for each call").isSameAs(picked);
    }

    @Test
    void addressesOfAnotherResolver_areRefusedWithAnExplanation() {
        Status status = balancer.acceptResolvedAddresses(ResolvedAddresses.newBuilder()
                .setAddresses(List.of(new EquivalentAddressGroup(new InetSocketAddress("10.0.0.1", 80))))
                .build());

        assertThat(status.isOk()).isFalse();
        assertThat(pick().getStatus().getDescription())
                .startsWith("load-balancing policy \"xdslb\" has the addresses of another resolver");
    }

    @Test
    void shutdown_closesEveryConnection() {
        resolve(A, B);

        balancer.shutdown();

        assertThat(channel.subchannels).allMatch(subchannel -> subchannel.shutdown);
    }

    private ClusterSettings settings(String resource) {
        ClusterSettings settings = ClusterSettings.of(new Fragile());
        return resource.equals(SHARDED)
                ? settings.withSubset(SubsetSettings.of(SubsetSettings.SHARD, RequestKey.parse("header:x-shard")))
                : settings;
    }

    private void resolve(Endpoint... endpoints) {
        resolve(cluster, endpoints);
    }

    private void resolve(Cluster of, Endpoint... endpoints) {
        source.publish(of.resource(), endpoints);
        balancer.acceptResolvedAddresses(ResolvedAddresses.newBuilder()
                .setAddresses(Arrays.stream(endpoints)
                        .map(XdsLbLoadBalancerTest::addressOf)
                        .toList())
                .setAttributes(Attributes.newBuilder()
                        .set(XdsLbNameResolver.CLUSTER, of)
                        .build())
                .build());
    }

    private static EquivalentAddressGroup addressOf(Endpoint endpoint) {
        return new EquivalentAddressGroup(
                new InetSocketAddress(endpoint.key().host(), endpoint.key().port()),
                Attributes.newBuilder()
                        .set(XdsLbNameResolver.ENDPOINT, endpoint.key())
                        .build());
    }

    private PickResult pick() {
        return channel.picker.pickSubchannel(new FakeArgs(EchoServer.SAY, new Metadata()));
    }

    private PickResult pick(String shard) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("x-shard", Metadata.ASCII_STRING_MARSHALLER), shard);
        return channel.picker.pickSubchannel(new FakeArgs(EchoServer.SAY, headers));
    }

    private ClientStreamTracer call() {
        return tracerOf(pick());
    }

    private static ClientStreamTracer tracerOf(PickResult result) {
        return result.getStreamTracerFactory()
                .newClientStreamTracer(
                        ClientStreamTracer.StreamInfo.newBuilder().build(), new Metadata());
    }

    private EndpointLoad load() {
        return candidate(A).endpointLoad();
    }

    private int inFlight() {
        return load().inFlight();
    }

    private void fail(Endpoint endpoint) {
        Lease lease = cluster.lease(candidate(endpoint));
        lease.end(Outcome.FAILURE);
    }

    private Candidate candidate(Endpoint endpoint) {
        return cluster.picker()
                .restrictedTo(endpoint::equals)
                .plan()
                .groups()
                .get(0)
                .get(0);
    }

    /** Works until it is told to fail. */
    private final class Fragile implements LoadBalancingStrategy {
        private final LoadBalancingStrategy sound = new P2cLeastRequest(random);

        @Override
        public String name() {
            return "fragile";
        }

        @Override
        public Picker picker(Pool pool) {
            if (pickerFailure != null) {
                throw pickerFailure;
            }
            Picker picker = sound.picker(pool);
            return request -> {
                if (pickFailure != null) {
                    throw pickFailure;
                }
                return picker.pick(request);
            };
        }
    }

    private static final class FakeArgs extends PickSubchannelArgs {
        private final MethodDescriptor<?, ?> method;
        private final Metadata headers;

        private FakeArgs(MethodDescriptor<?, ?> method, Metadata headers) {
            this.method = method;
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
            return method;
        }
    }
}
