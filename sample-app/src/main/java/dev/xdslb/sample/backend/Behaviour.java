/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How a pod behaves at the moment. Written by whoever makes trouble, read by every request; each field is independent of
 * the others.
 */
public final class Behaviour {
    private volatile Duration serviceTime;
    private volatile double slowdown = 1;
    private volatile boolean failing;

    /**
     * Makes a healthy pod.
     *
     * @param serviceTime how long a request takes on average, 0 or more
     */
    public Behaviour(Duration serviceTime) {
        this.serviceTime = requireNotNegative(serviceTime);
    }

    /** Returns how long a request takes on average where the pod is not slow. */
    public Duration serviceTime() {
        return serviceTime;
    }

    public void setServiceTime(Duration serviceTime) {
        this.serviceTime = requireNotNegative(serviceTime);
    }

    /** Returns the factor by which the pod is slower than normal. */
    public double slowdown() {
        return slowdown;
    }

    /**
     * Makes the pod slow, or normal again.
     *
     * @param factor 1 is normal
     */
    public void setSlowdown(double factor) {
        if (!(factor > 0)) {
            throw new IllegalArgumentException("slowdown: " + factor + " (expected: > 0, 1 is normal)");
        }
        this.slowdown = factor;
    }

    /** Returns whether the pod fails every request, at once. */
    public boolean isFailing() {
        return failing;
    }

    public void setFailing(boolean failing) {
        this.failing = failing;
    }

    /** Returns how long the next request takes: the service time and the slowdown, give or take half of it. */
    long nextServiceNanos(RandomGenerator random) {
        return (long) (serviceTime.toNanos() * slowdown * random.nextDouble(0.5, 1.5));
    }

    private static Duration requireNotNegative(Duration serviceTime) {
        if (serviceTime.isNegative()) {
            throw new IllegalArgumentException("service time: " + serviceTime + " (expected: 0 or more)");
        }
        return serviceTime;
    }
}
