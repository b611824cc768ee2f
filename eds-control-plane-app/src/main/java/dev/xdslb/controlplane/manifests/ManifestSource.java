/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.fault.Loop;
import dev.xdslb.controlplane.kubernetes.ObjectPruning;
import dev.xdslb.controlplane.topology.ClusterFeed;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologySource;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a folder of manifests and reads it again whenever a file in it changes. A folder with a broken file changes
 * nothing: what it last held while every file was fine goes on being served.
 *
 * <p>One thread reads and submits; it alone writes {@link #problem}. Whatever a file makes it throw, an {@link Error} too,
 * is a problem of the folder, and the files are read again a second later.
 */
public final class ManifestSource implements TopologySource {

    private static final Logger logger = LoggerFactory.getLogger(ManifestSource.class);

    /** Finds what the watch misses: network folders, and ConfigMaps, whose files are links to a folder that is replaced. */
    private static final Duration POLL = Duration.ofSeconds(1);

    private final Path directory;
    private final ManifestReader reader;
    private final ClusterFeed feed;
    private final FaultBoundary boundary;
    private final Loop loop;
    private volatile String problem = "";

    // Confined to the thread, until it has ended.
    private final State state = new State();
    private final Settling settling = new Settling(System::nanoTime);
    private @Nullable WatchService watch; // null until it is registered
    private boolean unwatchable; // and that was said

    public ManifestSource(Path directory, ObjectPruning pruning, ClusterFeed feed, Faults faults) {
        this(directory, pruning, false, feed, faults);
    }

    /**
     * Creates a source that is not started.
     *
     * @param gatewayApi whether objects of the Gateway API are read, too
     */
    public ManifestSource(Path directory, ObjectPruning pruning, boolean gatewayApi, ClusterFeed feed, Faults faults) {
        this.directory = directory;
        this.reader = new ManifestReader(pruning, gatewayApi);
        this.feed = feed;
        this.boundary = faults.boundary("manifests");
        this.loop = new Loop(faults, "manifests in " + directory, this::turn);
    }

    @Override
    public void start() {
        logger.info("watching {}", status().source());
        loop.start();
    }

    @Override
    public Status status() {
        return new Status("manifests in " + directory.toAbsolutePath(), problem);
    }

    @Override
    public void close() {
        loop.close();
        unwatch();
    }

    private void turn() throws InterruptedException {
        state.readIfChanged();
        WatchService events = watched();
        if (events == null) {
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
            return;
        }
        if (changesWithin(events, POLL.toNanos())) {
            settling.await(nanos -> changesWithin(events, nanos));
        }
    }

    private boolean changesWithin(WatchService events, long nanos) throws InterruptedException {
        if (watch == null) {
            return false; // it was given up just now
        }
        WatchKey key = events.poll(nanos, TimeUnit.NANOSECONDS);
        if (key == null) {
            return false;
        }
        key.pollEvents();
        if (!key.reset()) {
            unwatch(); // the folder is gone; if it comes back, it is another one
        }
        return true;
    }

    private @Nullable WatchService watched() {
        if (watch != null) {
            return watch;
        }
        try {
            WatchService registered = directory.getFileSystem().newWatchService();
            watch = registered;
            directory.register(
                    registered,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
            unwatchable = false;
            return registered;
        } catch (IOException | ClosedWatchServiceException e) {
            unwatch();
            if (!unwatchable) {
                unwatchable = true;
                logger.warn("{} cannot be watched; looking every {} s instead", directory, POLL.toSeconds(), e);
            }
            return null;
        }
    }

    private void unwatch() {
        WatchService closing = watch;
        watch = null;
        if (closing != null) {
            try {
                closing.close();
            } catch (IOException e) {
                logger.debug("watch of {} was not closed", directory, e);
            }
        }
    }

    /** What was read last. Confined to the thread. */
    private final class State {
        private @Nullable SortedMap<Path, FileStamp> fingerprint;
        private boolean synced;
        private final Unconfirmed unconfirmed = new Unconfirmed();

        void readIfChanged() throws InterruptedException {
            @Nullable SortedMap<Path, FileStamp> now = null;
            try {
                now = FileStamp.ofManifests(directory);
                if (now.equals(fingerprint) && !unconfirmed.isDue(System.nanoTime())) {
                    heardIfWell();
                    return;
                }
                unconfirmed.begin(System.nanoTime());
                feed.submit(unconfirmed.keep(reader.read(now, unconfirmed)));
                fingerprint = now; // not before: what could not be read is read again
                if (!synced) {
                    synced = true;
                    feed.submit(new TopologyChange.Synced());
                }
                if (!problem.isEmpty()) {
                    logger.info("{} can be read again", directory);
                    problem = "";
                }
                heardIfWell();
                boundary.succeeded(directory);
            } catch (BrokenManifestException e) {
                if (now != null && !(e.getCause() instanceof IOException)) {
                    fingerprint = now; // reading the same text again finds the same
                }
                failed(String.valueOf(e.getMessage()));
            } catch (IOException e) {
                failed("folder " + directory + " cannot be read: " + e);
            } catch (InterruptedException e) {
                throw e;
            } catch (Throwable thrown) {
                boundary.failed(directory, thrown);
                failed(directory + " cannot be read: " + thrown);
            }
        }

        private void heardIfWell() {
            if (problem.isEmpty()) {
                feed.heard();
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
            feed.lost(reason);
        }
    }
}
