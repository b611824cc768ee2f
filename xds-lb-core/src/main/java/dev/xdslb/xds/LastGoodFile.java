/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.xdslb.cluster.FallbackEndpoints;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.xds.proto.ClusterLoadAssignment;
import dev.xdslb.xds.proto.DiscoveryResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file with the last endpoints that the control plane has sent, for a process that starts while the control plane is away. A
 * fallback: it is asked where the control plane has never answered.
 *
 * <pre>
 *  snapshot ──▶ known ── a second later, then at most every ten ──▶ file     (the writer's thread)
 *  first question, or first write: file ──▶ known, as far as nothing newer is known  (the asker's thread)
 * </pre>
 *
 * <p>The file is replaced as a whole, so a reader sees an old or a new one and nothing between. What cannot be read, because it is
 * damaged, too large, or of another format, is said once and not used; the next write replaces it. A file that cannot be written is
 * said when that begins and when it is over, and endangers nothing else. Several processes may share a file: the last one that
 * writes wins.
 *
 * <p>Thread-safe: what is known is guarded by this object. Reading and writing may take long, or for ever where the disk is one of
 * the network; who tells of snapshots waits for neither.
 */
@API(status = API.Status.STABLE)
public final class LastGoodFile implements FallbackEndpoints, AutoCloseable {
    /** As many as a process knows at the most, beside those that are configured. */
    static final int MAX_RESOURCES = 2_000;

    private static final Duration FIRST_WRITE = Duration.ofSeconds(1);
    private static final Duration NEXT_WRITE = Duration.ofSeconds(10);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(LastGoodFile.class);

    private final Path path;
    private final Clock clock;
    private final ScheduledExecutorService writer;
    private final Object oneWriter = new Object(); // taken first
    private final Object reader = new Object(); // taken before this
    private final Map<String, ClusterLoadAssignment> known = new LinkedHashMap<>(); // guarded by this, oldest first
    private final Set<String> forgotten = new HashSet<>(); // before the file was read; guarded by this
    private boolean read; // guarded by this, changed while holding the reader, too
    private boolean writeIsDue; // guarded by this: there is a task, or there is one that runs
    private boolean changed; // guarded by this: since the last write
    private boolean written; // guarded by this: at least once
    private @Nullable Future<?> pending; // the next write; guarded by this
    private boolean failing; // guarded by the one writer

    /**
     * Makes the object; reads and writes nothing yet.
     *
     * @param path the file; its folder is made where it is not there
     */
    public LastGoodFile(Path path) {
        this(path, Clock.systemUTC(), Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "xds-lb-last-good");
            thread.setDaemon(true);
            return thread;
        }));
    }

    LastGoodFile(Path path, Clock clock, ScheduledExecutorService writer) {
        this.path = requireNonNull(path, "path").toAbsolutePath();
        this.clock = clock;
        this.writer = writer;
    }

    /** Returns where the file is. */
    public Path path() {
        return path;
    }

    /** Remembers the endpoints of a resource; written a little later. */
    void remember(String resource, List<Endpoint> endpoints) {
        ClusterLoadAssignment assignment = EndpointEncoder.encode(resource, endpoints);
        synchronized (this) {
            ClusterLoadAssignment before = known.remove(resource);
            known.put(resource, assignment); // as the newest
            bound();
            if (!assignment.equals(before)) {
                change();
            }
        }
    }

    /** Forgets a resource that is certain not to exist. */
    synchronized void forget(String resource) {
        boolean isNews = known.remove(resource) != null;
        if (!read) {
            isNews |= forgotten.size() < MAX_RESOURCES && forgotten.add(resource);
        }
        if (isNews) {
            change();
        }
    }

    /** Returns the last endpoints of a resource, empty where none are known. Reads the file at the first call. */
    @Override
    public List<Endpoint> endpoints(String resource) {
        readOnce();
        ClusterLoadAssignment assignment;
        synchronized (this) {
            assignment = known.get(resource);
        }
        if (assignment == null) {
            return List.of();
        }
        try {
            return new EndpointDecoder().decode(assignment);
        } catch (UnusableResourceException e) {
            log.warn("{}: {} is not used: {}", path, resource, e.getMessage());
            return List.of();
        }
    }

    /** Writes what is not written yet; does not wait longer than five seconds for the disk. Idempotent. */
    @Override
    public void close() {
        Future<?> next;
        synchronized (this) {
            next = pending;
        }
        if (next != null) {
            next.cancel(false); // interrupted, a file would be closed in the middle of it
        }
        writer.shutdown();
        Thread last = new Thread(this::write, "xds-lb-last-good-last");
        last.setDaemon(true);
        last.start();
        try {
            last.join(LONGEST_CLOSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void change() {
        changed = true;
        if (!writeIsDue && !writer.isShutdown()) {
            writeIsDue = true;
            schedule(written ? NEXT_WRITE : FIRST_WRITE);
        }
    }

    private void schedule(Duration delay) {
        pending = writer.schedule(this::writeAndGoOn, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void writeAndGoOn() {
        write();
        synchronized (this) {
            writeIsDue = false;
            if (changed) {
                change();
            }
        }
    }

    private void write() {
        synchronized (oneWriter) {
            writeChanges();
        }
    }

    private void writeChanges() {
        readOnce(); // what others have asked for before is kept
        DiscoveryResponse.Builder content =
                DiscoveryResponse.newBuilder().setVersionInfo(clock.instant().toString());
        synchronized (this) {
            if (!changed) {
                return;
            }
            changed = false;
            written = true;
            known.values().forEach(assignment -> content.addResources(Any.pack(assignment)));
        }
        try {
            LastGoodFormat.write(path, content.build().toByteArray());
            if (failing) {
                failing = false;
                log.info("{}: the last good endpoints are written again", path);
            }
        } catch (IOException | RuntimeException | Error e) {
            synchronized (this) {
                changed = true;
            }
            if (!failing) {
                failing = true;
                log.warn(
                        "{}: the last good endpoints cannot be written, and this is tried again: {}; make the folder writable,"
                                + " or set no last-good file",
                        path,
                        e.toString());
            }
        }
    }

    private void readOnce() {
        synchronized (reader) {
            synchronized (this) {
                if (read) {
                    return;
                }
            }
            List<ClusterLoadAssignment> content = content();
            synchronized (this) {
                read = true;
                Map<String, ClusterLoadAssignment> newer = new LinkedHashMap<>(known);
                known.clear();
                content.forEach(assignment -> known.put(assignment.getClusterName(), assignment));
                known.keySet().removeAll(forgotten);
                forgotten.clear();
                known.putAll(newer);
                bound();
            }
        }
    }

    /** Returns what is in the file, empty where it cannot be used. */
    private List<ClusterLoadAssignment> content() {
        try {
            if (!Files.exists(path)) {
                log.debug("{}: there are no last good endpoints", path);
                return List.of();
            }
            DiscoveryResponse content = DiscoveryResponse.parseFrom(LastGoodFormat.read(path));
            List<ClusterLoadAssignment> assignments = new ArrayList<>();
            for (Any resource : content.getResourcesList()) {
                assignments.add(ClusterLoadAssignment.parseFrom(resource.getValue()));
            }
            log.info(
                    "{}: the last good endpoints of {} services, of {}, are at hand",
                    path,
                    assignments.size(),
                    content.getVersionInfo());
            return assignments;
        } catch (InvalidProtocolBufferException e) {
            notUsed("its content cannot be read: " + e.getMessage());
        } catch (IOException | RuntimeException | Error e) {
            notUsed(e instanceof LastGoodFormat.Refused ? requireNonNull(e.getMessage()) : e.toString());
        }
        return List.of();
    }

    private void notUsed(String reason) {
        log.warn(
                "{}: the last good endpoints are not used: {}; the file is replaced once the control plane has answered",
                path,
                reason);
    }

    private void bound() {
        Iterator<String> oldest = known.keySet().iterator();
        while (known.size() > MAX_RESOURCES) {
            oldest.next();
            oldest.remove();
        }
    }
}
