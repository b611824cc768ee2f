/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannelBuilder;

/**
 * Starts the channel to the control plane; the place for credentials and whatever else a network asks for. Keepalive and
 * message sizes are set afterwards. Asked again when a channel could not connect, so that nothing of the failed attempt
 * lives on.
 */
@FunctionalInterface
public interface ChannelFactory {

    /** Plain text, over whatever gRPC transport the application has. */
    ChannelFactory PLAINTEXT =
            address -> Grpc.newChannelBuilder("dns:///" + address, InsecureChannelCredentials.create());

    /** Returns a builder of a channel to {@code host:port}. */
    ManagedChannelBuilder<?> newChannelBuilder(String address);
}
