/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static java.util.Objects.requireNonNull;

import dev.xdslb.policy.Candidate;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

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
     * Picks for a request that cannot go to all candidates: an earlier attempt of it went to some, or its caller can use only some. Asks
     * {@link #pick(RequestAttributes)} a few times. A picker overrides it that would say the same again, because of the request's
     * key, say.
     *
     * @param fits whether the request can go to a candidate
     * @param observer told what is looked at; null where nobody wants to know
     * @return one that fits; null where none was found, and all are to be looked at
     */
    @API(status = API.Status.INTERNAL)
    default @Nullable Candidate pickFitting(
            RequestAttributes request, Predicate<Candidate> fits, @Nullable PickObserver observer) {
        for (int i = 0; i < 5; i++) { // more often than that, a look at all takes less time
            Candidate picked = observer == null ? pick(request) : pick(request, observer);
            requireNonNull(picked, "the picker returned null (expected: a candidate of its pool)");
            if (fits.test(picked)) {
                return picked;
            }
        }
        return null;
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

            @Override
            public @Nullable Candidate pickFitting(
                    RequestAttributes request, Predicate<Candidate> fits, @Nullable PickObserver observer) {
                return decision.apply(request).pickFitting(request, fits, observer);
            }
        };
    }
}
