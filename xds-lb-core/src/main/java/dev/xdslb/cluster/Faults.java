/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * What fails at present in code that is not ours, or on threads of ours. Every {@link FaultBoundary} writes, health and meters
 * read. Holds only boundaries that fail, until they work again or are closed. Thread-safe.
 */
public final class Faults {
    private final LongSupplier nanoClock;
    private final Set<FaultBoundary> failing = ConcurrentHashMap.newKeySet();
    private final AtomicLong total = new AtomicLong();

    /** Makes an empty one. */
    public Faults() {
        this(System::nanoTime);
    }

    /**
     * Makes an empty one.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     */
    public Faults(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /**
     * Makes a boundary around something that may fail.
     *
     * @param what what is done, such as {@code orders.shop:8080: strategy "mine"}; in the log and for health
     * @param consequence what follows where it fails, such as {@code the last picker stays in use}; in the log
     */
    public FaultBoundary boundary(String what, String consequence) {
        return new FaultBoundary(this, what, consequence);
    }

    /** Returns what fails at present, sorted. */
    public List<Fault> faults() {
        return failing.stream()
                .map(FaultBoundary::fault)
                .sorted(Comparator.comparing(Fault::what))
                .toList();
    }

    /** Returns how often anything has failed since this was made. */
    public long total() {
        return total.get();
    }

    long now() {
        return nanoClock.getAsLong();
    }

    void failed() {
        total.incrementAndGet();
    }

    void begun(FaultBoundary boundary) {
        failing.add(boundary);
    }

    void over(FaultBoundary boundary) {
        failing.remove(boundary);
    }
}
