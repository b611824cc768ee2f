/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.endpoint.EndpointKey;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CallAttemptsTest {
    private final AtomicInteger told = new AtomicInteger();

    /** As a hedged call of grpc-java does whose cancel meets its start: it throws, and closes nothing. */
    @Test
    void cancelThatThrows_endsTheAttempts() {
        ThrowingChannel channel = new ThrowingChannel();
        ClientCall<String, String> call =
                CallAttempts.INTERCEPTOR.interceptCall(EchoServer.SAY, CallOptions.DEFAULT, channel);
        CallAttempts.begin(channel.options, new EndpointKey("", "10.0.0.1", 80), new Metadata(), told::incrementAndGet);

        assertThatThrownBy(() -> call.cancel("not needed", null)).isInstanceOf(IllegalStateException.class);

        assertThat(told).hasPositiveValue();
    }

    private static final class ThrowingChannel extends Channel {
        private CallOptions options = CallOptions.DEFAULT;

        @Override
        public <Q, P> ClientCall<Q, P> newCall(MethodDescriptor<Q, P> method, CallOptions callOptions) {
            options = callOptions;
            return new ClientCall<>() {
                @Override
                public void start(Listener<P> listener, Metadata headers) {}

                @Override
                public void request(int messages) {}

                @Override
                public void cancel(@Nullable String message, @Nullable Throwable cause) {
                    throw new IllegalStateException("not started");
                }

                @Override
                public void halfClose() {}

                @Override
                public void sendMessage(Q message) {}
            };
        }

        @Override
        public String authority() {
            return "orders";
        }
    }
}
