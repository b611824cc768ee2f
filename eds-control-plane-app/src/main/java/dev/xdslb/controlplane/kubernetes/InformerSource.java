/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import com.google.common.base.Throwables;
import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.fault.Loop;
import dev.xdslb.controlplane.topology.ClusterFeed;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologyObject;
import dev.xdslb.controlplane.topology.TopologySource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the API server. The informers retry for ever, whatever goes wrong; their threads only prune and submit.
 *
 * <p>Start and close are called by one thread; the informers' threads count down {@link #unlisted}; the monitor's thread
 * reads what is watched.
 */
public final class InformerSource implements TopologySource {

    private static final Logger logger = LoggerFactory.getLogger(InformerSource.class);

    /** Doubled five times by the client: after an outage a watch is back within 8 s. Its default is 1,000, that is 32 s. */
    private static final int RECONNECT_INTERVAL_MILLIS = 250;

    private static final int LOOK_SECONDS = 5;

    private final KubernetesClient client;
    private final List<String> namespaces;
    private final ObjectPruning pruning;
    private final ClusterFeed feed;
    private final FaultBoundary boundary;
    private final List<SharedIndexInformer<?>> informers = new ArrayList<>();
    private final AtomicInteger unlisted = new AtomicInteger();
    private final boolean ownsClient;
    private final Loop monitor;
    private final WatchMonitor watches = new WatchMonitor();
    private String lastVersions = ""; // the monitor's

    /**
     * Creates a source that is not started.
     *
     * @param ownsClient whether the client is closed along with this
     * @param namespaces those whose services are served; empty means all
     */
    public InformerSource(
            KubernetesClient client,
            boolean ownsClient,
            List<String> namespaces,
            ObjectPruning pruning,
            ClusterFeed feed,
            Faults faults) {
        this.client = client;
        this.ownsClient = ownsClient;
        this.namespaces = List.copyOf(namespaces);
        this.pruning = pruning;
        this.feed = feed;
        this.boundary = faults.boundary("informers of " + client.getMasterUrl());
        this.monitor = new Loop(faults, "watch monitor of " + client.getMasterUrl(), this::look);
    }

    @Override
    public void start() {
        client.getConfiguration().setWatchReconnectInterval(RECONNECT_INTERVAL_MILLIS);
        prepare(client.nodes(), Node::new, ObjectId.Kind.NODE, pruning::prune);
        prepareNamespaced(client.pods(), Pod::new, ObjectId.Kind.POD, pod -> pruning.prune(pod, ""));
        prepareNamespaced(
                client.services(), Service::new, ObjectId.Kind.SERVICE, service -> pruning.prune(service, ""));
        prepareNamespaced(
                client.discovery().v1().endpointSlices(),
                EndpointSlice::new,
                ObjectId.Kind.ENDPOINT_SLICE,
                slice -> pruning.prune(slice, ""));
        unlisted.set(informers.size());
        logger.info("watching {}", status().source());
        informers.forEach(SharedIndexInformer::start);
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
        return informers.stream()
                .filter(informer -> informer.stopped().toCompletableFuture().isDone())
                .map(informer -> "informer of " + informer)
                .toList();
    }

    @Override
    public void close() {
        monitor.close();
        informers.forEach(informer -> boundary.run("stop of " + informer, informer::stop));
        if (ownsClient) {
            boundary.run("closing the client", client::close);
        }
    }

    private String problem() {
        List<String> unwatched = unwatched();
        return unwatched.isEmpty() ? "" : "not watched at the moment: " + String.join(", ", unwatched);
    }

    /** Every change of a version, a bookmark's too, was heard from the API server. */
    private void look() throws InterruptedException {
        TimeUnit.SECONDS.sleep(LOOK_SECONDS);
        String versions = informers.stream()
                .map(informer -> String.valueOf(informer.lastSyncResourceVersion()))
                .collect(Collectors.joining(" "));
        List<String> lost = unlisted.get() == 0 ? watches.look(unwatched()) : unwatched();
        if (!lost.isEmpty()) {
            feed.lost("not watched: " + String.join(", ", lost));
        } else if (unwatched().isEmpty() && (!versions.equals(lastVersions) || watches.wasLost())) {
            feed.heard();
        }
        lastVersions = versions;
    }

    private List<String> unwatched() {
        return informers.stream()
                .filter(informer -> !informer.isWatching())
                .map(SharedIndexInformer::toString)
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
        SharedIndexInformer<T> informer = operation.runnableInformer(0);
        Handler<T> handler = new Handler<>(informer.toString(), kind, prune);
        informer.removeNamespaceIndex()
                .itemStore(new VersionItemStore<>(newObject, boundary))
                .exceptionHandler(handler::retry)
                .addEventHandler(handler);
        informers.add(informer);
    }

    /** Runs on the informer's threads, one call at a time except for {@link #retry}. */
    private final class Handler<T extends HasMetadata> implements ResourceEventHandler<T> {
        private final String path;
        private final ObjectId.Kind kind;
        private final Function<T, TopologyObject> prune;
        private final AtomicBoolean failing = new AtomicBoolean();
        private boolean listed;

        Handler(String path, ObjectId.Kind kind, Function<T, TopologyObject> prune) {
            this.path = path;
            this.kind = kind;
            this.prune = prune;
        }

        @Override
        public void onAdd(T object) {
            upsert(object);
        }

        @Override
        public void onUpdate(T before, T object) {
            upsert(object);
        }

        @Override
        public void onDelete(T object, boolean finalStateUnknown) {
            boundary.run(id(object), () -> feed.submit(new TopologyChange.Remove(id(object))));
        }

        @Override
        public void onList(String resourceVersion, boolean remainedEmpty) {
            boundary.run(path, () -> {
                if (failing.compareAndSet(true, false)) {
                    logger.info("{} is watched again", path);
                }
                if (!listed) {
                    listed = true;
                    if (unlisted.decrementAndGet() == 0) {
                        feed.submit(new TopologyChange.Synced());
                    }
                }
            });
        }

        /** The client's own handler gives up for ever after some failures; endpoints would then silently grow old. */
        boolean retry(boolean started, Throwable failure) {
            if (failing.compareAndSet(false, true)) {
                boundary.run(path, () -> {
                    logger.warn(
                            "{} cannot be watched: {}; {}; trying again until it can",
                            path,
                            Throwables.getRootCause(failure),
                            started ? "the last state is served" : "nothing is served until it can");
                    logger.debug("{} cannot be watched", path, failure);
                });
            }
            return true;
        }

        /** What an informer's thread is thrown at ends the informer, or the client's connection, for good. */
        private void upsert(T object) {
            boundary.run(id(object), () -> feed.submit(new TopologyChange.Upsert(prune.apply(object))));
        }

        private ObjectId id(T object) {
            ObjectMeta metadata = object.getMetadata();
            return metadata == null
                    ? new ObjectId(kind, "", "")
                    : new ObjectId(
                            kind,
                            metadata.getNamespace() == null ? "" : metadata.getNamespace(),
                            metadata.getName() == null ? "" : metadata.getName());
        }
    }
}
