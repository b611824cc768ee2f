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
import dev.xdslb.controlplane.topology.ClusterView;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.Topology;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** From the resources to the clients. */
@Configuration(proxyBeanMethods = false)
class XdsServerConfiguration {
    private static final Logger log = LoggerFactory.getLogger(XdsServerConfiguration.class);

    @Bean
    @ConditionalOnProperty("xds-lb.control-plane.peers")
    StaleReplica staleReplica(ControlPlaneProperties properties, Topology topology, XdsServer server, Faults faults) {
        KubernetesClusterName own = new KubernetesClusterName(properties.kubernetesCluster());
        ServiceKey service = peers(properties.peers());
        Peers peers = new Peers(own);
        return new StaleReplica(
                properties.maxStaleness(),
                () -> age(topology, own),
                () -> Peers.of(topology, service),
                peers::heard,
                StaleReplica.Clients.of(server),
                faults);
    }

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
            log.info(
                    "xDS is served over TLS; certificates of clients: {}",
                    server.ssl().clientAuth());
        } else {
            log.info("xDS is served without TLS: xds-lb.control-plane.server.ssl.bundle names no bundle");
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

    /** What is watched is not stale, however long nothing was to be said. */
    private static Duration age(Topology topology, KubernetesClusterName own) {
        return topology.clusters().stream()
                .filter(cluster -> cluster.name().equals(own))
                .map(cluster -> cluster.state() == ClusterView.State.SYNCED ? Duration.ZERO : cluster.age())
                .findFirst()
                .orElse(Duration.ZERO);
    }

    private static ServiceKey peers(@Nullable String text) {
        List<String> parts = text == null ? List.of() : List.of(text.split("\\.", -1));
        if (parts.size() != 2 || parts.get(0).isBlank() || parts.get(1).isBlank()) {
            throw new InvalidConfigurationPropertyValueException(
                    "xds-lb.control-plane.peers",
                    text,
                    "expected: <service>.<namespace>, the control plane's own Service");
        }
        return new ServiceKey(parts.get(1), parts.get(0));
    }
}
