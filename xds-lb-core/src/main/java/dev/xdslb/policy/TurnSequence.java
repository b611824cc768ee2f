/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.EndpointKey;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Where the turns of one set of endpoints stand. It outlives the pools made of them.
 *
 * <p><b>Writers:</b> every pick, by one atomic addition. The strides are written where a picker is made, under the lock of
 * this object; picks by an earlier picker of other weights may go on beside it, and what they take in that moment is lost to
 * the strides, which is less than a turn.
 */
final class TurnSequence {
    /** The order in which endpoints have their turns. It goes by what they are, so that no list's order matters. */
    static final Comparator<EndpointKey> ORDER = Comparator.comparing(EndpointKey::host)
            .thenComparingInt(EndpointKey::port)
            .thenComparing(EndpointKey::podUid);

    private final EndpointKey[] keys; // in their order
    private final AtomicLong steps; // taken so far; after 2^63 of them it begins at 0
    private @Nullable Strides strides; // of the newest picker that goes by weight; guarded by this

    TurnSequence(EndpointKey[] keys, long step) {
        this(keys, step, null);
    }

    private TurnSequence(EndpointKey[] keys, long step, @Nullable Strides strides) {
        this.keys = keys;
        this.steps = new AtomicLong(step);
        this.strides = strides;
    }

    int size() {
        return keys.length;
    }

    /** Takes a step and returns its number, 0 or more. */
    long takeStep() {
        return steps.getAndIncrement() & Long.MAX_VALUE;
    }

    /** Returns the strides of these weights, which go on where those of the weights before stand. */
    synchronized Strides strides(int[] weights) {
        Strides before = strides;
        Strides now = before == null ? Strides.of(weights) : before.changedTo(weights, nextStep());
        strides = now;
        return now;
    }

    /** Returns a sequence that stands where this one does and moves on its own. */
    synchronized TurnSequence copy() {
        return new TurnSequence(keys, nextStep(), strides);
    }

    /**
     * Returns the first endpoint from the present turn on that is among others.
     *
     * @param positionOf tells an endpoint's position among the others, less than 0 where it is none of them
     * @return its position there, -1 where they have none in common
     */
    int nextAmong(ToIntFunction<EndpointKey> positionOf) {
        int next = (int) (nextStep() % keys.length);
        for (int i = 0; i < keys.length; i++) {
            int position = positionOf.applyAsInt(keys[(next + i) % keys.length]);
            if (position >= 0) {
                return position;
            }
        }
        return -1;
    }

    private long nextStep() {
        return steps.get() & Long.MAX_VALUE;
    }

    @Override
    public String toString() {
        return "step " + nextStep() + " of " + Arrays.toString(keys);
    }
}
