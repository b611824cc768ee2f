/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.endpoint.EndpointKey;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that the attempts of one call went to, so that a retry goes to another one. grpc-java makes a pick for each attempt
 * and links them by nothing but the call's options.
 *
 * <p>Written by the threads that begin attempts, under the lock; read by picks, without it.
 */
final class CallAttempts {
    /** Gives each call of a channel what its attempts are linked by. */
    static final ClientInterceptor INTERCEPTOR = new ClientInterceptor() {
        @Override
        public <Q, P> ClientCall<Q, P> interceptCall(
                MethodDescriptor<Q, P> method, CallOptions options, Channel channel) {
            return channel.newCall(method, options.withOption(KEY, new CallAttempts()));
        }
    };

    private static final CallOptions.Key<@Nullable CallAttempts> KEY =
            CallOptions.Key.create("dev.xdslb.grpc.attempts");

    private volatile List<EndpointKey> tried = List.of();

    private CallAttempts() {}

    /** Returns where attempts of this call went before; none where the channel does not link them. */
    static List<EndpointKey> triedBy(CallOptions call) {
        CallAttempts attempts = call.getOption(KEY);
        return attempts == null ? List.of() : attempts.tried;
    }

    /** Learns that an attempt of this call goes to an endpoint. */
    static void begin(CallOptions call, EndpointKey endpoint) {
        CallAttempts attempts = call.getOption(KEY);
        if (attempts != null) {
            attempts.add(endpoint);
        }
    }

    private synchronized void add(EndpointKey endpoint) {
        if (tried.isEmpty()) {
            tried = List.of(endpoint);
        } else if (!tried.contains(endpoint)) {
            List<EndpointKey> more = new ArrayList<>(tried);
            more.add(endpoint);
            tried = List.copyOf(more);
        }
    }
}
