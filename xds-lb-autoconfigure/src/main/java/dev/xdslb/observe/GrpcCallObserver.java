/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import io.grpc.ManagedChannelBuilder;

/** Looks at the calls of gRPC channels. Names nothing of Micrometer, which need not be there. */
@FunctionalInterface
public interface GrpcCallObserver {

    /** Looks at the calls of a channel that is about to be built. */
    void observe(ManagedChannelBuilder<?> channel);
}
