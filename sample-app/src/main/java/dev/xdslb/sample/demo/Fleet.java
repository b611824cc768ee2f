/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import dev.xdslb.sample.backend.BackendPod;
import dev.xdslb.sample.backend.Behaviour;
import dev.xdslb.sample.demo.DemoPod.State;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pods of the service, and what Kubernetes says of them: plays the scheduler, the kubelets and the Deployment. Written
 * by whoever makes trouble and by the readiness probe's thread, under the lock of this object; anybody reads a copy.
 */
final class Fleet implements AutoCloseable {
    /** The zones, alternating from pod to pod. */
    static final List<String> ZONES = List.of("a", "b");

    /** How long Kubernetes takes to notice that a pod is dead. */
    static final Duration READINESS_DELAY = Duration.ofMillis(500);

    /** How long a pod that is to end serves on, for the clients that have not heard of it yet. */
    static final Duration GRACE = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(Fleet.class);

    private final Clock clock;
    private final Duration serviceTime;
    private final ManifestFolder manifests = ManifestFolder.create(ZONES);
    private final Map<String, DemoPod> pods = new TreeMap<>(); // guarded by this
    private final Map<Integer, String> nameByPort = new HashMap<>(); // guarded by this
    private final Map<String, Integer> lastNumber = new HashMap<>(); // guarded by this
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService kubelet = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "kubelet");
        thread.setDaemon(true);
        return thread;
    });

    /** Makes a service without pods. */
    Fleet(Clock clock, Duration serviceTime) {
        this.clock = clock;
        this.serviceTime = serviceTime;
    }

    ManifestFolder manifests() {
        return manifests;
    }

    /** Runs an action whenever Kubernetes says something new of the pods, on the thread that made it so. */
    void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Returns all pods, by zone and age. */
    synchronized List<DemoPod> pods() {
        return pods.values().stream()
                .sorted(Comparator.comparing(DemoPod::zone).thenComparing(DemoPod::name, Fleet::byNumber))
                .toList();
    }

    /** Returns the pods that Kubernetes believes to be ready. */
    List<DemoPod> readyPods() {
        return pods().stream().filter(DemoPod::isReady).toList();
    }

    /** Returns the name of the pod that listens, or listened, on a port. */
    synchronized String nameAt(int port) {
        return nameByPort.getOrDefault(port, "port " + port);
    }

    /** Starts a pod, which is ready when this returns; returns its name. */
    String start(String zone) {
        String name;
        synchronized (this) {
            name = "orders-" + zone + lastNumber.merge(zone, 1, Integer::sum);
            BackendPod server =
                    BackendPod.start(name, InetAddress.getLoopbackAddress(), 0, 0, new Behaviour(serviceTime));
            DemoPod pod = new DemoPod(name, UUID.randomUUID().toString(), zone, State.READY, clock.instant(), server);
            nameByPort.put(server.httpPort(), name);
            nameByPort.put(server.grpcPort(), name);
            pods.put(name, pod);
            manifests.write(pod);
        }
        tellListeners();
        return name;
    }

    /** Kills pods, all at once. Kubernetes notices it {@link #READINESS_DELAY} later. */
    void kill(Collection<String> names) {
        synchronized (this) {
            for (String name : names) {
                DemoPod pod = pods.get(name);
                if (pod != null && pod.state() == State.READY) {
                    pods.put(name, pod.in(State.DYING, clock.instant()));
                    pod.server().kill();
                }
            }
        }
        later(READINESS_DELAY, () -> noticeDeath(names));
    }

    /** Deletes the dead pods and starts as many new ones in their zones, as a Deployment does; returns the new names. */
    List<String> replaceDead() {
        List<DemoPod> dead =
                pods().stream().filter(pod -> pod.state() != State.READY).toList();
        dead.forEach(pod -> retire(pod.name()));
        return dead.stream().map(pod -> start(pod.zone())).toList();
    }

    /** Deletes a pod. One that is alive goes on serving for {@link #GRACE} and then ends in good order. */
    void retire(String name) {
        DemoPod pod;
        synchronized (this) {
            pod = pods.remove(name);
            if (pod == null) {
                return;
            }
            manifests.delete(name);
        }
        tellListeners();
        if (pod.state() == State.READY) {
            later(GRACE, () -> pod.server().drain(GRACE));
        }
    }

    /** Returns how a pod behaves, for changes. */
    synchronized Behaviour behaviour(String name) {
        DemoPod pod = pods.get(name);
        if (pod == null) {
            throw new IllegalArgumentException("pod: " + name + " (expected: one of " + pods.keySet() + ")");
        }
        return pod.server().behaviour();
    }

    @Override
    public void close() {
        kubelet.shutdownNow();
        for (DemoPod pod : pods()) {
            pod.server().close();
        }
        manifests.close();
    }

    private void noticeDeath(Collection<String> names) {
        synchronized (this) {
            for (String name : names) {
                DemoPod pod = pods.get(name);
                if (pod != null && pod.state() == State.DYING) {
                    DemoPod notReady = pod.in(State.NOT_READY, clock.instant());
                    pods.put(name, notReady);
                    manifests.write(notReady);
                }
            }
        }
        tellListeners();
    }

    private void later(Duration delay, Runnable task) {
        var unused = kubelet.schedule(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        log.error("the demo's Kubernetes failed", e);
                    }
                },
                delay.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void tellListeners() {
        listeners.forEach(Runnable::run);
    }

    /** Orders {@code orders-a2} before {@code orders-a10}. */
    private static int byNumber(String a, String b) {
        return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
    }
}
