/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.endpoint.EndpointKey;
import io.grpc.ConnectivityState;
import io.grpc.LoadBalancer.Subchannel;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the connections of one channel are doing at one moment, as far as picks depend on it. Not changed any more.
 *
 * @param size how many connections there are
 * @param ready what calls can be sent to
 * @param awaited to whom a connection has been begun a moment ago
 * @param pending to whom a connection is being made, for however long; those of {@code awaited} too
 */
record ChannelView(int size, Map<EndpointKey, Subchannel> ready, Set<EndpointKey> awaited, Set<EndpointKey> pending) {

    static ChannelView of(Collection<EndpointConnection> connections, long now) {
        Map<EndpointKey, Subchannel> ready = new HashMap<>();
        Set<EndpointKey> awaited = new HashSet<>();
        Set<EndpointKey> pending = new HashSet<>();
        for (EndpointConnection connection : connections) {
            Subchannel subchannel = connection.subchannel();
            if (connection.state() == ConnectivityState.READY && subchannel != null) {
                ready.put(connection.key(), subchannel);
            } else if (connection.state() == ConnectivityState.CONNECTING) {
                pending.add(connection.key());
                if (connection.isAwaited(now)) {
                    awaited.add(connection.key());
                }
            }
        }
        return new ChannelView(connections.size(), ready, awaited, pending);
    }

    /** Returns the state of the channel. */
    ConnectivityState state() {
        if (!ready.isEmpty()) {
            return ConnectivityState.READY;
        }
        return pending.isEmpty() ? ConnectivityState.TRANSIENT_FAILURE : ConnectivityState.CONNECTING;
    }

    /** Returns whether there are endpoints, and none of them can be connected to. */
    boolean isUnreachable() {
        return size > 0 && state() == ConnectivityState.TRANSIENT_FAILURE;
    }
}
