/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import dev.xdslb.controlplane.kubernetes.ObjectPruning;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologySource;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a folder of manifests and reads it again whenever a file in it changes. A folder with a broken file changes
 * nothing: what it last held while every file was fine goes on being served.
 *
 * <p>One thread reads and submits; it alone writes {@link #problem}.
 */
public final class ManifestSource implements TopologySource {

    private static final Logger logger = LoggerFactory.getLogger(ManifestSource.class);

    /** Saving one file makes several events, and half of it may be there in between. */
    private static final Duration SETTLE = Duration.ofMillis(30);

    /** Finds what the watch misses: network folders, and ConfigMaps, whose files are links to a folder that is replaced. */
    private static final Duration POLL = Duration.ofSeconds(1);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    private final Path directory;
    private final KubernetesClusterName cluster;
    private final ManifestReader reader;
    private final Topology topology;
    private final Thread thread;
    private volatile String problem = "";

    public ManifestSource(Path directory, KubernetesClusterName cluster, ObjectPruning pruning, Topology topology) {
        this.directory = directory;
        this.cluster = cluster;
        this.reader = new ManifestReader(pruning);
        this.topology = topology;
        this.thread = new Thread(this::run, "xds-lb-manifests");
        thread.setDaemon(true);
    }

    @Override
    public void start() {
        logger.info("watching {}", status().source());
        thread.start();
    }

    @Override
    public Status status() {
        return new Status("manifests in " + directory.toAbsolutePath(), problem);
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(STOP_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (WatchService watch = directory.getFileSystem().newWatchService()) {
            directory.register(
                    watch,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
            follow(watch);
        } catch (IOException | ClosedWatchServiceException e) {
            logger.warn("{} cannot be watched; looking every {} s instead", directory, POLL.toSeconds(), e);
            followByPolling();
        }
    }

    private void follow(WatchService watch) {
        State state = new State();
        try {
            while (true) {
                state.readIfChanged();
                WatchKey key = watch.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
                while (key != null) {
                    key.pollEvents();
                    key.reset();
                    key = watch.poll(SETTLE.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            logger.debug("manifests are not followed any more");
        }
    }

    private void followByPolling() {
        State state = new State();
        try {
            while (true) {
                state.readIfChanged();
                TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
            }
        } catch (InterruptedException e) {
            logger.debug("manifests are not followed any more");
        }
    }

    /** What was read last. Confined to the thread. */
    private final class State {
        private @Nullable Map<Path, String> fingerprint;
        private boolean synced;

        void readIfChanged() {
            try {
                Map<Path, String> now = fingerprint();
                if (now.equals(fingerprint)) {
                    return;
                }
                fingerprint = now;
                topology.submit(cluster, reader.read(directory));
                if (!synced) {
                    synced = true;
                    topology.submit(cluster, new TopologyChange.Synced());
                }
                if (!problem.isEmpty()) {
                    logger.info("{} can be read again", directory);
                    problem = "";
                }
            } catch (BrokenManifestException e) {
                failed(String.valueOf(e.getMessage()));
            } catch (IOException e) {
                failed(directory + " cannot be read: " + e);
            } catch (RuntimeException e) {
                logger.error("manifests in {}", directory, e);
                failed(directory + " cannot be read: " + e);
            }
        }

        private void failed(String reason) {
            if (!reason.equals(problem)) {
                logger.error(
                        "{}; {}",
                        reason,
                        synced ? "the last good state is served" : "nothing is served until it is fixed");
                problem = reason;
            }
        }

        private Map<Path, String> fingerprint() throws BrokenManifestException, IOException {
            Map<Path, String> fingerprint = new TreeMap<>();
            for (Path file : ManifestReader.files(directory)) {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                fingerprint.put(
                        file, attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey());
            }
            return fingerprint;
        }
    }
}
