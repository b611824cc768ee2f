/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets nobody call but who is on this machine, as {@code kubectl port-forward} is. Whoever may forward ports may see what the
 * pod knows; a pod of any other service that may ask for endpoints may not see what its neighbours ask for. So does Istio with
 * its debug views, where it knows no identity.
 *
 * <p>A proxy beside the control plane makes everybody local: Istio's calls from 127.0.0.6, and others from 127.0.0.1 with
 * headers that say for whom. Neither is let in. One that says nothing cannot be told from a person.
 */
final class LocalCallersOnly implements ServerInterceptor {
    private static final Set<String> LOCAL = Set.of("127.0.0.1", "0:0:0:0:0:0:0:1"); // the latter is ::1

    /** What proxies say of the caller behind them. */
    private static final Set<String> FORWARDED = Set.of("forwarded", "x-forwarded-for", "x-forwarded-client-cert");

    private static final String OF_ENVOY = "x-envoy-";

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        SocketAddress caller = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        Optional<String> forwarded =
                headers.keys().stream().filter(LocalCallersOnly::isOfAProxy).findFirst();
        if (isLocal(caller) && forwarded.isEmpty()) {
            return next.startCall(call, headers);
        }
        call.close(
                Status.PERMISSION_DENIED.withDescription("called from " + caller
                        + forwarded
                                .map(header -> " by a proxy, with the header " + ClientText.shown(header))
                                .orElse("")
                        + " (expected: from the control plane's own machine, as by kubectl port-forward;"
                        + " or xds-lb.control-plane.server.client-status=all)"),
                new Metadata());
        return new ServerCall.Listener<>() {};
    }

    /** Of the addresses of this machine, those that are not a proxy's. An address that is none of a network is one within this process. */
    static boolean isLocal(@Nullable SocketAddress caller) {
        if (caller instanceof InetSocketAddress address) {
            return address.getAddress() != null
                    && LOCAL.contains(address.getAddress().getHostAddress());
        }
        return caller != null;
    }

    private static boolean isOfAProxy(String header) {
        return FORWARDED.contains(header) || header.startsWith(OF_ENVOY);
    }
}
