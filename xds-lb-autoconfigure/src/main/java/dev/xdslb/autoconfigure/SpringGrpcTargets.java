/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.grpc.client.VirtualTargets;

/**
 * What the channels of Spring gRPC are built for. Whoever customizes one is told its name only: Boot's factory looks the target up in
 * {@code spring.grpc.client.channel.<name>.target}, by a {@link VirtualTargets} that is no bean.
 */
final class SpringGrpcTargets {
    private static final String CHANNELS = "spring.grpc.client.channel";

    private final Environment environment;
    private final ObjectProvider<VirtualTargets> ownTargets;

    /**
     * Makes those of one application.
     *
     * @param ownTargets asked where the application declares one
     */
    SpringGrpcTargets(Environment environment, ObjectProvider<VirtualTargets> ownTargets) {
        this.environment = environment;
        this.ownTargets = ownTargets;
    }

    /** Returns the target of a channel of this name; the name itself where nothing says otherwise, since it may be a target. */
    String of(String name) {
        VirtualTargets own = ownTargets.getIfUnique();
        if (own != null) {
            return own.getTarget(name);
        }
        Map<String, Channel> channels = Binder.get(environment)
                .bind(CHANNELS, Bindable.mapOf(String.class, Channel.class))
                .orElse(Map.of());
        Channel channel = channels.get(name);
        return channel == null || channel.target() == null ? environment.resolvePlaceholders(name) : channel.target();
    }

    /** What we read of the properties of a channel. */
    record Channel(@Nullable String target) {}
}
