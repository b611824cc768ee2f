/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.fault.Loop;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
 * is made of two services. Nothing is published before every required cluster is synced, and every optional one is or has
 * had its time; then everything at once.
 *
 * <p>Whatever is thrown ends nothing but the piece of work that it is in, which is done again a little later.
 */
public final class Topology implements AutoCloseable {

    /** Of one service. From the budget "p99 of a change at the client at most 250 ms"; Istio waits 100 ms and 10 s, for all. */
    private static final Duration QUIET = Duration.ofMillis(50);

    private static final Duration MAXIMUM = Duration.ofMillis(250);

    /** How often it is looked what only time changes, and what failed is done again. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private static final Logger logger = LoggerFactory.getLogger(Topology.class);

    /** Something for the writer thread to do. */
    private sealed interface Submission {
        KubernetesClusterName cluster();

        record Change(KubernetesClusterName cluster, long feed, TopologyChange change) implements Submission {}

        record Open(KubernetesClusterName cluster, long feed, boolean required) implements Submission {}

        record Removal(KubernetesClusterName cluster) implements Submission {}
    }

    private final BlockingQueue<Submission> submissions = new LinkedBlockingQueue<>();
    private final KubernetesClusters clusters;
    private final LongSupplier nanoClock;
    private final InstantSource clock;
    private final Coalescing coalescing;
    private final Announcer announcer;
    private final FaultBoundary boundary;
    private final Loop writer;

    // Written by the writer thread, read by everybody.
    private final Map<ServiceKey, ServiceView> views = new ConcurrentHashMap<>();
    private final PodPlaces places = new PodPlaces();
    private final Map<ObjectId, RoutingObject> routing = new ConcurrentHashMap<>();
    private final SkippedReport skipped = new SkippedReport();
    private volatile SortedMap<ObjectScope, String> unlisted = new TreeMap<>(); // replaced, never changed
    private volatile boolean synced;

    // Confined to the writer thread.
    private final Touched touched = new Touched(); // what is pending in coalescing
    private final Touched failed = new Touched(); // could not be computed: to be done again
    private final HalfWayStates halfWay = new HalfWayStates();
    private final Map<ServiceKey, Map<KubernetesClusterName, Integer>> held = new HashMap<>(); // see MassNotReady
    private final ClientCounts clientCounts = new ClientCounts();
    private long lookedAt;

    /** Creates the topology of these clusters, all of them required, with a boundary of its own. */
    public Topology(Collection<KubernetesClusterName> required) {
        this(required, new Faults(), TopologySettings.DEFAULT);
    }

    /** Creates a topology of these required clusters, to which others may be added by {@link #open}. */
    public Topology(Collection<KubernetesClusterName> required, Faults faults, TopologySettings settings) {
        this(required, faults, settings, System::nanoTime, InstantSource.system(), new Coalescing(QUIET, MAXIMUM));
    }

    Topology(
            Collection<KubernetesClusterName> required,
            Faults faults,
            TopologySettings settings,
            LongSupplier nanoClock,
            InstantSource clock,
            Coalescing coalescing) {
        this.clusters = new KubernetesClusters(settings, nanoClock);
        this.nanoClock = nanoClock;
        this.clock = clock;
        this.coalescing = coalescing;
        this.boundary = faults.boundary("topology");
        this.announcer = new Announcer(faults.boundary("topology listeners"));
        this.writer = new Loop(faults, "topology writer", this::turn);
        this.lookedAt = nanoClock.getAsLong();
        required.forEach(name -> open(name, true));
    }

    public void start() {
        writer.start();
    }

    /** Ends the writer thread; the last views stay readable. */
    @Override
    public void close() {
        writer.close();
    }

    /**
     * Adds a cluster, or a new source for one that is there: what the source before it said is served until the new one
     * has said everything.
     *
     * @param required whether nothing is published without it; an optional cluster is waited for at most
     *     {@link TopologySettings#syncTimeout}
     */
    public ClusterFeed open(KubernetesClusterName cluster, boolean required) {
        requireNonNull(cluster, "cluster");
        long feed = clusters.expect(cluster, required);
        submissions.add(new Submission.Open(cluster, feed, required));
        return feed(cluster, feed);
    }

    /** Returns the feed of who is the cluster's only source: whatever was opened last hears it. */
    public ClusterFeed feed(KubernetesClusterName cluster) {
        return feed(cluster, KubernetesCluster.ANY_FEED);
    }

    /** Takes a cluster out; its endpoints go after {@link TopologySettings#keepRemoved}, unless it is opened again. */
    public void remove(KubernetesClusterName cluster) {
        submissions.add(new Submission.Removal(requireNonNull(cluster, "cluster")));
    }

    /** Hands a change of this cluster's objects over; those of one cluster are applied in the order of submission. */
    public void submit(KubernetesClusterName cluster, TopologyChange change) {
        feed(cluster).submit(change);
    }

    public void addListener(TopologyListener listener) {
        announcer.add(listener);
    }

    /** Whether the views show everything that existed when the sources started. Never turns false again. */
    public boolean isSynced() {
        return synced;
    }

    /** Returns how the clusters are, sorted by name. */
    public List<ClusterView> clusters() {
        return clusters.views();
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

    /** Returns the objects that say how requests come in, in no particular order. */
    public Collection<RoutingObject> routing() {
        return Collections.unmodifiableCollection(routing.values());
    }

    /** Returns what is not served, and why. */
    public List<SkippedObject> skipped() {
        return skipped.all();
    }

    private ClusterFeed feed(KubernetesClusterName cluster, long feed) {
        return new ClusterFeed() {
            @Override
            public void submit(TopologyChange change) {
                submissions.add(new Submission.Change(cluster, feed, requireNonNull(change, "change")));
            }

            @Override
            public void heard() {
                clusters.heard(cluster, feed);
            }

            @Override
            public void lost(String problem) {
                clusters.lost(cluster, feed, problem);
            }
        };
    }

    /** One turn of the writer thread: applies what was submitted, and publishes what is due. */
    private void turn() throws InterruptedException {
        Submission next = submissions.poll(nanosToWait(), TimeUnit.NANOSECONDS);
        if (next != null) {
            List<Submission> batch = new ArrayList<>();
            batch.add(next);
            submissions.drainTo(batch);
            batch.forEach(this::apply);
            boundary.run("what is skipped", () -> skipped.elsewhere(clusters.skipped()));
        }
        long now = nanoClock.getAsLong();
        if (now - lookedAt >= LOOK.toNanos()) {
            lookedAt = now;
            look(now);
        }
        if (isPublishable()) {
            publish();
        }
        List<TopologyListener.PlaceChange> counts = clientCounts.due(nanoClock.getAsLong(), views, places);
        if (!counts.isEmpty()) {
            announcer.places(counts);
        }
    }

    private long nanosToWait() {
        long now = nanoClock.getAsLong();
        long wait = Math.min(LOOK.toNanos(), clientCounts.nanosUntilDue(now));
        return isPublishable() ? Math.min(wait, coalescing.nanosUntilDue(now)) : wait;
    }

    private boolean isPublishable() {
        return synced || clusters.areKnown();
    }

    private void apply(Submission submission) {
        boundary.run(submission.cluster(), () -> {
            long now = nanoClock.getAsLong();
            Touched touchedNow = new Touched();
            boolean urgent = true;
            KubernetesCluster cluster = clusters.get(submission.cluster());
            try {
                if (submission instanceof Submission.Open open) {
                    clusters.open(open.cluster(), open.feed(), open.required());
                } else if (cluster == null) {
                    logger.debug("{} of a Kubernetes cluster that is not configured is ignored", submission);
                } else if (submission instanceof Submission.Removal) {
                    cluster.remove(now);
                } else if (submission instanceof Submission.Change change && cluster.listensTo(change.feed())) {
                    cluster.said(now);
                    cluster.apply(change.change(), touchedNow, now);
                    urgent = !onlyEnriches(change.change());
                }
            } finally {
                touch(touchedNow, now, urgent);
            }
        });
    }

    private void touch(Touched touchedNow, long now, boolean urgent) {
        touchedNow.othersBegan(clock.instant());
        touched.add(touchedNow);
        coalescing.changed(touchedNow, now, urgent);
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

    private void look(long now) {
        Touched touchedNow = new Touched();
        clusters.look(now, boundary, touchedNow);
        touchedNow.add(failed);
        failed.clear();
        touchedNow.services().addAll(halfWay.due(now));
        clusters.lookAtUnheard(clock.instant(), touchedNow);
        touch(touchedNow, now, true);
        coalescing.forget(now);
        announcer.tellAgain(views, routing, unlisted);
    }

    /** Publishes what is due, the first time everything. */
    private void publish() {
        long now = nanoClock.getAsLong();
        if (synced && coalescing.nanosUntilDue(now) > 0) {
            return;
        }
        lookAtUnheard(now);
        List<ServiceKey> due = synced ? coalescing.due(now) : coalescing.all();
        SortedMap<KubernetesClusterName, ClusterObjects> served = clusters.served();
        List<TopologyListener.ServiceChange> changes = new ArrayList<>();
        for (ServiceKey key : due) {
            if (!boundary.run(key, () -> publish(key, served, changes))) {
                failed.services().add(key); // its last state is kept
                coalescing.done(key, now, false);
            }
        }
        List<TopologyListener.PlaceChange> placeChanges = new ArrayList<>();
        for (PodKey pod : touched.pods()) {
            if (!boundary.run(pod, () -> publish(pod, served, placeChanges))) {
                failed.pods().add(pod);
            }
        }
        touched.pods().clear();
        coalescing.placesDone(now);
        List<TopologyListener.RoutingChange> routingChanges = new ArrayList<>();
        SortedMap<ObjectScope, String> nowUnlisted = unlisted;
        boolean any = !touched.routing().isEmpty() || touched.listing();
        if (coalescing.routingIsDue(now) || (!synced && any)) {
            if (touched.listing()) {
                nowUnlisted = unlisted(served);
            }
            touched.routing().forEach(id -> publish(id, served, routingChanges));
            touched.routing().clear();
            touched.setListing(false);
            coalescing.routingDone(now);
        }
        sayHeld();
        if (!changes.isEmpty()) {
            announcer.services(changes);
            clientCounts.changed(changes, nanoClock.getAsLong());
        }
        if (!placeChanges.isEmpty()) {
            announcer.places(placeChanges);
        }
        SortedMap<ObjectScope, String> either = new TreeMap<>(unlisted);
        either.putAll(nowUnlisted);
        sayUnlisted(either); // what is made of the objects that are told next is not complete without them
        if (!routingChanges.isEmpty()) {
            announcer.routing(routingChanges);
        }
        sayUnlisted(nowUnlisted);
        if (!synced) {
            synced = true;
            logger.info("synced: {} services of {}", views.size(), served.keySet());
        }
    }

    private static SortedMap<ObjectScope, String> unlisted(SortedMap<KubernetesClusterName, ClusterObjects> served) {
        SortedMap<ObjectScope, String> unlisted = new TreeMap<>();
        served.values().forEach(objects -> unlisted.putAll(objects.unlisted()));
        return unlisted;
    }

    private void sayUnlisted(SortedMap<ObjectScope, String> now) {
        if (!now.equals(unlisted)) {
            unlisted = Collections.unmodifiableSortedMap(now);
            announcer.listing(unlisted);
        }
    }

    /** Before anything is computed: what came since the last look may have made a mass of what was none, or ended it. */
    private void lookAtUnheard(long now) {
        Touched touchedNow = new Touched();
        clusters.lookAtUnheard(clock.instant(), touchedNow);
        touch(touchedNow, now, true);
    }

    private void sayHeld() {
        Map<KubernetesClusterName, Integer> sum = new HashMap<>();
        held.values()
                .forEach(ofService -> ofService.forEach((cluster, pods) -> sum.merge(cluster, pods, Integer::sum)));
        clusters.held(sum);
    }

    private void publish(
            ServiceKey key,
            SortedMap<KubernetesClusterName, ClusterObjects> served,
            List<TopologyListener.ServiceChange> changes) {
        Instant since = touched.take(key);
        ServiceView before = views.get(key);
        long now = nanoClock.getAsLong();
        HalfWayStates.Waiting waiting = halfWay.look(key, now);
        ServiceProjection.Result result = ServiceProjection.project(key, served, before, synced ? waiting : null);
        waiting.end();
        skipped.ofService(key, result.skipped());
        if (result.held().isEmpty()) {
            held.remove(key);
        } else {
            held.put(key, result.held());
        }
        ServiceView after = result.view();
        if (Objects.equals(before, after)) {
            coalescing.done(key, now, false);
            return;
        }
        // First: what is kept but not told is lost.
        changes.add(new TopologyListener.ServiceChange(key, before, after, since));
        if (after == null) {
            views.remove(key);
        } else {
            views.put(key, after);
        }
        coalescing.done(key, now, true);
    }

    private void publish(
            PodKey pod,
            SortedMap<KubernetesClusterName, ClusterObjects> served,
            List<TopologyListener.PlaceChange> changes) {
        TopologyListener.PlaceChange change = places.replace(pod, PodPlaceProjection.project(pod, served));
        if (change != null) {
            changes.add(change);
        }
    }

    /** Of an object that several Kubernetes clusters have, that of the first one by name counts. */
    private void publish(
            ObjectId id,
            SortedMap<KubernetesClusterName, ClusterObjects> served,
            List<TopologyListener.RoutingChange> changes) {
        RoutingObject after = null;
        for (ClusterObjects objects : served.values()) {
            after = objects.routing(id);
            if (after != null) {
                break;
            }
        }
        RoutingObject before = after == null ? routing.remove(id) : routing.put(id, after);
        if (!Objects.equals(before, after)) {
            changes.add(new TopologyListener.RoutingChange(id, after));
        }
    }
}
