/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.cluster.Fault;
import dev.xdslb.cluster.Faults;
import dev.xdslb.endpoint.Endpoint;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Endpoints from a control plane, over one ADS stream that all subscriptions of a process share. Connects at the first
 * subscription, or at {@link #connect()}. Keeps the last good endpoints for as long as the control plane is away.
 *
 * <p>Everything that changes is confined to one thread: gRPC calls back on it, subscriptions are handed over to it and
 * watchers are told on it, so a watcher must not block. What {@link #status()} reads was published by that thread, part by
 * part: each part is consistent in itself.
 */
public final class XdsEndpointSource implements EndpointSource {
    private final XdsClientSettings settings;
    private final Faults faults;
    private final SerialExecutor executor;
    private final ResourceTable<List<Endpoint>> endpoints;
    private final ResourceTable<ClusterContent> clusters;
    private final PlaceTable places;
    private final AdsConnection connection;
    private final AtomicBoolean changesAhead = new AtomicBoolean();
    private volatile boolean closed;

    /** Makes a client that is not connected yet. */
    public XdsEndpointSource(XdsClientSettings settings) {
        this(
                settings,
                SerialExecutor.thread("xds-lb-ads"),
                XdsEndpointSource::runOnOwnThread,
                Clock.systemUTC(),
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextLong());
    }

    XdsEndpointSource(
            XdsClientSettings settings,
            ScheduledExecutorService thread,
            Executor lookup,
            Clock clock,
            LongSupplier nanoClock,
            RandomGenerator random) {
        this.settings = settings;
        this.faults = new Faults(nanoClock);
        this.executor = new SerialExecutor(
                thread, faults.boundary(description() + ": a task of the client", "the client goes on without it"));
        this.endpoints = table(new EndpointDecoder(), clock);
        this.clusters = table(new ClusterDecoder(), clock);
        ResourceTable<Place> placeResources = table(new PlaceDecoder(), clock);
        this.places = new PlaceTable(
                placeResources,
                settings.node(),
                faults.boundary("who watches the own place", "what it was told before stays in use"));
        this.connection = new AdsConnection(
                settings,
                description(),
                List.of(clusters, endpoints, placeResources),
                places::reachedFrom,
                executor,
                new ControlPlaneChannel(settings, executor, lookup),
                clock,
                nanoClock,
                random);
        executor.afterFault(connection::goOn);
    }

    private <T> ResourceTable<T> table(ResourceDecoder<?, T> decoder, Clock clock) {
        return new ResourceTable<>(
                decoder,
                description(),
                settings.answerTimeout(),
                executor,
                clock,
                faults.boundary(description() + ": " + decoder.noun(), "the last one stays in use"),
                this::askForChanges);
    }

    /** Connects before anything is subscribed, so that a control plane that is away is noticed early. Does not wait. */
    public void connect() {
        executor.execute(connection::start);
    }

    @Override
    public Subscription subscribe(String resource, Watcher watcher) {
        if (closed) {
            throw new IllegalStateException(
                    "the client of " + description() + " is closed (asked for: " + resource + ')');
        }
        LastGoodFile file = settings.lastGoodFile();
        ServiceSubscription subscription = new ServiceSubscription(
                resource,
                file == null ? watcher : new RememberingWatcher(resource, watcher, file),
                faults.boundary("a watcher of " + resource, "it misses what it was told"),
                endpoints,
                clusters,
                executor,
                this::unsubscribe);
        executor.execute(() -> {
            subscription.begin();
            connection.start();
        });
        askForChanges();
        return subscription;
    }

    /** Asks once there is a connection; this alone makes none. */
    @Override
    public void locate(PlaceWatcher watcher) {
        executor.execute(() -> places.watch(watcher));
        askForChanges();
    }

    private void unsubscribe(ServiceSubscription subscription) {
        executor.execute(subscription::end);
        askForChanges();
    }

    /** Lets all changes that are waiting for the executor go out in one request. */
    private void askForChanges() {
        if (changesAhead.compareAndSet(false, true)) {
            try {
                executor.execute(() -> {
                    changesAhead.set(false);
                    executor.execute(connection::askForChanges);
                });
            } catch (RuntimeException | Error e) { // no memory for another task: the next change tries again
                changesAhead.set(false);
                throw e;
            }
        }
    }

    @Override
    public List<Fault> faults() {
        return faults.faults();
    }

    @Override
    public String description() {
        return "control plane " + settings.address();
    }

    /** Returns what is known about the control plane and the resources. */
    public XdsStatus status() {
        AdsConnection.State state = connection.state();
        return new XdsStatus(
                settings.address(),
                state.connected(),
                state.since(),
                state.trouble(),
                state.protocol(),
                state.server(),
                endpoints.status(),
                clusters.status(),
                traffic(),
                connection.exchanged().times(),
                faults());
    }

    private XdsStatus.Traffic traffic() {
        AdsConnection.Exchanged exchanged = connection.exchanged();
        ResourceTable.Received lists = endpoints.received();
        return new XdsStatus.Traffic(
                exchanged.streams(), exchanged.responses(), exchanged.rejected(), lists.resources(), lists.bytes());
    }

    @Override
    public void close() {
        closed = true;
        executor.execute(() -> {
            try {
                connection.close();
            } finally {
                executor.shutdown();
            }
        });
        LastGoodFile file = settings.lastGoodFile();
        if (file != null) {
            file.close();
        }
    }

    private static void runOnOwnThread(Runnable task) {
        Thread thread = new Thread(task, "xds-lb-lookup");
        thread.setDaemon(true);
        thread.start();
    }
}
