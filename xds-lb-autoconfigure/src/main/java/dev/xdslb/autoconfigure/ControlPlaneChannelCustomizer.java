/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import io.grpc.ManagedChannelBuilder;

/**
 * Changes the channel to the control plane, for what a network asks for: another authority, a proxy, interceptors with a token.
 * All beans of this type are called for each channel that is built, in their order; there is a new one after each failure to
 * connect. TLS is set by {@code xds-lb.control-plane.ssl.bundle}.
 *
 * <p>Keepalive, the size of messages, retries and the service config are set afterwards, because xDS needs them as they are.
 */
@FunctionalInterface
public interface ControlPlaneChannelCustomizer {

    /** Changes the builder. Must not build. Where it throws, the attempt to connect fails, and is made again later. */
    void customize(ManagedChannelBuilder<?> builder);
}
