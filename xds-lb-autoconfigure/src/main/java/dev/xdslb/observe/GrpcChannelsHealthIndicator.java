/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import io.grpc.ConnectivityState;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * How the channels of net.devh's starter are, as that starter says it where its own indicator is in force: {@code OUT_OF_SERVICE} while one of
 * them has failed to connect, else {@code UP}, with the state of each.
 */
public final class GrpcChannelsHealthIndicator extends AbstractHealthIndicator {
    private final Supplier<Map<String, ConnectivityState>> channels;

    /**
     * Makes the indicator.
     *
     * @param channels the state of each channel that was made, by its name
     */
    public GrpcChannelsHealthIndicator(Supplier<Map<String, ConnectivityState>> channels) {
        super("gRPC channels: looking at their state failed");
        this.channels = channels;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        Map<String, ConnectivityState> states = new TreeMap<>(channels.get());
        if (states.containsValue(ConnectivityState.TRANSIENT_FAILURE)) {
            builder.outOfService();
        } else {
            builder.up();
        }
        states.forEach(builder::withDetail);
    }
}
