/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.policy.Candidate;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoints one attempt of a request may go to.
 *
 * @param tried where earlier attempts went, which this one does not
 * @param usable which ones the caller can use, null for all
 * @param awaited which ones the caller will be able to use soon, null for none
 */
record Attempt(
        Collection<EndpointKey> tried,
        @Nullable Predicate<Endpoint> usable,
        @Nullable Predicate<Endpoint> awaited) implements Predicate<Candidate> {
    /** May go to all. */
    static final Attempt ANYWHERE = new Attempt(List.of(), null, null);

    /** Returns whether it may go to a candidate, limits apart. */
    @Override
    public boolean test(Candidate candidate) {
        return (usable == null || usable.test(candidate.endpoint())) && !isTried(candidate);
    }

    /** Returns whether it may go to a candidate if the caller waits. */
    boolean awaits(Candidate candidate) {
        return awaited != null && awaited.test(candidate.endpoint()) && !isTried(candidate);
    }

    boolean isTried(Candidate candidate) {
        return !tried.isEmpty() && tried.contains(candidate.endpoint().key());
    }

    /** Returns whether it may go to all. */
    boolean isAnywhere() {
        return usable == null && tried.isEmpty();
    }

    /** Returns the attempt that may go again where earlier ones went. */
    Attempt withoutTried() {
        return new Attempt(List.of(), usable, awaited);
    }
}
