/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import io.grpc.netty.NettyServerBuilder;

/**
 * Changes the xDS server before it is built: every bean of this type is called at each start, in the order of the beans,
 * after the control plane's own settings and those of {@code xds-lb.control-plane.server.ssl}. What it throws keeps the
 * server from starting.
 */
@FunctionalInterface
public interface XdsServerCustomizer {

    void customize(NettyServerBuilder builder);
}
