/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The services of all Kubernetes clusters.
 *
 * <p>Sources submit changes from any thread; a submission only enqueues. One writer thread applies them to the objects,
 * computes the touched services again and publishes those whose view differs. Views are immutable and replaced one by
 * one in a concurrent map, so a reader sees every service whole, but two services maybe from two moments: no resource
 * is made of two services. Nothing is published before every cluster is synced, then everything at once.
 */
public final class Topology implements AutoCloseable {

    /** From the budget "p99 of a change at the client at most 250 ms"; Istio waits 100 ms and 10 s. */
    private static final Duration QUIET = Duration.ofMillis(50);

    private static final Duration MAXIMUM = Duration.ofMillis(250);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

    private static final Logger logger = LoggerFactory.getLogger(Topology.class);

    private record Submission(KubernetesClusterName cluster, TopologyChange change) {}

    private final BlockingQueue<Submission> submissions = new LinkedBlockingQueue<>();
    private final List<TopologyListener> listeners = new CopyOnWriteArrayList<>();
    private final LongSupplier nanoClock;
    private final Coalescing coalescing;
    private final Thread writer;

    // Written by the writer thread, read by everybody.
    private final Map<ServiceKey, ServiceView> views = new ConcurrentHashMap<>();
    private final PodPlaces places = new PodPlaces();
    private final Map<ServiceKey, Set<SkippedObject>> skippedByService = new ConcurrentHashMap<>();
    private volatile Set<SkippedObject> skippedElsewhere = Set.of();
    private volatile boolean synced;

    // Confined to the writer thread.
    private final SortedMap<KubernetesClusterName, ClusterObjects> clusters = new TreeMap<>();
    private final Set<KubernetesClusterName> unsynced = new HashSet<>();
    private final Touched touched = new Touched();

    public Topology(Collection<KubernetesClusterName> clusterNames) {
        this(clusterNames, System::nanoTime, new Coalescing(QUIET, MAXIMUM));
    }

    Topology(Collection<KubernetesClusterName> clusterNames, LongSupplier nanoClock, Coalescing coalescing) {
        this.nanoClock = nanoClock;
        this.coalescing = coalescing;
        for (KubernetesClusterName name : clusterNames) {
            clusters.put(name, new ClusterObjects());
            unsynced.add(name);
        }
        writer = new Thread(this::write, "xds-lb-topology");
        writer.setDaemon(true);
    }

    public void start() {
        writer.start();
    }

    /** Ends the writer thread; the last views stay readable. */
    @Override
    public void close() {
        writer.interrupt();
        try {
            writer.join(STOP_TIMEOUT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Hands a change of this cluster's objects over; those of one cluster are applied in the order of submission. */
    public void submit(KubernetesClusterName cluster, TopologyChange change) {
        submissions.add(new Submission(requireNonNull(cluster, "cluster"), requireNonNull(change, "change")));
    }

    public void addListener(TopologyListener listener) {
        listeners.add(listener);
    }

    /** Whether the views show everything that existed when the sources started. Never turns false again. */
    public boolean isSynced() {
        return synced;
    }

    public @Nullable ServiceView service(ServiceKey key) {
        return views.get(key);
    }

    /** Returns all services, in no particular order. */
    public Collection<ServiceView> services() {
        return Collections.unmodifiableCollection(views.values());
    }

    /** Returns where a pod runs, null when there is no such pod. */
    public @Nullable PodPlace place(PodKey pod) {
        return places.get(pod);
    }

    /** Returns where the pods run that have this address, given in its canonical form. */
    public List<PodPlace> placesAt(String address) {
        return places.at(address);
    }

    /** Returns what is not served, and why. */
    public List<SkippedObject> skipped() {
        List<SkippedObject> all = new ArrayList<>(skippedElsewhere);
        new TreeMap<>(skippedByService).values().forEach(all::addAll);
        return all;
    }

    private void write() {
        List<Submission> batch = new ArrayList<>();
        try {
            while (true) {
                Submission next = await();
                if (next != null) {
                    batch.add(next);
                    submissions.drainTo(batch);
                    apply(batch);
                    batch.clear();
                }
                if (isDue()) {
                    publish();
                }
            }
        } catch (InterruptedException e) {
            logger.debug("topology writer ends");
        }
    }

    private @Nullable Submission await() throws InterruptedException {
        if (unsynced.isEmpty() && coalescing.isPending()) {
            return submissions.poll(coalescing.nanosUntilDue(nanoClock.getAsLong()), TimeUnit.NANOSECONDS);
        }
        return submissions.take();
    }

    private boolean isDue() {
        return unsynced.isEmpty() && coalescing.isPending() && coalescing.nanosUntilDue(nanoClock.getAsLong()) <= 0;
    }

    private void apply(List<Submission> batch) {
        for (Submission submission : batch) {
            ClusterObjects objects = clusters.get(submission.cluster());
            if (objects == null) {
                logger.error(
                        "change of the unknown Kubernetes cluster {} ignored (expected: one of {})",
                        submission.cluster(),
                        clusters.keySet());
                continue;
            }
            Touched touchedNow = new Touched();
            try {
                objects.apply(submission.change(), touchedNow);
            } catch (RuntimeException e) {
                // The writer must not end: without it every endpoint would silently grow old.
                logger.error("change {} could not be applied", submission.change(), e);
            }
            boolean syncedNow =
                    submission.change() instanceof TopologyChange.Synced && unsynced.remove(submission.cluster());
            if (syncedNow || !touchedNow.isEmpty()) {
                touched.add(touchedNow);
                coalescing.changed(nanoClock.getAsLong(), !onlyEnriches(submission.change()));
            }
        }
        reportSkippedElsewhere();
    }

    /** A change of a Pod or Node alone opens or closes no endpoint; where it means that, its slice's change follows. */
    private static boolean onlyEnriches(TopologyChange change) {
        ObjectId id = null;
        if (change instanceof TopologyChange.Upsert upsert) {
            id = upsert.object().id();
        } else if (change instanceof TopologyChange.Remove remove) {
            id = remove.id();
        }
        return id != null && (id.kind() == ObjectId.Kind.POD || id.kind() == ObjectId.Kind.NODE);
    }

    private void publish() {
        List<TopologyListener.ServiceChange> changes = new ArrayList<>();
        for (ServiceKey key : touched.services()) {
            try {
                publish(key, changes);
            } catch (RuntimeException e) {
                logger.error("service {} could not be computed; its last state is kept", key, e);
            }
        }
        List<TopologyListener.PlaceChange> placeChanges = new ArrayList<>();
        for (PodKey pod : touched.pods()) {
            try {
                publish(pod, placeChanges);
            } catch (RuntimeException e) {
                logger.error("the place of pod {} could not be computed; its last state is kept", pod, e);
            }
        }
        touched.clear();
        if (!changes.isEmpty()) {
            announce(changes, TopologyListener::changed);
        }
        if (!placeChanges.isEmpty()) {
            announce(placeChanges, TopologyListener::placesChanged);
        }
        // A place does not count: a new pod has one just before it gets endpoints, which must not wait for that.
        coalescing.done(nanoClock.getAsLong(), !changes.isEmpty());
        if (!synced) {
            synced = true;
            logger.info("synced: {} services", views.size());
        }
    }

    private void publish(ServiceKey key, List<TopologyListener.ServiceChange> changes) {
        ServiceProjection.Result result = ServiceProjection.project(key, clusters);
        reportSkipped(key, result.skipped());
        ServiceView after = result.view();
        ServiceView before = after == null ? views.remove(key) : views.put(key, after);
        boolean same = after == null ? before == null : after.equals(before);
        if (!same) {
            changes.add(new TopologyListener.ServiceChange(key, before, after));
        }
    }

    private void publish(PodKey pod, List<TopologyListener.PlaceChange> changes) {
        TopologyListener.PlaceChange change = places.replace(pod, PodPlaceProjection.project(pod, clusters.values()));
        if (change != null) {
            changes.add(change);
        }
    }

    private <C> void announce(List<C> changes, BiConsumer<TopologyListener, List<C>> tell) {
        for (TopologyListener listener : listeners) {
            try {
                tell.accept(listener, Collections.unmodifiableList(changes));
            } catch (RuntimeException e) {
                logger.error("{} changes were not announced to {}", changes.size(), listener, e);
            }
        }
    }

    private void reportSkipped(ServiceKey key, Set<SkippedObject> now) {
        Set<SkippedObject> before = now.isEmpty() ? skippedByService.remove(key) : skippedByService.put(key, now);
        logNew(before == null ? Set.of() : before, now);
    }

    private void reportSkippedElsewhere() {
        Set<SkippedObject> now = new LinkedHashSet<>();
        clusters.values().forEach(objects -> now.addAll(objects.skipped()));
        Set<SkippedObject> before = skippedElsewhere;
        if (!now.equals(before)) {
            skippedElsewhere = Collections.unmodifiableSet(now);
            logNew(before, now);
        }
    }

    private static void logNew(Set<SkippedObject> before, Set<SkippedObject> now) {
        for (SkippedObject object : now) {
            if (!before.contains(object)) {
                logger.warn("not served: {}", object);
            }
        }
    }
}
