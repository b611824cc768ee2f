/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.EndpointSource;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private final SerialExecutor executor;
    private final ResourceTable resources;
    private final PlaceTable places;
    private final AdsConnection connection;
    private final AtomicBoolean changesAhead = new AtomicBoolean();
    private volatile boolean closed;

    /** Makes a client that is not connected yet. */
    public XdsEndpointSource(XdsClientSettings settings) {
        this(
                settings,
                SerialExecutor.withThread("xds-lb-ads"),
                XdsEndpointSource::runOnOwnThread,
                Clock.systemUTC(),
                () -> ThreadLocalRandom.current().nextLong());
    }

    XdsEndpointSource(
            XdsClientSettings settings, SerialExecutor executor, Executor lookup, Clock clock, RandomGenerator random) {
        this.settings = settings;
        this.executor = executor;
        this.resources = new ResourceTable(description(), settings.answerTimeout(), executor, clock);
        this.places = new PlaceTable(description(), settings.node(), settings.answerTimeout(), executor);
        ControlPlaneChannel channel = new ControlPlaneChannel(settings, executor, lookup);
        this.connection =
                new AdsConnection(settings, description(), resources, places, executor, channel, clock, random);
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
        Watch watch = new Watch(resource, watcher, this::unsubscribe);
        executor.execute(() -> {
            resources.add(watch);
            connection.start();
        });
        askForChanges();
        return watch;
    }

    /** Asks once there is a connection; this alone makes none. */
    @Override
    public void locate(PlaceWatcher watcher) {
        executor.execute(() -> places.watch(watcher));
        askForChanges();
    }

    private void unsubscribe(Watch watch) {
        executor.execute(() -> resources.remove(watch));
        askForChanges();
    }

    /** Lets all changes that are waiting for the executor go out in one request. */
    private void askForChanges() {
        if (changesAhead.compareAndSet(false, true)) {
            executor.execute(() -> {
                changesAhead.set(false);
                executor.execute(connection::askForChanges);
            });
        }
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
                resources.status(),
                connection.traffic());
    }

    @Override
    public void close() {
        closed = true;
        executor.execute(() -> {
            connection.close();
            executor.shutdown();
        });
    }

    private static void runOnOwnThread(Runnable task) {
        Thread thread = new Thread(task, "xds-lb-lookup");
        thread.setDaemon(true);
        thread.start();
    }
}
