/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.kubernetes.InformerSource;
import dev.xdslb.controlplane.kubernetes.ObjectPruning;
import dev.xdslb.controlplane.manifests.ManifestSource;
import dev.xdslb.controlplane.resource.TopologyResourceStore;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologySource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** From the source to the resources. */
@Configuration(proxyBeanMethods = false)
class TopologyConfiguration {

    private static final String DIRECTORY = "xds-lb.control-plane.manifests.directory";

    /** {@link TopologyLifecycle} starts and closes it. */
    @Bean(destroyMethod = "")
    Topology topology(ControlPlaneProperties properties) {
        return new Topology(List.of(new KubernetesClusterName(properties.kubernetesCluster())));
    }

    @Bean
    TopologyResourceStore resourceStore(Topology topology) {
        return new TopologyResourceStore(topology);
    }

    @Bean(destroyMethod = "")
    TopologySource topologySource(
            ControlPlaneProperties properties, Topology topology, ObjectProvider<KubernetesClient> client) {
        KubernetesClusterName cluster = new KubernetesClusterName(properties.kubernetesCluster());
        ObjectPruning pruning = new ObjectPruning(properties.labels());
        return switch (properties.effectiveSource()) {
            case KUBERNETES ->
                new InformerSource(client.getObject(), cluster, properties.namespaces(), pruning, topology);
            case MANIFESTS ->
                new ManifestSource(existing(properties.manifests().directory()), cluster, pruning, topology);
        };
    }

    @Bean
    TopologyLifecycle topologyLifecycle(Topology topology, TopologySource source, TopologyResourceStore follower) {
        return new TopologyLifecycle(topology, source);
    }

    @Bean
    SyncHealthIndicator syncHealthIndicator(Topology topology, TopologySource source) {
        return new SyncHealthIndicator(topology, source);
    }

    private static Path existing(@Nullable Path directory) {
        if (directory == null) {
            throw new InvalidConfigurationPropertyValueException(
                    DIRECTORY,
                    "",
                    "it is needed with xds-lb.control-plane.source=manifests: the folder of the manifests");
        }
        if (!Files.isDirectory(directory)) {
            throw new InvalidConfigurationPropertyValueException(
                    DIRECTORY, directory, "there is no folder " + directory.toAbsolutePath());
        }
        return directory;
    }
}
