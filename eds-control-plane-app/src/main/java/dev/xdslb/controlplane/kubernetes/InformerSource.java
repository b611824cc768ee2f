/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.fault.Loop;
import dev.xdslb.controlplane.topology.ClusterFeed;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.PodObject;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologyObject;
import dev.xdslb.controlplane.topology.TopologySource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the API server. The informers retry for ever, whatever goes wrong; their threads only prune and submit.
 *
 * <p>Start and close are called by one thread; the informers' threads count down {@link #unlisted}; the monitor's thread
 * looks at what is watched.
 */
public final class InformerSource implements TopologySource {

    private static final Logger logger = LoggerFactory.getLogger(InformerSource.class);

    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(5);

    private final KubernetesClient client;
    private final List<String> namespaces;
    private final ObjectPruning pruning;
    private final ClusterFeed feed;
    private final FaultBoundary boundary;
    private final List<WatchedKind<?>> kinds = new ArrayList<>();
    private final AtomicInteger unlisted = new AtomicInteger();
    private final boolean ownsClient;
    private final Loop monitor;
    private final @Nullable AnnotationEvents events; // null where none are written
    private final WatchMonitor watches = new WatchMonitor();
    private boolean saidLost; // and not yet that it is back; confined to the monitor's thread
    private final LongSupplier nanoClock;
    private final Duration lookInterval;

    /**
     * Creates a source that is not started.
     *
     * @param ownsClient whether the client is closed along with this
     * @param events whether Events say what is wrong with annotations
     * @param namespaces those whose services are served; empty means all
     */
    public InformerSource(
            KubernetesClient client,
            boolean ownsClient,
            boolean events,
            List<String> namespaces,
            ObjectPruning pruning,
            ClusterFeed feed,
            Faults faults) {
        this(client, ownsClient, events, namespaces, pruning, feed, faults, System::nanoTime, LOOK_INTERVAL);
    }

    InformerSource(
            KubernetesClient client,
            boolean ownsClient,
            boolean events,
            List<String> namespaces,
            ObjectPruning pruning,
            ClusterFeed feed,
            Faults faults,
            LongSupplier nanoClock,
            Duration lookInterval) {
        this.client = client;
        this.ownsClient = ownsClient;
        this.namespaces = List.copyOf(namespaces);
        this.pruning = pruning;
        this.feed = feed;
        this.boundary = faults.boundary("informers of " + client.getMasterUrl());
        this.events = events ? new AnnotationEvents(client, boundary) : null;
        this.nanoClock = nanoClock;
        this.lookInterval = lookInterval;
        this.monitor = new Loop(faults, "watch monitor of " + client.getMasterUrl(), this::look);
    }

    @Override
    public void start() {
        prepare(client.nodes(), Node::new, ObjectId.Kind.NODE, pruning::prune);
        prepareNamespaced(client.pods(), Pod::new, ObjectId.Kind.POD, this::prune);
        prepareNamespaced(client.services(), Service::new, ObjectId.Kind.SERVICE, this::prune);
        prepareNamespaced(
                client.discovery().v1().endpointSlices(),
                EndpointSlice::new,
                ObjectId.Kind.ENDPOINT_SLICE,
                slice -> pruning.prune(slice, ""));
        unlisted.set(kinds.size());
        logger.info("watching {}", status().source());
        kinds.forEach(WatchedKind::start);
        monitor.start();
    }

    @Override
    public Status status() {
        String where = namespaces.isEmpty() ? "all namespaces" : "namespaces " + String.join(", ", namespaces);
        return new Status("Kubernetes API " + client.getMasterUrl() + ", " + where, problem());
    }

    /** An informer that has ended is never watched again, which no other replica shares: readiness shows it. */
    @Override
    public List<String> ended() {
        return kinds.stream()
                .filter(WatchedKind::hasEnded)
                .map(watched -> "informer of " + watched)
                .toList();
    }

    @Override
    public void close() {
        monitor.close();
        kinds.forEach(WatchedKind::close);
        if (events != null) {
            events.close();
        }
        if (ownsClient) {
            boundary.run("closing the client", client::close);
        }
    }

    private TopologyObject prune(Service service) {
        if (events != null) {
            events.look(
                    service,
                    PolicyAnnotations.read(service.getMetadata().getAnnotations())
                            .problems());
        }
        return pruning.prune(service, "");
    }

    private TopologyObject prune(Pod pod) {
        PodObject pruned = pruning.prune(pod, "");
        if (events != null) {
            events.look(pod, pruned.problem().isEmpty() ? List.of() : List.of(pruned.problem()));
        }
        return pruned;
    }

    private String problem() {
        List<String> unwatched = unwatched();
        return unwatched.isEmpty() ? "" : "not watched at the moment: " + String.join(", ", unwatched);
    }

    /** Looks whether the API server is heard, and watches anew what is silent. */
    private void look() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(lookInterval.toMillis());
        long now = nanoClock.getAsLong();
        boolean heard = false;
        for (WatchedKind<?> watched : kinds) {
            heard |= watched.look(now);
        }
        List<String> lost = unlisted.get() == 0 ? watches.look(unwatched()) : unwatched();
        if (!lost.isEmpty()) {
            feed.lost("not watched: " + String.join(", ", lost));
            saidLost = true;
        } else if (unwatched().isEmpty() && (heard || saidLost)) {
            feed.heard();
            saidLost = false;
        }
    }

    /** Returns the resource version that each informer has heard last. */
    List<String> versions() {
        return kinds.stream().map(WatchedKind::version).toList();
    }

    private void onListed() {
        if (unlisted.decrementAndGet() == 0) {
            feed.heard(); // what was not listed may have been said to be lost
            feed.submit(new TopologyChange.Synced());
        }
    }

    private List<String> unwatched() {
        return kinds.stream()
                .filter(watched -> !watched.isWatched())
                .map(WatchedKind::toString)
                .toList();
    }

    private <T extends HasMetadata> void prepareNamespaced(
            MixedOperation<T, ?, ?> operation,
            Supplier<T> newObject,
            ObjectId.Kind kind,
            Function<T, TopologyObject> prune) {
        if (namespaces.isEmpty()) {
            prepare(operation.inAnyNamespace(), newObject, kind, prune);
        } else {
            for (String namespace : namespaces) {
                prepare(operation.inNamespace(namespace), newObject, kind, prune);
            }
        }
    }

    private <T extends HasMetadata> void prepare(
            Informable<T> operation, Supplier<T> newObject, ObjectId.Kind kind, Function<T, TopologyObject> prune) {
        kinds.add(new WatchedKind<>(
                operation, newObject, kind, prune, feed, boundary, this::onListed, nanoClock.getAsLong()));
    }
}
