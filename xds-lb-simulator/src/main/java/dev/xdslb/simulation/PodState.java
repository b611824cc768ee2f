/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.simulation.Fault.Kind;
import java.time.Instant;
import java.util.SplittableRandom;

/** One pod during a run: its workers, its queue, and what is wrong with it. Driven by {@link SimulationRun}. */
final class PodState {
    final int index;
    final PodSpec spec;
    final int zone;
    final SplittableRandom random;
    final LongRing queue = new LongRing(); // slots, in the order of arrival

    private final Instant epoch;
    private int busy;
    private boolean alive;
    private boolean announcedReady;
    private boolean hung;
    private boolean refusing;
    private double slowness = 1; // factor on the service time
    private double fixedNanos; // 0 - none
    private double failingShare;
    private long failingNanos;
    private double sheddingShare;
    private long sheddingNanos;
    private int incarnation; // how many pods have been here
    private long joinedAt;
    private Instant readySince;

    PodState(int index, PodSpec spec, int zone, Instant epoch, SplittableRandom random) {
        this.index = index;
        this.spec = spec;
        this.zone = zone;
        this.epoch = epoch;
        this.random = random;
        this.readySince = epoch.plus(spec.joinsAt()).minus(spec.readyFor());
    }

    /**
     * Brings everything that depends on the time up to date.
     *
     * @return whether clients are to learn of it
     */
    boolean update(long now) {
        boolean wasAlive = alive;
        boolean wasReady = announcedReady;
        boolean started = now >= spec.joinsAt().toNanos();
        alive = started;
        announcedReady = started;
        hung = false;
        refusing = false;
        slowness = 1;
        fixedNanos = 0;
        failingShare = 0;
        sheddingShare = 0;
        for (Fault fault : spec.faults()) {
            if (fault.from().toNanos() <= now && now < fault.until().toNanos()) {
                apply(fault);
            }
        }
        if (alive && !wasAlive) {
            joinedAt = now;
            if (incarnation++ > 0) {
                readySince = epoch.plusNanos(now);
            }
        } else if (announcedReady && !wasReady) {
            readySince = epoch.plusNanos(now);
        }
        return alive != wasAlive || announcedReady != wasReady;
    }

    private void apply(Fault fault) {
        if (fault.kind() == Kind.SLOW) {
            slowness *= fault.amount();
        } else if (fault.kind() == Kind.FIXED_TIME) {
            fixedNanos = fault.time().toNanos();
        } else if (fault.kind() == Kind.HUNG) {
            hung = true;
        } else if (fault.kind() == Kind.FAILING) {
            failingShare = fault.amount();
            failingNanos = fault.time().toNanos();
        } else if (fault.kind() == Kind.SHEDDING) {
            sheddingShare = fault.amount();
            sheddingNanos = fault.time().toNanos();
        } else if (fault.kind() == Kind.NOT_READY) {
            announcedReady = false;
        } else if (fault.kind() == Kind.REFUSING) {
            refusing = true;
        } else {
            alive = false;
            announcedReady = false;
        }
    }

    boolean isAlive() {
        return alive;
    }

    /** Returns whether somebody listens, be it one who never answers. */
    boolean acceptsConnections() {
        return alive && !refusing;
    }

    boolean isReady() {
        return announcedReady;
    }

    boolean hasFreeWorker() {
        return !hung && busy < spec.concurrency();
    }

    /** Returns how fast it works at the moment, 1 being normal. */
    double currentSpeed() {
        return spec.speed() / slowness;
    }

    /** Returns after how many nanoseconds this request is answered with an error, or -1 where it is not. */
    long failsAfter() {
        return failingShare > 0 && random.nextDouble() < failingShare ? failingNanos : -1;
    }

    /** Returns after how many nanoseconds this request is refused, or -1 where it is not. */
    long shedsAfter() {
        return sheddingShare > 0 && random.nextDouble() < sheddingShare ? sheddingNanos : -1;
    }

    /** Returns whether a request that was worked on turns out to be an error. */
    boolean errs() {
        return spec.errorShare() > 0 && random.nextDouble() < spec.errorShare();
    }

    /** Occupies a worker and returns for how many nanoseconds, at least 1. */
    long occupyWorker(long now) {
        busy++;
        if (fixedNanos > 0) {
            return (long) fixedNanos;
        }
        double warming = spec.warmUp().factorAt(now - joinedAt);
        return 1 + (long) (spec.serviceTime().nextNanos(random) * slowness * warming / spec.speed());
    }

    void freeWorker() {
        busy--;
    }

    void loseEverything() {
        busy = 0;
        queue.clear();
    }

    SimulatedPod announcement() {
        return new SimulatedPod(
                index,
                SimulatedPod.endpoint(index)
                        .locality(Locality.ofZone(spec.zone()))
                        .weight(spec.weight())
                        .labels(spec.labels())
                        .health(announcedReady ? EndpointHealth.HEALTHY : EndpointHealth.UNHEALTHY)
                        .pod("pod-" + index, "uid-" + index + '-' + incarnation)
                        .readySince(readySince)
                        .build());
    }
}
