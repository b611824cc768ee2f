/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.fault.Loop;
import dev.xdslb.controlplane.kubernetes.Kubeconfig;
import dev.xdslb.controlplane.topology.ClusterFeed;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologySource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a folder of clusters, a mounted Secret for example: each file in it is a kubeconfig, each folder in it has the
 * manifests of a cluster. A file whose content changes is used from then on; one that cannot be used changes nothing, and
 * that is said. All of it happens on one thread.
 */
final class ClusterDirectory implements AutoCloseable {

    /** A mounted Secret is itself up to a minute late. */
    private static final Duration POLL = Duration.ofSeconds(1);

    private static final List<String> SUFFIXES = List.of(".kubeconfig", ".yaml", ".yml");

    private static final Logger logger = LoggerFactory.getLogger(ClusterDirectory.class);

    private final Path directory;
    private final Topology topology;
    private final SourceFactory factory;
    private final ClusterSources sources;
    private final FaultBoundary boundary;
    private final Loop loop;

    // Confined to the thread.
    private final Map<KubernetesClusterName, String> contents = new HashMap<>(); // of what was tried last
    private final Set<KubernetesClusterName> open = new HashSet<>();
    private boolean readable = true;

    ClusterDirectory(Path directory, Topology topology, SourceFactory factory, ClusterSources sources, Faults faults) {
        this.directory = directory;
        this.topology = topology;
        this.factory = factory;
        this.sources = sources;
        this.boundary = faults.boundary("clusters directory");
        this.loop = new Loop(faults, "clusters directory", () -> {
            look();
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        });
    }

    /** Opens what there is, so that it is waited for, and follows from then on. */
    void start() {
        boundary.run(directory, this::look);
        loop.start();
    }

    @Override
    public void close() {
        loop.close();
    }

    /** A folder that cannot be read says nothing of the clusters that were in it. */
    private void look() {
        Map<KubernetesClusterName, Path> present = new TreeMap<>();
        try (Stream<Path> entries = Files.list(directory)) {
            entries.filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .sorted()
                    .forEach(entry -> present.putIfAbsent(name(entry), entry));
            readable = true;
        } catch (IOException e) {
            if (readable) {
                readable = false;
                logger.error("{} cannot be read, its clusters stay as they are: {}", directory, e.toString());
            }
            return;
        }
        present.forEach((name, path) -> boundary.run(name, () -> open(name, path)));
        for (KubernetesClusterName name : Set.copyOf(open)) {
            if (!present.containsKey(name)) {
                boundary.run(name, () -> sources.remove(name));
                open.remove(name);
            }
        }
        contents.keySet().retainAll(present.keySet());
    }

    private void open(KubernetesClusterName name, Path path) {
        String content = content(path);
        if (content.equals(contents.get(name)) || (!open.contains(name) && isTaken(name, path))) {
            return;
        }
        boolean manifests = Files.isDirectory(path);
        // A kubeconfig that cannot be used throws here, before anything is changed.
        Kubeconfig kubeconfig = manifests ? null : Kubeconfig.harmless(path);
        ClusterFeed feed = topology.open(name, false);
        TopologySource source =
                kubeconfig == null ? factory.ofManifests(path, feed) : factory.ofKubeconfig(kubeconfig, feed);
        sources.put(name, source);
        open.add(name);
        source.start();
        contents.put(name, content); // not before: what could not be started is opened again
        logger.info("Kubernetes cluster {} is that of {}", name, path);
    }

    private boolean isTaken(KubernetesClusterName name, Path path) {
        if (sources.has(name)) {
            contents.put(name, content(path)); // say it once
            logger.error("{} is ignored: there is another Kubernetes cluster {} already", path, name);
            return true;
        }
        return false;
    }

    private static String content(Path path) {
        try {
            return Files.isDirectory(path) ? "a folder" : Files.readString(path);
        } catch (IOException e) {
            throw new IllegalArgumentException(path + " cannot be read: " + e, e);
        }
    }

    private static KubernetesClusterName name(Path path) {
        String name = path.getFileName().toString();
        for (String suffix : SUFFIXES) {
            if (name.endsWith(suffix) && name.length() > suffix.length()) {
                return new KubernetesClusterName(name.substring(0, name.length() - suffix.length()));
            }
        }
        return new KubernetesClusterName(name);
    }
}
