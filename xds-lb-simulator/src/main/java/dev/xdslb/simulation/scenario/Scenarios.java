/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.simulation.scenario.EvenShares.Sending;
import dev.xdslb.simulation.scenario.SlowStart.Concurrency;
import dev.xdslb.simulation.scenario.SlowStart.RampBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** All scenarios, with the parameters that their figures are published for. */
public final class Scenarios {
    /** Enough for the third digit of shares of a million requests. */
    private static final int SEEDS = 20;

    private static final int EVEN_SEEDS = 5;

    private Scenarios() {}

    /** Returns all of them. */
    public static List<Scenario> all() {
        return Stream.of(
                        even(),
                        slower(),
                        faults(),
                        refusals(),
                        retries(),
                        manyDead(),
                        zones(),
                        zoneShares(),
                        pickShares(),
                        podLatencies(),
                        loadLevels(),
                        capacities())
                .flatMap(List::stream)
                .toList();
    }

    /** What equal pods get from one client that sends one by one, at a pace, or several at the same time. */
    public static List<Scenario> even() {
        List<Scenario> even = new ArrayList<>();
        for (double millis : new double[] {0.3, 2, 10, 100}) {
            Duration time = Duration.ofNanos((long) (millis * 1e6));
            for (int pods : new int[] {2, 3, 4, 5, 10, 50}) {
                even.add(new EvenShares(Sending.SEQUENTIAL, 0, pods, time, EVEN_SEEDS));
                for (int perSecond : new int[] {1, 5, 10}) {
                    even.add(new EvenShares(Sending.PACED, perSecond, pods, time, EVEN_SEEDS));
                }
                for (int requests : new int[] {8, 16}) {
                    even.add(new EvenShares(Sending.CONCURRENT, requests, pods, time, EVEN_SEEDS));
                }
                even.add(new EvenShares(Sending.AFTER_IDLE, 0, pods, time, EVEN_SEEDS));
                even.add(new EvenShares(Sending.AFTER_SEQUENTIAL, 0, pods, time, EVEN_SEEDS));
            }
        }
        return even;
    }

    /** One of four pods is slower, and two new ones join a fast and a very slow one. */
    public static List<Scenario> slower() {
        return List.of(
                new OneSlowerPod("sequential-slow-1-of-4", 5, EVEN_SEEDS),
                new OneSlowerPod("sequential-half-1-of-4", 2, EVEN_SEEDS),
                new NewBesideSlow(100, EVEN_SEEDS),
                new NewBesideSlow(20, EVEN_SEEDS),
                new NewBesideSlow(500, EVEN_SEEDS));
    }

    /** S1 to S5: a slow, a failing, a hung pod; several slow ones; new ones. And what must not count as a fault of a pod's. */
    public static List<Scenario> faults() {
        List<Scenario> faults = new ArrayList<>();
        for (int clients : new int[] {1, 40}) {
            faults.add(new SlowPod(clients, 0, SEEDS));
            faults.add(new SlowPod(clients, 0.005, SEEDS));
        }
        for (int clients : new int[] {1, 40}) {
            faults.add(new FailingPod(clients, 1, 5));
            faults.add(new FailingPod(clients, 0.3, 5));
        }
        for (int pods : new int[] {3, 5, 10, 20}) {
            faults.add(new HungPod(pods, 3));
        }
        faults.add(new SamplingFloor(4, 2, 3));
        faults.add(new SamplingFloor(10, 2, 3));
        faults.add(new SamplingFloor(20, 4, 3));
        faults.add(new SamplingFloor(100, 20, 3));
        for (Concurrency concurrency : Concurrency.values()) {
            for (int ramp : new int[] {1, 3, 5}) {
                faults.add(new SlowStart(concurrency, ramp, RampBy.WEIGHT, 3));
            }
        }
        faults.add(new RestartedClient(3));
        for (double share : new double[] {0.3, 1}) {
            for (int clients : new int[] {1, 40}) {
                faults.add(new ErrorBurst(share, clients, 3));
            }
        }
        return faults;
    }

    /** Many pods are dead and requests are few. */
    public static List<Scenario> manyDead() {
        List<Scenario> manyDead = new ArrayList<>();
        for (ManyDead.Way way : ManyDead.Way.values()) {
            for (int requestsPerSecond : new int[] {1, 5}) {
                manyDead.add(new ManyDead(20, 50, way, requestsPerSecond, 5));
                manyDead.add(new ManyDead(40, 100, way, requestsPerSecond, 5));
                manyDead.add(new ManyDead(100, 300, way, requestsPerSecond, 5));
            }
        }
        return manyDead;
    }

    /** Pods that say that they take no more. */
    public static List<Scenario> refusals() {
        return List.of(
                FastRefusals.oneOf(10, 1),
                FastRefusals.oneOf(10, 40),
                FastRefusals.oneOf(3, 1),
                FastRefusals.oneOf(3, 40),
                FastRefusals.all(1),
                FastRefusals.all(40));
    }

    /** Clients that try again. */
    public static List<Scenario> retries() {
        return List.of(
                new RetryStorm(0.3, 1, 10_000, 3),
                new RetryStorm(0.3, 10, 10_000, 3),
                new RetryStorm(0.3, 40, 1_000, 3),
                new RetryStorm(1, 1, 10_000, 3));
    }

    /** What happens to a zone. */
    public static List<Scenario> zones() {
        List<Scenario> zones = new ArrayList<>();
        for (ZoneFault.Kind kind : ZoneFault.Kind.values()) {
            for (double utilisation : new double[] {0.6, 0.8}) {
                for (int clients : new int[] {6, 30, 200, 600}) {
                    zones.add(new ZoneFault(kind, clients, utilisation, 1));
                }
            }
        }
        return zones;
    }

    /** How zones of different sizes share the requests. */
    public static List<Scenario> zoneShares() {
        List<Integer> even = List.of(1, 1, 1);
        return List.of(
                ZoneShares.allReady(even, List.of(3, 3, 3)),
                ZoneShares.allReady(even, List.of(2, 5, 5)),
                ZoneShares.allReady(even, List.of(5, 5, 6)),
                new ZoneShares(even, List.of(10, 10, 10), List.of(10, 8, 8)),
                ZoneShares.allReady(List.of(20, 20, 21), List.of(4, 5, 5)),
                ZoneShares.allReady(List.of(3, 2, 5), List.of(4, 5, 5)),
                ZoneShares.allReady(List.of(3, 2, 5), List.of(3, 4, 5)),
                ZoneShares.allReady(List.of(2, 2, 1, 1, 0), List.of(1, 0, 3, 3, 1)),
                new ZoneShares(List.of(10, 10, 10), List.of(100, 100, 100), List.of(2, 100, 100)));
    }

    /** Who is picked while nothing moves. */
    public static List<Scenario> pickShares() {
        return List.of(
                new PickShares("picks-even", List.of(1, 1, 1), List.of(0, 0, 0)),
                new PickShares("picks-one-busy-of-3", List.of(1, 1, 1), List.of(0, 0, 1)),
                new PickShares("picks-one-busy-of-2", List.of(1, 1), List.of(0, 1)),
                new PickShares("picks-weights", List.of(2, 1), List.of(0, 0)),
                new PickShares("picks-weights-busy", List.of(2, 1), List.of(1, 0)),
                new PickShares("picks-weights-all-busy", List.of(1, 2, 2), List.of(0, 1, 1)),
                // queries per second by utilisation: 22/0.12, 40/0.28, 100/0.86
                new PickShares("picks-by-utilisation", List.of(183_333, 142_857, 116_279), List.of(0, 0, 0)),
                new PickShares("picks-2-3-6", List.of(2, 3, 6), List.of(0, 0, 0)),
                new PickShares("picks-far-apart", List.of(1_000_000_000, 1), List.of(0, 0)));
    }

    /** One pod is cold, slow, failing or gone. */
    public static List<Scenario> podLatencies() {
        return Stream.of(PodLatency.Kind.values())
                .<Scenario>map(PodLatency::new)
                .toList();
    }

    /** More and more load. */
    public static List<Scenario> loadLevels() {
        return DoubleStream.of(0.75, 0.83, 0.93, 1.03, 1.14, 1.27, 1.41, 1.57, 1.74)
                .<Scenario>mapToObj(LoadLevel::new)
                .toList();
    }

    /** How many pods it takes. */
    public static List<Scenario> capacities() {
        List<Scenario> capacities = new ArrayList<>();
        for (int requestsPerSecond : new int[] {3000, 30_000}) {
            for (boolean slowPods : new boolean[] {false, true}) {
                for (int clients : new int[] {10, 40, 200}) {
                    capacities.add(new Capacity(requestsPerSecond, clients, slowPods));
                }
            }
        }
        return capacities;
    }
}
