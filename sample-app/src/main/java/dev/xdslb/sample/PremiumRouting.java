/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cEwma;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes a strategy of the application's own known; it is used where {@code application.yml} names it. */
@Configuration(proxyBeanMethods = false)
class PremiumRouting {

    @Bean
    LoadBalancingStrategy premiumFirst() {
        return new PremiumFirst(new P2cEwma());
    }
}
