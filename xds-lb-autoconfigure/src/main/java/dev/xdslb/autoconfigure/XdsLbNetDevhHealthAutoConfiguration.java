/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.observe.GrpcChannelsHealthIndicator;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the health contributor {@code grpcChannel} of net.devh's starter 3.1.0, which is not
 * there on Spring Boot 4 because the class that it depends on has moved. Where the starter's own is in force, this one is not.
 */
@AutoConfiguration(
        afterName = {
            "net.devh.boot.grpc.client.autoconfigure.GrpcClientAutoConfiguration",
            "net.devh.boot.grpc.client.autoconfigure.GrpcClientHealthAutoConfiguration"
        },
        beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnClass({GrpcChannelFactory.class, HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBooleanProperty(name = "xds-lb.enabled", matchIfMissing = true)
public final class XdsLbNetDevhHealthAutoConfiguration {

    @Bean
    @ConditionalOnEnabledHealthIndicator("grpc-channel")
    @ConditionalOnBean(GrpcChannelFactory.class)
    @ConditionalOnMissingBean(name = {"grpcChannelHealthIndicator", "grpcChannelHealthContributor"})
    GrpcChannelsHealthIndicator grpcChannelHealthIndicator(GrpcChannelFactory channels) {
        return new GrpcChannelsHealthIndicator(channels::getConnectivityState);
    }
}
