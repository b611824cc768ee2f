/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.ads.ResourceStore;
import dev.xdslb.controlplane.ads.XdsServer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** From the resources to the clients. */
@Configuration(proxyBeanMethods = false)
class XdsServerConfiguration {

    @Bean
    XdsServer xdsServer(ResourceStore store, ControlPlaneProperties properties) {
        return new XdsServer(store, properties.address(), properties.port(), properties.trustInitialVersions());
    }
}
