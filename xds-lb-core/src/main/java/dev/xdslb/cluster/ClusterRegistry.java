/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.load.LoadRegistry;
import dev.xdslb.policy.ClientPlace;
import dev.xdslb.strategy.BuiltInStrategies;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All clusters of a process. A cluster comes into being when it is first asked for and lives until the registry is
 * closed. Thread-safe.
 */
public final class ClusterRegistry implements AutoCloseable {
    /** A random generator for many threads, without a lock and without a ThreadLocal. */
    public static final RandomGenerator THREAD_LOCAL_RANDOM = BuiltInStrategies.THREAD_LOCAL_RANDOM;

    private static final Logger log = LoggerFactory.getLogger(ClusterRegistry.class);

    /** How often {@link #tick} is to be called. */
    public static final Duration TICK = Duration.ofMillis(100);

    /** Every which tick ejections, weights and time-outs are looked at; bounds how late they change. */
    private static final int SLOW_TICK = 5;

    private final EndpointSource source;
    private final ClusterSettingsProvider settings;
    private final ClusterLifetime lifetime;
    private final Faults faults;
    private final LongSupplier nanoClock;
    private final InstantSource wallClock;
    private final RandomGenerator random;
    private final Executor fallbackExecutor;
    private final ConnectionCheck connectionCheck;
    private final Runnable stopThreads;
    private final LoadRegistry loads;
    private final ConcurrentHashMap<String, Cluster> clusters = new ConcurrentHashMap<>();
    private volatile ClientPlace place = ClientPlace.UNKNOWN;
    private int ticks; // guarded by this

    /**
     * Makes an empty registry with threads of its own, which end when it is closed.
     *
     * @param source asked for every cluster; closed together with the registry
     * @param settings how to balance the cluster of a resource name, whatever its source says about policies
     */
    public ClusterRegistry(EndpointSource source, Function<String, ClusterSettings> settings) {
        this(source, (resource, policy) -> settings.apply(resource), ClusterLifetime.DEFAULT);
    }

    /**
     * Makes an empty registry with threads of its own, which end when it is closed.
     *
     * @param source asked for every cluster; closed together with the registry
     * @param settings how to balance each cluster
     * @param lifetime how long clusters live that the settings do not name
     */
    public ClusterRegistry(EndpointSource source, ClusterSettingsProvider settings, ClusterLifetime lifetime) {
        this.source = source;
        this.settings = settings;
        this.lifetime = lifetime;
        this.faults = new Faults();
        this.nanoClock = System::nanoTime;
        this.wallClock = InstantSource.system();
        this.loads = new LoadRegistry(nanoClock);
        this.random = THREAD_LOCAL_RANDOM;
        ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(daemonThreads("xds-lb-tick"));
        ExecutorService fallbacks = Executors.newCachedThreadPool(daemonThreads("xds-lb-fallback"));
        TcpConnect connects = new TcpConnect(daemonThreads("xds-lb-connect"));
        this.fallbackExecutor = fallbacks;
        this.connectionCheck = connects;
        this.stopThreads = () -> {
            ticker.shutdownNow();
            fallbacks.shutdownNow();
            connects.close();
        };
        ScheduledFuture<?> unused =
                ticker.scheduleWithFixedDelay(this::tick, TICK.toNanos(), TICK.toNanos(), TimeUnit.NANOSECONDS);
    }

    private ClusterRegistry(
            EndpointSource source,
            ClusterSettingsProvider settings,
            ClusterLifetime lifetime,
            LongSupplier nanoClock,
            RandomGenerator random,
            ConnectionCheck connectionCheck) {
        this.source = source;
        this.settings = settings;
        this.lifetime = lifetime;
        this.faults = new Faults(nanoClock);
        this.nanoClock = nanoClock;
        this.wallClock = () -> Instant.EPOCH.plusNanos(nanoClock.getAsLong());
        this.loads = new LoadRegistry(nanoClock);
        this.random = random;
        this.fallbackExecutor = Runnable::run;
        this.connectionCheck = connectionCheck;
        this.stopThreads = () -> {};
    }

    /**
     * Makes an empty registry without threads, whose time and chance are the caller's: for simulations and tests. The
     * caller moves the clock and calls {@link #tick} every {@link #TICK} of it.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back; the wall clock shows as
     *     much time since 1970
     * @param random also used by policies; give the same one to the strategies for runs that can be repeated
     */
    public static ClusterRegistry driven(
            EndpointSource source,
            Function<String, ClusterSettings> settings,
            LongSupplier nanoClock,
            RandomGenerator random) {
        return driven(source, settings, nanoClock, random, ConnectionCheck.NONE);
    }

    /**
     * Makes an empty registry like {@link #driven(EndpointSource, Function, LongSupplier, RandomGenerator)}, where the caller also
     * says which endpoints can be connected to.
     *
     * @param connectionCheck asked on the thread that ticks; it may answer at once
     */
    public static ClusterRegistry driven(
            EndpointSource source,
            Function<String, ClusterSettings> settings,
            LongSupplier nanoClock,
            RandomGenerator random,
            ConnectionCheck connectionCheck) {
        return driven(
                source,
                (resource, policy) -> settings.apply(resource),
                ClusterLifetime.DEFAULT,
                nanoClock,
                random,
                connectionCheck);
    }

    /**
     * Makes an empty registry like {@link #driven(EndpointSource, Function, LongSupplier, RandomGenerator, ConnectionCheck)}, with
     * settings that look at what the source says, and a lifetime of clusters.
     */
    public static ClusterRegistry driven(
            EndpointSource source,
            ClusterSettingsProvider settings,
            ClusterLifetime lifetime,
            LongSupplier nanoClock,
            RandomGenerator random,
            ConnectionCheck connectionCheck) {
        return new ClusterRegistry(source, settings, lifetime, nanoClock, random, connectionCheck);
    }

    /**
     * Returns the cluster of a resource name, subscribing to it first where nobody has asked for it before. Does not wait
     * for endpoints: see {@link Cluster#settled()}.
     */
    public Cluster cluster(String resource) {
        Cluster existing = clusters.get(resource);
        return existing != null ? existing : clusters.computeIfAbsent(resource, this::create);
    }

    /** Returns the clusters that were asked for so far. */
    public Collection<Cluster> clusters() {
        return List.copyOf(clusters.values());
    }

    /**
     * Asks for the settings of every cluster anew. Those that are others than before take effect at once and keep all that was
     * measured; equal ones change nothing.
     */
    public void settingsChanged() {
        // filled in by the next step
    }

    /** Returns how long clusters live that the settings do not name. */
    public ClusterLifetime lifetime() {
        return lifetime;
    }

    /** Returns what fails at present in code that is not ours, here and at the source: strategies, fallbacks, listeners, settings. */
    public List<Fault> faults() {
        return Stream.concat(faults.faults().stream(), source.faults().stream()).toList();
    }

    /** Returns the source that all clusters are fed by. */
    public EndpointSource source() {
        return source;
    }

    /** Returns where this process runs, as far as that is known by now. */
    public ClientPlace place() {
        return place;
    }

    /** Says where this process runs. Takes effect on all clusters within half a second. */
    public void place(ClientPlace newPlace) {
        place = newPlace;
    }

    /**
     * Finds out where this process runs, and keeps finding out: what is not given here, the source is asked for. Until it
     * has answered, zones are not looked at.
     *
     * @param zone the zone, empty to ask
     * @param ownService the resource name of the service that this process serves for, whose endpoints say how its fellow
     *     clients are spread over the zones; empty to ask
     */
    public void locate(String zone, String ownService) {
        OwnPlace own = new OwnPlace(source, zone, ownService);
        place = own;
        own.start();
    }

    /** Closes every cluster, then the source. */
    @Override
    public void close() {
        stopThreads.run();
        clusters.values().forEach(Cluster::close);
        source.close();
    }

    private Cluster create(String resource) {
        return new Cluster(
                resource,
                settings.settings(resource, ServicePolicy.NONE),
                source,
                new PresentPlace(),
                loads,
                nanoClock,
                wallClock,
                random,
                fallbackExecutor,
                connectionCheck);
    }

    /** Lets a tenth of a second pass: ages what was measured, ends ejections and time-outs that are due. */
    public synchronized void tick() {
        ticks++;
        boolean slow = ticks % SLOW_TICK == 0;
        loads.tick();
        if (slow) {
            loads.slowTick();
        }
        for (Cluster cluster : clusters.values()) {
            try {
                cluster.tick();
                if (slow) {
                    cluster.slowTick();
                }
            } catch (RuntimeException e) { // a scheduled task that throws is never run again
                log.error("{}: a strategy or policy failed; its last picker stays in use", cluster.resource(), e);
            }
        }
    }

    private static ThreadFactory daemonThreads(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + '-' + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** The place as it is known at the moment: clusters are often made before it is. */
    private final class PresentPlace implements ClientPlace {
        @Override
        public String zone() {
            return place.zone();
        }

        @Override
        public double clientShare(String zone) {
            return place.clientShare(zone);
        }

        @Override
        public boolean isZoneGiven() {
            return place.isZoneGiven();
        }

        @Override
        public int fingerprint() {
            return place.fingerprint();
        }
    }
}
