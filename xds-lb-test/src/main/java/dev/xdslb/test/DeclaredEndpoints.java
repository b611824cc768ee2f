/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import static java.util.Objects.requireNonNull;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Endpoints that a test declares, in place of a control plane.
 *
 * <pre>{@code
 * DeclaredEndpoints endpoints = new DeclaredEndpoints();
 * endpoints.declare("orders.shop:8080", List.of(Endpoint.builder("127.0.0.1", port).build()));
 * ClusterRegistry registry = new ClusterRegistry(endpoints, resource -> settings);
 * }</pre>
 *
 * <p>A resource that was never declared does not exist; one that was declared without endpoints is scaled to zero. Whoever
 * watches a resource learns of changes in the order in which they were declared. Thread-safe.
 */
public final class DeclaredEndpoints implements EndpointSource {
    private final Executor executor;
    private final Runnable stopThread;

    private final Object lock = new Object();
    private final Map<String, List<Endpoint>> declared = new HashMap<>(); // guarded by lock
    private final List<Watch> watches = new ArrayList<>(); // guarded by lock
    private long version; // guarded by lock

    /** Makes a source without any resource, which tells its watchers on a thread of its own. */
    public DeclaredEndpoints() {
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread daemon = new Thread(task, "declared-endpoints");
            daemon.setDaemon(true);
            return daemon;
        });
        this.executor = thread;
        this.stopThread = thread::shutdown;
    }

    /**
     * Makes a source without any resource.
     *
     * @param executor tells the watchers; must run one task after the other and, as {@link EndpointSource} demands, never
     *     within {@link #subscribe}
     */
    public DeclaredEndpoints(Executor executor) {
        this.executor = requireNonNull(executor, "executor");
        this.stopThread = () -> {};
    }

    /**
     * Replaces the endpoints of a resource.
     *
     * @param resource the name that clusters are asked for, such as {@code orders.shop:8080}
     * @param endpoints all of them, ready or not
     * @throws IllegalArgumentException when two of them have the same address
     */
    public void declare(String resource, List<Endpoint> endpoints) {
        synchronized (lock) {
            version++;
            EndpointSnapshot snapshot = snapshot(resource, endpoints);
            declared.put(resource, snapshot.endpoints());
            for (Watch watch : watches) {
                if (watch.resource.equals(resource)) {
                    watch.tell(snapshot);
                }
            }
        }
    }

    /** Makes a resource one that does not exist. */
    public void withdraw(String resource) {
        synchronized (lock) {
            declared.remove(resource);
            for (Watch watch : watches) {
                if (watch.resource.equals(resource)) {
                    watch.tellAbsent();
                }
            }
        }
    }

    @Override
    public Subscription subscribe(String resource, Watcher watcher) {
        Watch watch = new Watch(resource, watcher);
        synchronized (lock) {
            watches.add(watch);
            List<Endpoint> endpoints = declared.get(resource);
            if (endpoints == null) {
                watch.tellAbsent();
            } else {
                watch.tell(snapshot(resource, endpoints));
            }
        }
        return watch;
    }

    @Override
    public String description() {
        return "the test's endpoints";
    }

    @Override
    public void close() {
        synchronized (lock) {
            watches.clear();
        }
        stopThread.run();
    }

    private EndpointSnapshot snapshot(String resource, List<Endpoint> endpoints) {
        return new EndpointSnapshot(resource, Long.toString(version), endpoints);
    }

    private final class Watch implements Subscription {
        private final String resource;
        private final Watcher watcher;

        private Watch(String resource, Watcher watcher) {
            this.resource = resource;
            this.watcher = watcher;
        }

        private void tell(EndpointSnapshot snapshot) {
            executor.execute(() -> watcher.onSnapshot(snapshot));
        }

        private void tellAbsent() {
            executor.execute(() -> watcher.onAbsent("the test has not declared \"" + resource + "\""));
        }

        @Override
        public void close() {
            synchronized (lock) {
                watches.remove(this);
            }
        }
    }
}
