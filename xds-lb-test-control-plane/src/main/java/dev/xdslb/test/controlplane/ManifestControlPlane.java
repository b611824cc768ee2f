/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.controlplane;

import dev.xdslb.autoconfigure.XdsLbConnectionDetails;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.XdsServer;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.kubernetes.ObjectPruning;
import dev.xdslb.controlplane.manifests.ManifestSource;
import dev.xdslb.controlplane.resource.TopologyResourceStore;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologySettings;
import dev.xdslb.controlplane.topology.TopologySource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * The control plane, in this process, without Kubernetes: it serves what is in a folder of manifests, and follows the changes of its
 * files. As a bean it is where the application under test gets its endpoints from:
 *
 * <pre>{@code
 * @TestConfiguration
 * static class Cluster {
 *     @Bean
 *     ManifestControlPlane controlPlane() {
 *         return ManifestControlPlane.serve(Path.of("src/test/manifests"));
 *     }
 * }
 * }</pre>
 *
 * <p>Manifests are Services with their EndpointSlices, and Pods and Nodes for who wants zones and what else they say. What else is
 * in the files is not looked at.
 */
public final class ManifestControlPlane implements XdsLbConnectionDetails, AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    /** Far more than reading some files takes, also on a machine that builds much else. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

    private final Topology topology;
    private final TopologySource source;
    private final XdsServer server;
    private final String address;

    private ManifestControlPlane(Path folder, List<String> podLabels) {
        Faults faults = new Faults();
        KubernetesClusterName cluster = new KubernetesClusterName("test");
        topology = new Topology(List.of(cluster), faults, TopologySettings.DEFAULT);
        source = new ManifestSource(folder, new ObjectPruning(podLabels), topology.feed(cluster), faults);
        server = new XdsServer(
                new TopologyResourceStore(topology, faults), LOOPBACK, 0, Set.of(Family.values()), faults, List.of());
        try {
            source.start();
            topology.start();
            awaitManifests();
            server.start();
            address = LOOPBACK + ':' + server.port();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts a control plane on a free port of this machine. When it returns, the manifests are read.
     *
     * @param folder with files {@code *.yaml} and {@code *.yml}
     * @param podLabels the labels of pods that are passed on to clients
     * @throws IllegalArgumentException when there is no such folder
     * @throws IllegalStateException when a manifest in it is broken; the message names it
     */
    public static ManifestControlPlane serve(Path folder, String... podLabels) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    "folder: " + folder.toAbsolutePath() + " (expected: a folder of manifests)");
        }
        return new ManifestControlPlane(folder, List.of(podLabels));
    }

    /** Returns where it serves xDS, as {@code host:port}. */
    @Override
    public String getAddress() {
        return address;
    }

    /**
     * Returns what is wrong with the manifests, empty where nothing is. Meanwhile it serves what they said when they were last
     * good.
     */
    public String problem() {
        return source.status().problem();
    }

    /** Ends the streams of its clients and the port, which are not told of any change any more. */
    @Override
    public void close() {
        server.stop();
        source.close();
        topology.close();
    }

    private void awaitManifests() {
        long start = System.nanoTime();
        while (!topology.isSynced()) {
            String problem = problem();
            if (!problem.isEmpty()) {
                throw new IllegalStateException(source.status().source() + " cannot be served: " + problem);
            }
            if (System.nanoTime() - start > PATIENCE.toNanos()
                    || Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException(
                        source.status().source() + " were not read within " + PATIENCE.toSeconds() + "s");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
