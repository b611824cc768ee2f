/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.envoyproxy.envoy.service.status.v3.ClientStatusResponse;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalCallersOnlyTest {

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "::ffff:127.0.0.1"})
    void callerOnTheSameMachine_isLocal(String address) throws UnknownHostException {
        assertThat(LocalCallersOnly.isLocal(new InetSocketAddress(InetAddress.getByName(address), 1)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "192.168.1.1", "fd00::1", "127.0.0.6", "127.8.9.1"})
    void callerFromElsewhere_orOfIstiosProxy_isNotLocal(String address) throws UnknownHostException {
        assertThat(LocalCallersOnly.isLocal(new InetSocketAddress(InetAddress.getByName(address), 1)))
                .isFalse();
        assertThat(LocalCallersOnly.isLocal(null)).isFalse();
    }

    @Test
    void callFromElsewhere_isRefused_andWhatCanBeDoneIsSaid() throws UnknownHostException {
        Call call = new Call(new InetSocketAddress(InetAddress.getByName("10.0.0.1"), 1));
        new LocalCallersOnly().interceptCall(call, new Metadata(), (next, headers) -> {
            throw new AssertionError("the call goes on");
        });

        assertThat(call.closed).isNotNull();
        assertThat(call.closed.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(call.closed.getDescription())
                .contains("10.0.0.1", "kubectl port-forward", "xds-lb.control-plane.server.client-status=all");
    }

    @Test
    void callOnTheSameMachine_goesOn() {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("user-agent", Metadata.ASCII_STRING_MARSHALLER), "grpcurl");
        Call call = new Call(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
        AtomicBoolean goesOn = new AtomicBoolean();
        new LocalCallersOnly().interceptCall(call, headers, (next, same) -> {
            goesOn.set(true);
            return new ServerCall.Listener<>() {};
        });

        assertThat(goesOn).isTrue();
        assertThat(call.closed).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Forwarded-For", "x-forwarded-client-cert", "x-envoy-attempt-count", "forwarded"})
    void callOfAProxyOnTheSameMachine_isRefused(String header) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER), "10.0.0.1");
        Call call = new Call(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
        new LocalCallersOnly().interceptCall(call, headers, (next, same) -> {
            throw new AssertionError("the call goes on");
        });

        assertThat(call.closed).isNotNull();
        assertThat(call.closed.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(call.closed.getDescription()).contains("by a proxy", header.toLowerCase(Locale.ROOT));
    }

    private static final class Call extends ServerCall<ClientStatusRequest, ClientStatusResponse> {
        private final SocketAddress caller;
        private @Nullable Status closed;

        Call(SocketAddress caller) {
            this.caller = caller;
        }

        @Override
        public Attributes getAttributes() {
            return Attributes.newBuilder()
                    .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, caller)
                    .build();
        }

        @Override
        public void close(Status status, Metadata trailers) {
            closed = status;
        }

        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void sendMessage(ClientStatusResponse message) {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public MethodDescriptor<ClientStatusRequest, ClientStatusResponse> getMethodDescriptor() {
            return ClientStatusDiscoveryServiceGrpc.getFetchClientStatusMethod();
        }
    }
}
