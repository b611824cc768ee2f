/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.gateway.GatewaySettings;
import dev.xdslb.controlplane.kubernetes.ApiConnection;
import dev.xdslb.controlplane.kubernetes.GatewayApi;
import dev.xdslb.controlplane.kubernetes.Kubeconfig;
import dev.xdslb.controlplane.resource.TopologyResourceStore;
import dev.xdslb.controlplane.topology.ClusterFeed;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.MassNotReady;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologySettings;
import dev.xdslb.controlplane.topology.TopologySource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** From the source to the resources. */
@Configuration(proxyBeanMethods = false)
class TopologyConfiguration {

    private static final String DIRECTORY = "xds-lb.control-plane.manifests.directory";

    /** {@link TopologyLifecycle} starts and closes it. */
    @Bean(destroyMethod = "")
    Topology topology(ControlPlaneProperties properties, Faults faults) {
        return new Topology(
                List.of(new KubernetesClusterName(properties.kubernetesCluster())),
                faults,
                new TopologySettings(
                        properties.syncTimeout(),
                        properties.keepLost(),
                        properties.keepRemoved(),
                        massNotReady(properties.massNotReady())));
    }

    @Bean
    TopologyResourceStore resourceStore(ControlPlaneProperties properties, Topology topology, Faults faults) {
        Map<GatewayKey, Set<String>> identities = GatewayConfiguration.identities(properties);
        return new TopologyResourceStore(
                topology,
                faults,
                new GatewaySettings(
                        properties.gatewayApi().secrets(),
                        properties.gatewayApi().ipFamily() == ControlPlaneProperties.IpFamily.DUAL_STACK,
                        properties.gatewayApi().virtualHostDiscovery(),
                        GatewayConfiguration.addresses(properties),
                        identities.keySet()),
                identities,
                properties.clusterDomain());
    }

    /** Before the client is made of it. */
    @Bean
    static BeanPostProcessor apiConnection() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                return bean instanceof Config config ? ApiConnection.of(config) : bean;
            }
        };
    }

    @Bean
    SourceFactory sourceFactory(
            ControlPlaneProperties properties, ObjectProvider<GatewayApi> gatewayApi, Faults faults) {
        return new SourceFactory(properties, gatewayApi.getIfAvailable(), faults);
    }

    @Bean
    ClusterMeters clusterMeters(Topology topology) {
        return new ClusterMeters(topology);
    }

    @Bean(destroyMethod = "")
    ClusterSources topologySource(
            ControlPlaneProperties properties,
            Topology topology,
            SourceFactory factory,
            ClusterMeters meters,
            ObjectProvider<KubernetesClient> client) {
        KubernetesClusterName own = new KubernetesClusterName(properties.kubernetesCluster());
        ClusterFeed feed = topology.feed(own);
        TopologySource source = switch (properties.effectiveSource()) {
            case KUBERNETES -> factory.ofClient(client.getObject(), feed);
            case MANIFESTS ->
                factory.ofOwnManifests(
                        existing(DIRECTORY, properties.manifests().directory()), feed);
        };
        ClusterSources sources = new ClusterSources(topology, meters, own, source);
        for (int i = 0; i < properties.clusters().size(); i++) {
            add(properties.clusters().get(i), "xds-lb.control-plane.clusters[" + i + "]", topology, factory, sources);
        }
        return sources;
    }

    @Bean
    TopologyLifecycle topologyLifecycle(
            ControlPlaneProperties properties,
            Topology topology,
            ClusterSources sources,
            SourceFactory factory,
            Faults faults,
            TopologyResourceStore follower) {
        Path directory = properties.clustersDirectory();
        ClusterDirectory clusters = directory == null
                ? null
                : new ClusterDirectory(
                        existing("xds-lb.control-plane.clusters-directory", directory),
                        topology,
                        factory,
                        sources,
                        faults);
        return new TopologyLifecycle(topology, sources, clusters);
    }

    @Bean
    SyncHealthIndicator syncHealthIndicator(
            Topology topology, TopologySource source, Faults faults, ObjectProvider<StaleReplica> stale) {
        return new SyncHealthIndicator(topology, source, faults, stale.getIfAvailable());
    }

    @Bean
    ThreadsHealthIndicator threadsHealthIndicator(Faults faults, TopologySource source) {
        return new ThreadsHealthIndicator(faults, source);
    }

    private static void add(
            ControlPlaneProperties.Cluster cluster,
            String property,
            Topology topology,
            SourceFactory factory,
            ClusterSources sources) {
        KubernetesClusterName name = new KubernetesClusterName(cluster.name());
        Path kubeconfig = cluster.kubeconfig();
        Path manifests = cluster.manifests().directory();
        if (sources.has(name)) {
            throw new InvalidConfigurationPropertyValueException(
                    property + ".name", name, "another Kubernetes cluster has this name already");
        }
        if ((kubeconfig == null) == (manifests == null)) {
            throw new InvalidConfigurationPropertyValueException(
                    property, name, "it needs either kubeconfig or manifests.directory");
        }
        if (kubeconfig == null) {
            Path directory = existing(property + ".manifests.directory", manifests);
            sources.put(name, factory.ofManifests(directory, topology.open(name, cluster.required())));
            return;
        }
        Kubeconfig read;
        try {
            read = Kubeconfig.of(kubeconfig, cluster.context());
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationPropertyValueException(
                    property + ".kubeconfig", kubeconfig, String.valueOf(e.getMessage()));
        }
        sources.put(name, factory.ofKubeconfig(read, topology.open(name, cluster.required())));
    }

    private static MassNotReady massNotReady(ControlPlaneProperties.MassNotReady properties) {
        try {
            return new MassNotReady(properties.share(), properties.window(), properties.hold());
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationPropertyValueException(
                    "xds-lb.control-plane.mass-not-ready", properties, String.valueOf(e.getMessage()));
        }
    }

    private static Path existing(String property, @Nullable Path directory) {
        if (directory == null) {
            throw new InvalidConfigurationPropertyValueException(
                    property,
                    "",
                    "it is needed with xds-lb.control-plane.source=manifests: the folder of the manifests");
        }
        if (!Files.isDirectory(directory)) {
            throw new InvalidConfigurationPropertyValueException(
                    property, directory, "there is no folder " + directory.toAbsolutePath());
        }
        return directory;
    }
}
