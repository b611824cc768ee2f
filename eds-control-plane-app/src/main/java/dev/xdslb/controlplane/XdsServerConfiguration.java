/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.ads.ResourceStore;
import dev.xdslb.controlplane.ads.XdsServer;
import dev.xdslb.controlplane.ads.XdsServerCustomizer;
import dev.xdslb.controlplane.ads.XdsServerSettings;
import dev.xdslb.controlplane.fault.Faults;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** From the resources to the clients. */
@Configuration(proxyBeanMethods = false)
class XdsServerConfiguration {

    @Bean
    StreamMeters streamMeters(ObjectProvider<MeterRegistry> registry) {
        return new StreamMeters(registry.getIfAvailable(SimpleMeterRegistry::new));
    }

    @Bean
    XdsServer xdsServer(
            ResourceStore store,
            ControlPlaneProperties properties,
            Faults faults,
            StreamMeters meters,
            ObjectProvider<SslBundles> bundles,
            ObjectProvider<XdsServerCustomizer> customizers) {
        List<XdsServerCustomizer> all = new ArrayList<>();
        ControlPlaneProperties.Server server = properties.server();
        String bundle = server.ssl().bundle();
        if (bundle != null && !bundle.isBlank()) {
            all.add(ServerTls.of(bundle, server.ssl().clientAuth(), bundles.getObject(), faults));
        }
        customizers.orderedStream().forEach(all::add);
        XdsServerSettings settings = new XdsServerSettings(
                properties.address(),
                properties.port(),
                properties.trustInitialVersions(),
                server.newStreamsPerSecond(),
                server.requestsPerSecond(),
                atLeast(Duration.ofSeconds(1), "max-connection-age", server.maxConnectionAge()),
                server.clientStatus(),
                atLeast(Duration.ZERO, "drain", server.drain()));
        return new XdsServer(store, settings, faults, all, meters);
    }

    private static Duration atLeast(Duration least, String name, Duration value) {
        if (value.compareTo(least) < 0) {
            throw new InvalidConfigurationPropertyValueException(
                    "xds-lb.control-plane.server." + name, value, "it must be at least " + least.toSeconds() + "s");
        }
        return value;
    }
}
