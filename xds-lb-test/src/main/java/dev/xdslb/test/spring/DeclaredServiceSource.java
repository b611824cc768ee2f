/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.cluster.ServiceReference;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The services that a test declares, in place of a control plane. A service that is declared without a port answers for each of
 * its ports. Thread-safe; whoever watches is told on one thread, in the order of the changes.
 */
final class DeclaredServiceSource implements EndpointSource {
    /** Far more than telling takes, also on a machine that builds much else. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1, 1, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), DeclaredServiceSource::thread);

    private final Object lock = new Object();
    private final Map<String, List<Endpoint>> declared = new TreeMap<>(); // by resource; guarded by lock
    private final List<Watch> watches = new ArrayList<>(); // guarded by lock
    private long version; // guarded by lock

    DeclaredServiceSource() {
        thread.allowCoreThreadTimeOut(true); // nobody closes the source of a context without clusters
    }

    /** Replaces all services; returns when all clusters have heard of it. */
    void replaceAll(Map<String, List<Endpoint>> services) {
        Map<String, List<Endpoint>> copies = new HashMap<>();
        services.forEach((resource, endpoints) -> copies.put(resource, List.copyOf(endpoints)));
        synchronized (lock) {
            version++;
            declared.clear();
            declared.putAll(copies);
            watches.forEach(this::tell);
        }
        awaitTold();
    }

    /** Replaces the endpoints of a service; returns when all clusters have heard of it. */
    void declare(String resource, List<Endpoint> endpoints) {
        change(resource, List.copyOf(endpoints));
    }

    /** Makes a service one that does not exist; returns when all clusters have heard of it. */
    void withdraw(String resource) {
        change(resource, null);
    }

    /** Returns the endpoints of a service that is declared with exactly this name, null where there is none. */
    @Nullable
    List<Endpoint> declared(String resource) {
        synchronized (lock) {
            return declared.get(resource);
        }
    }

    /** Returns what is declared, for messages. */
    String names() {
        synchronized (lock) {
            return declared.isEmpty() ? "none" : String.join(", ", declared.keySet());
        }
    }

    @Override
    public Subscription subscribe(String resource, Watcher watcher) {
        Watch watch = new Watch(resource, watcher);
        synchronized (lock) {
            watches.add(watch);
            tell(watch);
        }
        return watch;
    }

    @Override
    public String description() {
        return "the test's declared services";
    }

    @Override
    public void close() {
        synchronized (lock) {
            watches.clear();
        }
        thread.shutdown();
    }

    private void change(String resource, @Nullable List<Endpoint> endpoints) {
        String service = serviceOf(resource);
        synchronized (lock) {
            version++;
            if (endpoints == null) {
                declared.remove(resource);
            } else {
                declared.put(resource, endpoints);
            }
            for (Watch watch : watches) {
                if (serviceOf(watch.resource).equals(service)) {
                    tell(watch);
                }
            }
        }
        awaitTold();
    }

    /** Lock held, so that the order is that of the changes. */
    private void tell(Watch watch) {
        List<Endpoint> endpoints = declared.get(watch.resource);
        if (endpoints == null) {
            endpoints = declared.get(serviceOf(watch.resource));
        }
        if (endpoints != null) {
            EndpointSnapshot snapshot = new EndpointSnapshot(watch.resource, Long.toString(version), endpoints);
            thread.execute(() -> watch.watcher.onSnapshot(snapshot));
            return;
        }
        String reason = "the test does not declare \"" + watch.resource + "\" (declared: " + names()
                + "); add @DeclaredService(\"" + watch.resource + "\") to it, or call DeclaredServices.declare";
        thread.execute(() -> watch.watcher.onAbsent(reason));
    }

    private void awaitTold() {
        try {
            thread.submit(() -> {}).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while clusters were told what the test declares", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "clusters have not taken what the test declares within " + PATIENCE.toSeconds()
                            + "s: does a strategy or a listener of the application hang?",
                    e);
        }
    }

    private static String serviceOf(String resource) {
        return ServiceReference.parse(resource).authority();
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "declared-services");
        thread.setDaemon(true);
        return thread;
    }

    private final class Watch implements Subscription {
        private final String resource;
        private final Watcher watcher;

        private Watch(String resource, Watcher watcher) {
            this.resource = resource;
            this.watcher = watcher;
        }

        @Override
        public void close() {
            synchronized (lock) {
                watches.remove(this);
            }
        }
    }
}
