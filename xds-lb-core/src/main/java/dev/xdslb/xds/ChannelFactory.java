/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import org.apiguardian.api.API;

/**
 * Starts the channel to the control plane; the place for whatever a network asks for. Keepalive and message sizes are set
 * afterwards. Asked again when a channel could not connect, so that nothing of the failed attempt lives on.
 */
@API(status = API.Status.STABLE)
@FunctionalInterface
public interface ChannelFactory {

    /** Plain text, over whatever gRPC transport the application has. */
    ChannelFactory PLAINTEXT = of(InsecureChannelCredentials.create());

    /** Returns a factory of channels that find the control plane by DNS and use these credentials. */
    static ChannelFactory of(ChannelCredentials credentials) {
        return new ChannelFactory() {
            @Override
            public void resolve(String address) throws IOException {
                InetAddress.getAllByName(address.substring(0, address.lastIndexOf(':')));
            }

            @Override
            public ManagedChannelBuilder<?> newChannelBuilder(String address) {
                return Grpc.newChannelBuilder("dns:///" + address, credentials);
            }
        };
    }

    /** Returns a builder of a channel to {@code host:port}. Does not block. */
    ManagedChannelBuilder<?> newChannelBuilder(String address);

    /**
     * Makes sure that the host of {@code host:port} has an address at all, before a channel is built. A channel would find
     * out by itself, but log a warning of its own at every attempt. May block.
     *
     * @throws IOException when it has none; the message names the host
     */
    default void resolve(String address) throws IOException {}
}
