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
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.apiguardian.api.API;

/**
 * All clusters of a process. A cluster comes into being when it is first asked for. One that the settings name lives until the
 * registry is closed, another one as long as it is used, see {@link ClusterLifetime}. Thread-safe.
 */
@API(status = API.Status.STABLE)
public final class ClusterRegistry implements AutoCloseable {
    /** A random generator for many threads, without a lock and without a ThreadLocal. */
    public static final RandomGenerator THREAD_LOCAL_RANDOM = BuiltInStrategies.THREAD_LOCAL_RANDOM;

    /** How often {@link #tick} is to be called. */
    public static final Duration TICK = Duration.ofMillis(100);

    /** After how long a request is given up whose end nobody has told, at the earliest. */
    @API(status = API.Status.INTERNAL)
    public static final Duration DEFAULT_MAX_LEASE_AGE = Duration.ofMinutes(10);

    /** Every which tick ejections, weights and time-outs are looked at; bounds how late they change. */
    private static final int SLOW_TICK = 5;

    private final EndpointSource source;
    private final LongSupplier nanoClock;
    private final Runnable stopThreads;
    private final LoadRegistry loads;
    private final Faults faults;
    private final FaultBoundary tickFaults;
    private final ClusterRoster roster;
    private final ClusterContext context;
    private final PresentPlace place = new PresentPlace();
    private volatile long tickedAt; // nanoseconds of the clock; written by the tick
    private int ticks; // guarded by this

    /**
     * Makes an empty registry with threads of its own, which end when it is closed.
     *
     * @param source asked for every cluster; closed together with the registry
     * @param settings how to balance the cluster of a resource name, whatever its source says about policies
     */
    @API(status = API.Status.INTERNAL)
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
    @API(status = API.Status.INTERNAL)
    public ClusterRegistry(EndpointSource source, ClusterSettingsProvider settings, ClusterLifetime lifetime) {
        this(source, settings, lifetime, DEFAULT_MAX_LEASE_AGE);
    }

    /**
     * Makes an empty registry with threads of its own, which end when it is closed.
     *
     * @param source asked for every cluster; closed together with the registry
     * @param settings how to balance each cluster
     * @param lifetime how long clusters live that the settings do not name
     * @param maxLeaseAge a request whose end nobody has told is given up after one to two times this; streams never are. From a
     *     second to a day
     */
    @API(status = API.Status.INTERNAL)
    public ClusterRegistry(
            EndpointSource source, ClusterSettingsProvider settings, ClusterLifetime lifetime, Duration maxLeaseAge) {
        this(
                source,
                settings,
                lifetime,
                maxLeaseAge,
                System::nanoTime,
                InstantSource.system(),
                THREAD_LOCAL_RANDOM,
                new RegistryThreads());
    }

    private ClusterRegistry(
            EndpointSource source,
            ClusterSettingsProvider settings,
            ClusterLifetime lifetime,
            Duration maxLeaseAge,
            LongSupplier nanoClock,
            InstantSource wallClock,
            RandomGenerator random,
            RegistryThreads threads) {
        this(
                source,
                settings,
                lifetime,
                maxLeaseAge,
                nanoClock,
                wallClock,
                random,
                threads.blocking(),
                Deadlines.on(threads.blocking()),
                threads.connects(),
                threads::stop);
        threads.startTick(this::tick, TICK);
    }

    private ClusterRegistry(
            EndpointSource source,
            ClusterSettingsProvider settings,
            ClusterLifetime lifetime,
            Duration maxLeaseAge,
            LongSupplier nanoClock,
            InstantSource wallClock,
            RandomGenerator random,
            Executor blocking,
            Deadlines deadlines,
            ConnectionCheck connectionCheck,
            Runnable stopThreads) {
        this.source = source;
        this.nanoClock = nanoClock;
        this.stopThreads = stopThreads;
        this.loads = new LoadRegistry(nanoClock, maxLeaseAge);
        this.faults = new Faults(nanoClock);
        this.tickFaults = faults.boundary("the tick", "it goes on");
        this.roster = new ClusterRoster(lifetime, nanoClock);
        this.tickedAt = nanoClock.getAsLong();
        this.context = new ClusterContext(
                source,
                source.description(),
                settings,
                roster,
                place,
                loads,
                nanoClock,
                wallClock,
                random,
                blocking,
                deadlines,
                connectionCheck,
                new ForeignStrategies(blocking),
                faults);
    }

    /**
     * Makes an empty registry without threads, whose time and chance are the caller's: for simulations and tests. The
     * caller moves the clock and calls {@link #tick} every {@link #TICK} of it.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back; the wall clock shows as
     *     much time since 1970
     * @param random also used by policies; give the same one to the strategies for runs that can be repeated
     */
    @API(status = API.Status.INTERNAL)
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
    @API(status = API.Status.INTERNAL)
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
    @API(status = API.Status.INTERNAL)
    public static ClusterRegistry driven(
            EndpointSource source,
            ClusterSettingsProvider settings,
            ClusterLifetime lifetime,
            LongSupplier nanoClock,
            RandomGenerator random,
            ConnectionCheck connectionCheck) {
        return new ClusterRegistry(
                source,
                settings,
                lifetime,
                DEFAULT_MAX_LEASE_AGE,
                nanoClock,
                () -> Instant.EPOCH.plusNanos(nanoClock.getAsLong()),
                random,
                Runnable::run,
                Deadlines.BY_TICK,
                connectionCheck,
                () -> {});
    }

    /**
     * Returns the cluster of a resource name, subscribing to it first where nobody has used it of late. Does not wait for
     * endpoints: see {@link Cluster#settled()}. It may be kept for as long as one likes, see {@link Cluster}.
     *
     * @throws RuntimeException what the settings throw, where there is no such cluster yet
     */
    public Cluster cluster(String resource) {
        Cluster cluster = roster.cluster(resource, name -> new Cluster(name, context));
        cluster.use();
        return cluster;
    }

    /** Returns the clusters that are awake. */
    public Collection<Cluster> clusters() {
        return List.copyOf(roster.awake());
    }

    /**
     * Asks for the settings of every cluster anew, also of those that sleep and may be used again. Those that are others than before
     * take effect at once and keep all that was measured; equal ones change nothing.
     */
    public void settingsChanged() {
        roster.all().forEach(Cluster::settingsChanged);
    }

    /** Returns how long clusters live that the settings do not name. */
    @API(status = API.Status.INTERNAL)
    public ClusterLifetime lifetime() {
        return roster.lifetime();
    }

    /** Returns what fails at present in code that is not ours, here and at the source: strategies, fallbacks, listeners, settings. */
    public List<Fault> faults() {
        return Stream.concat(faults.faults().stream(), source.faults().stream()).toList();
    }

    /** Returns how often anything has failed in such code since the registry was made, what happened at the source apart. */
    @API(status = API.Status.INTERNAL)
    public long faultCount() {
        return faults.total();
    }

    /** Returns how many requests have been given up because nobody told their end. */
    @API(status = API.Status.INTERNAL)
    public long abandonedLeases() {
        return loads.abandoned();
    }

    /** Returns how many endpoints have a load here. */
    int remembered() {
        return loads.size();
    }

    /** Returns how many clusters there are, awake or kept by somebody. */
    int known() {
        return roster.known();
    }

    /** Returns how long ago it ticked: much more than {@link #TICK} where something that it called does not return. */
    public Duration sinceTick() {
        return Duration.ofNanos(Math.max(0, nanoClock.getAsLong() - tickedAt));
    }

    /** Returns the source that all clusters are fed by. */
    public EndpointSource source() {
        return source;
    }

    /** Returns where this process runs, as far as that is known by now. */
    @API(status = API.Status.INTERNAL)
    public ClientPlace place() {
        return place.known();
    }

    /** Says where this process runs. Takes effect on all clusters within half a second. */
    @API(status = API.Status.INTERNAL)
    public void place(ClientPlace newPlace) {
        place.given(newPlace);
    }

    /**
     * Says by what this process is told apart from its fellow clients: where a client does not use all endpoints, each of them
     * chooses others by it, and the same ones after a restart with the same id. Without one it is random. Takes effect on clusters that
     * are made or woken later.
     *
     * @param podUid the uid of its pod, empty where it is not known
     * @param namespace of its pod
     * @param pod the name of its pod, which is unique in its namespace; empty where it is not known
     */
    @API(status = API.Status.INTERNAL)
    public void identify(String podUid, String namespace, String pod) {
        place.identify(!podUid.isEmpty() ? podUid : pod.isEmpty() ? "" : namespace + '/' + pod);
    }

    /**
     * Finds out where this process runs, and keeps finding out: what is not given here, the source is asked for. Until it
     * has answered, zones are not looked at.
     *
     * @param zone the zone, empty to ask
     * @param ownService the resource name of the service that this process serves for, whose endpoints say how its fellow
     *     clients are spread over the zones; empty to ask
     */
    @API(status = API.Status.INTERNAL)
    public void locate(String zone, String ownService) {
        place.ask(new OwnPlace(source, zone, ownService, faults));
    }

    /** Closes every cluster, then the source. */
    @Override
    public void close() {
        stopThreads.run();
        FaultBoundary closing = faults.boundary("closing", "the others are closed all the same");
        for (Cluster cluster : roster.close()) {
            closing.run(cluster::close);
        }
        source.close();
    }

    /** Lets a tenth of a second pass: ages what was measured, ends ejections and time-outs that are due. Throws nothing. */
    @API(status = API.Status.INTERNAL)
    public synchronized void tick() {
        ticks++;
        boolean slow = ticks % SLOW_TICK == 0;
        tickFaults.run(loads::tick);
        if (slow) {
            tickFaults.run(loads::slowTick);
        }
        for (Cluster cluster : roster.awake()) {
            tickFaults.run(cluster::tick);
            if (slow) {
                tickFaults.run(cluster::slowTick);
            }
        }
        if (slow) {
            tickFaults.run(roster::slowTick);
            tickFaults.run(place::slowTick);
        }
        tickedAt = nanoClock.getAsLong();
    }
}
