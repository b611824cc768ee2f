/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static java.util.Objects.requireNonNull;

import dev.xdslb.policy.Candidate;
import java.util.function.Function;

/** Picks among the candidates of one immutable pool. Thread-safe, without locks; called for every request. */
@FunctionalInterface
public interface Picker {

    /** Returns one of the pool's candidates. Counts nothing: the caller starts the lease. */
    Candidate pick(RequestAttributes request);

    /**
     * Picks as {@link #pick(RequestAttributes)} does, and tells what it looks at. Called for the few requests that are
     * explained. A picker that does not override it is explained by its result alone.
     */
    default Candidate pick(RequestAttributes request, PickObserver observer) {
        return pick(request);
    }

    /**
     * Returns a picker that leaves each request to another one, and its explanation too.
     *
     * @param decision which picker picks for a request; called for every request
     */
    static Picker deciding(Function<RequestAttributes, Picker> decision) {
        requireNonNull(decision, "decision");
        return new Picker() {
            @Override
            public Candidate pick(RequestAttributes request) {
                return decision.apply(request).pick(request);
            }

            @Override
            public Candidate pick(RequestAttributes request, PickObserver observer) {
                return decision.apply(request).pick(request, observer);
            }
        };
    }
}
