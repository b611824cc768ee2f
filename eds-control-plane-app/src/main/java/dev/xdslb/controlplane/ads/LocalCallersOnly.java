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
import org.jspecify.annotations.Nullable;

/**
 * Lets nobody call but who is on this machine, as {@code kubectl port-forward} is. Whoever may forward ports may see what the
 * pod knows; a pod of any other service that may ask for endpoints may not see what its neighbours ask for. So does Istio with
 * its debug views, where it knows no identity.
 */
final class LocalCallersOnly implements ServerInterceptor {

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        SocketAddress caller = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (isLocal(caller)) {
            return next.startCall(call, headers);
        }
        call.close(
                Status.PERMISSION_DENIED.withDescription("called from " + caller
                        + " (expected: from the control plane's own machine, as by kubectl port-forward;"
                        + " or xds-lb.control-plane.server.client-status=all)"),
                new Metadata());
        return new ServerCall.Listener<>() {};
    }

    /** An address that is none of a network is one within this process. */
    static boolean isLocal(@Nullable SocketAddress caller) {
        if (caller instanceof InetSocketAddress address) {
            return address.getAddress() != null && address.getAddress().isLoopbackAddress();
        }
        return caller != null;
    }
}
