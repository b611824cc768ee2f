/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A pod to simulate. Immutable; start with {@link #of} and change what differs.
 *
 * @param serviceTime how long a request keeps a worker busy, at speed 1
 * @param concurrency the number of workers, at least 1; further requests wait in the order of their arrival
 * @param speed divides the service time, above 0
 * @param zone where it runs, empty when unknown
 * @param weight what is announced for it, at least 1
 * @param labels what it is labelled with
 * @param errorShare the share of the requests that end as a failure after their normal time, 0 to 1
 * @param joinsAt when it is there, from the start of the simulation
 * @param readyFor for how long it has been ready when it joins
 * @param warmUp how slow it is when it has just joined
 * @param faults what goes wrong with it
 */
public record PodSpec(
        ServiceTime serviceTime,
        int concurrency,
        double speed,
        String zone,
        int weight,
        Map<String, String> labels,
        double errorShare,
        Duration joinsAt,
        Duration readyFor,
        WarmUp warmUp,
        List<Fault> faults) {

    /** As many workers as there are requests: nothing ever waits. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /** Long enough for every slow start to be over. */
    public static final Duration LONG_READY = Duration.ofDays(1);

    public PodSpec {
        requireNonNull(serviceTime, "serviceTime");
        requireNonNull(zone, "zone");
        requireNonNull(readyFor, "readyFor");
        requireNonNull(warmUp, "warmUp");
        labels = Map.copyOf(labels);
        faults = List.copyOf(faults);
        if (concurrency < 1) {
            throw new IllegalArgumentException("concurrency: " + concurrency + " (expected: >= 1)");
        }
        if (!(speed > 0)) {
            throw new IllegalArgumentException("speed: " + speed + " (expected: > 0)");
        }
        if (!(errorShare >= 0 && errorShare <= 1)) {
            throw new IllegalArgumentException("errorShare: " + errorShare + " (expected: 0 to 1)");
        }
        if (joinsAt.isNegative()) {
            throw new IllegalArgumentException("joinsAt: " + joinsAt + " (expected: >= 0)");
        }
    }

    /** Returns a pod of speed 1 that is there from the start, long ready, without limit of concurrency and without fault. */
    public static PodSpec of(ServiceTime serviceTime) {
        return new PodSpec(
                serviceTime, UNLIMITED, 1, "", 1, Map.of(), 0, Duration.ZERO, LONG_READY, WarmUp.NONE, List.of());
    }

    public PodSpec withConcurrency(int workers) {
        return new PodSpec(
                serviceTime, workers, speed, zone, weight, labels, errorShare, joinsAt, readyFor, warmUp, faults);
    }

    public PodSpec withSpeed(double newSpeed) {
        return new PodSpec(
                serviceTime,
                concurrency,
                newSpeed,
                zone,
                weight,
                labels,
                errorShare,
                joinsAt,
                readyFor,
                warmUp,
                faults);
    }

    public PodSpec inZone(String newZone) {
        return new PodSpec(
                serviceTime,
                concurrency,
                speed,
                newZone,
                weight,
                labels,
                errorShare,
                joinsAt,
                readyFor,
                warmUp,
                faults);
    }

    public PodSpec withWeight(int newWeight) {
        return new PodSpec(
                serviceTime,
                concurrency,
                speed,
                zone,
                newWeight,
                labels,
                errorShare,
                joinsAt,
                readyFor,
                warmUp,
                faults);
    }

    /** Returns a pod with these labels and no others. */
    public PodSpec withLabels(Map<String, String> newLabels) {
        return new PodSpec(
                serviceTime,
                concurrency,
                speed,
                zone,
                weight,
                newLabels,
                errorShare,
                joinsAt,
                readyFor,
                warmUp,
                faults);
    }

    public PodSpec withErrors(double share) {
        return new PodSpec(
                serviceTime, concurrency, speed, zone, weight, labels, share, joinsAt, readyFor, warmUp, faults);
    }

    /** Returns a pod that joins later and has just become ready then. */
    public PodSpec joiningAt(Duration time) {
        return new PodSpec(
                serviceTime, concurrency, speed, zone, weight, labels, errorShare, time, Duration.ZERO, warmUp, faults);
    }

    /** Returns a pod that has been ready for this long when it joins. */
    public PodSpec readyFor(Duration time) {
        return new PodSpec(
                serviceTime, concurrency, speed, zone, weight, labels, errorShare, joinsAt, time, warmUp, faults);
    }

    public PodSpec withWarmUp(WarmUp newWarmUp) {
        return new PodSpec(
                serviceTime,
                concurrency,
                speed,
                zone,
                weight,
                labels,
                errorShare,
                joinsAt,
                readyFor,
                newWarmUp,
                faults);
    }

    /** Returns a pod with one more fault. */
    public PodSpec withFault(Fault fault) {
        List<Fault> more = new ArrayList<>(faults);
        more.add(fault);
        return new PodSpec(
                serviceTime, concurrency, speed, zone, weight, labels, errorShare, joinsAt, readyFor, warmUp, more);
    }

    /**
     * How slow a pod is after it has joined: {@code factor} times the service time at first, falling evenly to 1.
     *
     * @param factor at least 1
     * @param time how long it takes
     */
    public record WarmUp(double factor, Duration time) {
        /** At full speed from the first request on. */
        public static final WarmUp NONE = new WarmUp(1, Duration.ZERO);

        double factorAt(long nanosSinceJoined) {
            double done = time.isZero() ? 1 : Math.min(1, nanosSinceJoined / (double) time.toNanos());
            return factor + (1 - factor) * done;
        }
    }
}
