/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.fault;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One place in the control plane where nothing that is thrown, {@link Error}s among it, may end more than the one piece
 * of work that threw it. What is thrown is counted, shown by {@link Faults}, and logged when a subject begins to fail and
 * when it works again, not each time in between.
 *
 * <p>Any thread may run work here; a subject's entries are written by whoever runs work for it, and read by everybody.
 */
public final class FaultBoundary {
    /** Subjects that are told apart; what fails beyond them is counted, and logged as one. */
    static final int MAX_SUBJECTS = 1_000;

    /** A subject that nobody has worked on for so long says nothing about now: it may be gone. */
    static final Duration REMEMBERED = Duration.ofMinutes(10);

    private static final String OTHERS = "others";

    private static final Logger logger = LoggerFactory.getLogger(FaultBoundary.class);

    private final String place;
    private final InstantSource clock;
    private final LongAdder count = new LongAdder();
    private final Map<Object, Fault> failing = new ConcurrentHashMap<>();

    FaultBoundary(String place, InstantSource clock) {
        this.place = requireNonNull(place, "place");
        this.clock = clock;
    }

    /**
     * Something that fails at the moment.
     *
     * @param what what was thrown last
     * @param since when it began to fail
     * @param last when it failed last
     */
    public record Fault(String subject, String what, Instant since, Instant last) {}

    /** Returns the name of the place, for people and as the tag of a meter. */
    public String place() {
        return place;
    }

    /** Returns how often something was thrown here. */
    public long count() {
        return count.sum();
    }

    /** Returns what fails at the moment, the longest first. */
    public List<Fault> faults() {
        Instant forgotten = clock.instant().minus(REMEMBERED);
        failing.values().removeIf(fault -> fault.last().isBefore(forgotten));
        return failing.values().stream()
                .sorted(Comparator.comparing(Fault::since))
                .toList();
    }

    /**
     * Does a piece of work.
     *
     * @param subject what it is about: equal subjects begin to fail and work again together
     * @return whether nothing was thrown
     */
    public boolean run(Object subject, Runnable work) {
        try {
            work.run();
        } catch (Throwable thrown) {
            failed(subject, thrown);
            return false;
        }
        succeeded(subject);
        return true;
    }

    /** Does a piece of work that makes something; null when something was thrown. */
    public <T> @Nullable T get(Object subject, Supplier<? extends @Nullable T> work) {
        @Nullable T made;
        try {
            made = work.get();
        } catch (Throwable thrown) {
            failed(subject, thrown);
            return null;
        }
        succeeded(subject);
        return made;
    }

    /** Takes what was thrown elsewhere. Throws nothing itself, even where there is no memory to say so. */
    public void failed(Object subject, Throwable thrown) {
        try {
            count.increment();
            Instant now = clock.instant();
            Object known = failing.containsKey(subject) || failing.size() < MAX_SUBJECTS ? subject : OTHERS;
            Fault before = failing.get(known);
            Fault fault = new Fault(
                    String.valueOf(known), String.valueOf(thrown), before == null ? now : before.since(), now);
            failing.put(known, fault);
            if (before == null) {
                logger.error("{}: {} fails; everything else goes on, and this is tried again", place, known, thrown);
            }
        } catch (Throwable none) {
            // Most likely there is no memory or no stack left. The next failure is said, if this one cannot be.
        }
    }

    /** Whether anything fails at the moment, so that {@link #succeeded} has something to note. */
    public boolean hasFaults() {
        return !failing.isEmpty();
    }

    /** Notes that a subject works; costs one look at an empty map as long as nothing fails. */
    public void succeeded(Object subject) {
        if (failing.isEmpty()) {
            return;
        }
        Fault before = failing.remove(subject);
        if (before != null) {
            logger.info("{}: {} works again, after it has failed since {}", place, subject, before.since());
        }
    }
}
