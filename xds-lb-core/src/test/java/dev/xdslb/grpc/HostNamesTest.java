/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.endpoint.EndpointKey;
import io.grpc.ConnectivityState;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints that are given by a host name; DNS, the connections and the time do what the test says. */
class HostNamesTest {
    private final FakeHelper channel = new FakeHelper();
    private final FakeDns dns = new FakeDns();
    private int changes;

    HostNamesTest() {
        channel.resolvers.register(dns);
    }

    @Test
    void name_isResolvedByTheChannelsDns_andAllItsAddressesAreOneConnections() {
        EndpointConnection connection = connection("pay.example.test");
        assertThat(dns.target).hasToString("dns:///pay.example.test:8080");
        assertThat(channel.subchannels).as("nothing blocks meanwhile").isEmpty();
        assertThat(connection.state()).isEqualTo(ConnectivityState.CONNECTING);

        dns.answer("127.0.0.11", "127.0.0.12");

        assertThat(addresses(0)).containsExactly(address("127.0.0.11"), address("127.0.0.12"));
        assertThat(channel.subchannels.get(0).connectionRequests).isEqualTo(1);
    }

    @Test
    void failedConnection_isFollowedByAnotherLookUp_andNewAddressesAreTriedAtOnce() {
        EndpointConnection connection = connection("pay.example.test");
        dns.answer("127.0.0.11");
        channel.subchannels.get(0).becomes(ConnectivityState.READY);
        assertThat(dns.refreshes).isZero();

        channel.subchannels.get(0).becomes(ConnectivityState.IDLE);
        channel.subchannels.get(0).fails(new IOException("refused"));
        assertThat(dns.refreshes).isEqualTo(2);
        dns.answer("127.0.0.12");

        assertThat(channel.subchannels.get(0).shutdown).isTrue();
        assertThat(addresses(1)).containsExactly(address("127.0.0.12"));
        channel.subchannels.get(1).becomes(ConnectivityState.READY);
        assertThat(connection.state()).isEqualTo(ConnectivityState.READY);
    }

    @Test
    void endpointThatCannotBeConnectedTo_isLookedUpEachHalfMinute_untilItWorks() {
        connection("pay.example.test");
        dns.answer("127.0.0.11");
        channel.subchannels.get(0).fails(new IOException("refused"));
        assertThat(dns.refreshes).isEqualTo(1);

        channel.timers.advance(Duration.ofSeconds(61));
        assertThat(dns.refreshes).isEqualTo(3);

        channel.subchannels.get(0).becomes(ConnectivityState.READY);
        channel.timers.advance(Duration.ofMinutes(10));
        assertThat(dns.refreshes).isEqualTo(3);
    }

    @Test
    void addressesThatChangeWhileConnected_areTheConnectionsToKeepOrLeave() {
        connection("pay.example.test");
        dns.answer("127.0.0.11");
        channel.subchannels.get(0).becomes(ConnectivityState.READY);

        dns.answer("127.0.0.11", "127.0.0.12");

        assertThat(channel.subchannels).hasSize(1);
        assertThat(addresses(0)).containsExactly(address("127.0.0.11"), address("127.0.0.12"));
    }

    @Test
    void nameThatCannotBeResolved_isSaidAndTriedAgain() {
        EndpointConnection connection = connection("pay.example.test");
        dns.fail("Unable to resolve host pay.example.test");
        assertThat(connection.state()).isEqualTo(ConnectivityState.TRANSIENT_FAILURE);
        assertThat(connection.error().getDescription()).contains("Unable to resolve host pay.example.test");
        assertThat(changes).isPositive();

        channel.timers.advance(Duration.ofSeconds(1));
        assertThat(dns.refreshes).isEqualTo(1);
        dns.fail("Unable to resolve host pay.example.test");
        channel.timers.advance(Duration.ofSeconds(1));
        assertThat(dns.refreshes).as("the time to wait doubles").isEqualTo(1);
        channel.timers.advance(Duration.ofSeconds(1));
        assertThat(dns.refreshes).isEqualTo(2);

        dns.answer("127.0.0.11");
        channel.subchannels.get(0).becomes(ConnectivityState.READY);
        assertThat(connection.state()).isEqualTo(ConnectivityState.READY);
    }

    @Test
    void nameThatCannotBeResolvedAnyMore_leavesTheLastAddresses() {
        EndpointConnection connection = connection("pay.example.test");
        dns.answer("127.0.0.11");
        channel.subchannels.get(0).becomes(ConnectivityState.READY);

        dns.fail("Unable to resolve host");
        dns.answer();

        assertThat(connection.state()).isEqualTo(ConnectivityState.READY);
        assertThat(channel.subchannels.get(0).shutdown).isFalse();
    }

    @Test
    void dnsThatNeverAnswers_isNotWaitedForForEver() {
        EndpointConnection connection = connection("pay.example.test");

        channel.timers.advance(EndpointConnection.GIVEN_UP_AFTER);
        connection.look(channel.timers.nanos());

        assertThat(connection.state()).isEqualTo(ConnectivityState.TRANSIENT_FAILURE);
        assertThat(connection.error().getDescription()).contains("the question for its address");
        dns.answer("127.0.0.11");
        channel.subchannels.get(0).becomes(ConnectivityState.READY);
        assertThat(connection.state()).isEqualTo(ConnectivityState.READY);
    }

    @Test
    void endpointThatWent_isLookedUpNoMore() {
        EndpointConnection connection = connection("pay.example.test");
        dns.answer("127.0.0.11");
        channel.subchannels.get(0).fails(new IOException("refused"));

        connection.close();

        assertThat(dns.shutdown).isTrue();
        assertThat(channel.timers.waiting()).isZero();
        dns.answer("127.0.0.12");
        assertThat(channel.subchannels).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "2001:db8::1", "::1", "fe80::1"})
    void ipAddress_isNeverLookedUp(String host) {
        connection(host);

        assertThat(dns.target).isNull();
        assertThat(channel.subchannels).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "pay", "10-0-0-1.pods", "1.example", "1.2.3.4.5", "7"})
    void everythingElse_isAName(String host) {
        connection(host);

        assertThat(dns.target).isNotNull();
    }

    @Test
    void channelWithoutDns_saysSo() {
        channel.resolvers.deregister(dns);

        EndpointConnection connection = connection("pay.example.test");

        assertThat(connection.state()).isEqualTo(ConnectivityState.TRANSIENT_FAILURE);
        assertThat(connection.error().getDescription()).contains("no resolver for \"dns\"");
    }

    private EndpointConnection connection(String host) {
        EndpointConnection connection = new EndpointConnection(
                new EndpointKey("", host, 8080), channel, channel.timers::nanos, () -> changes++, failed -> {});
        connection.start();
        return connection;
    }

    private List<SocketAddress> addresses(int subchannel) {
        return channel.subchannels.get(subchannel).addresses.stream()
                .flatMap(group -> group.getAddresses().stream())
                .toList();
    }

    private static InetSocketAddress address(String ip) {
        return new InetSocketAddress(ip, 8080);
    }

    /** A name server that answers when the test says so. */
    private static final class FakeDns extends NameResolverProvider {
        private URI target;
        private NameResolver.Listener2 listener;
        private int refreshes;
        private boolean shutdown;

        void answer(String... ips) {
            List<EquivalentAddressGroup> groups = Arrays.stream(ips)
                    .map(ip -> new EquivalentAddressGroup(address(ip)))
                    .toList();
            listener.onResult2(NameResolver.ResolutionResult.newBuilder()
                    .setAddressesOrError(StatusOr.fromValue(new ArrayList<>(groups)))
                    .build());
        }

        void fail(String why) {
            listener.onResult2(NameResolver.ResolutionResult.newBuilder()
                    .setAddressesOrError(StatusOr.fromStatus(Status.UNAVAILABLE.withDescription(why)))
                    .build());
        }

        @Override
        public NameResolver newNameResolver(URI uri, NameResolver.Args args) {
            target = uri;
            return new NameResolver() {
                @Override
                public String getServiceAuthority() {
                    return "fake";
                }

                @Override
                public void start(Listener2 told) {
                    listener = told;
                }

                @Override
                public void refresh() {
                    refreshes++;
                }

                @Override
                public void shutdown() {
                    shutdown = true;
                }
            };
        }

        @Override
        public String getDefaultScheme() {
            return "dns";
        }

        @Override
        protected boolean isAvailable() {
            return true;
        }

        @Override
        protected int priority() {
            return 5;
        }
    }
}
