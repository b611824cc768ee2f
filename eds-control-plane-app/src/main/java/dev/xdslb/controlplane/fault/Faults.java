/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.fault;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Every {@link FaultBoundary} and every {@link Pulse} of a control plane: what fails, and which thread has not been heard
 * from. Any thread may ask for or add to it; readiness and the meters read it.
 */
public final class Faults {
    private final InstantSource clock;
    private final LongSupplier nanoClock;
    private final Map<String, FaultBoundary> boundaries = new ConcurrentSkipListMap<>();
    private final List<Pulse> pulses = new CopyOnWriteArrayList<>();
    private final List<Consumer<FaultBoundary>> observers = new CopyOnWriteArrayList<>();

    public Faults() {
        this(InstantSource.system(), System::nanoTime);
    }

    public Faults(InstantSource clock, LongSupplier nanoClock) {
        this.clock = clock;
        this.nanoClock = nanoClock;
    }

    /** Returns the boundary of a place, the same one for the same name. */
    public synchronized FaultBoundary boundary(String place) {
        FaultBoundary present = boundaries.get(place);
        if (present != null) {
            return present;
        }
        FaultBoundary added = new FaultBoundary(place, clock);
        boundaries.put(place, added);
        observers.forEach(observer -> added.run("telling an observer", () -> observer.accept(added)));
        return added;
    }

    /** Tells of every boundary that there is, and of every one that will be. */
    public synchronized void observe(Consumer<FaultBoundary> observer) {
        observers.add(observer);
        boundaries.values().forEach(observer);
    }

    public Collection<FaultBoundary> boundaries() {
        return List.copyOf(boundaries.values());
    }

    /** Returns a proof of life to be given at least every {@link Pulse#MAX_SILENCE}, until it is closed. */
    public Pulse pulse(String thread) {
        Pulse pulse = new Pulse(thread, nanoClock, pulses::remove);
        pulses.add(pulse);
        return pulse;
    }

    /** Returns the threads that have ended or hang, with what is known of them; empty when all are well. */
    public List<String> silent() {
        List<String> silent = new ArrayList<>();
        for (Pulse pulse : pulses) {
            String problem = pulse.problem();
            if (!problem.isEmpty()) {
                silent.add(pulse.thread() + ": " + problem);
            }
        }
        return silent;
    }
}
