/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Exclusion;
import dev.xdslb.policy.Routing;
import java.time.Instant;
import java.util.List;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * Why one pick ended as it did.
 *
 * @param resource the name of the cluster
 * @param at when, by the wall clock
 * @param status where the cluster's endpoints came from
 * @param strategy the name of the strategy
 * @param strategyUntil until when it is in use in place of the one that is configured; null where it is that one
 * @param picked the endpoint that was picked, null where there was none
 * @param probe whether it is left out, and this request finds out whether it works again: no strategy was asked, except in
 *     panic
 * @param failure why nothing was picked, empty where something was
 * @param subset which endpoints the request could go to by a label, null where requests are not routed by one
 * @param routing how the request came to its priority and zone, null where the request got none. An
 *     endpoint that takes it because all of that group are at their limit belongs to another one
 * @param panic whether ejection was ignored, because too few of the ready endpoints were trusted
 * @param eligible how many endpoints could be picked, in all priorities and zones
 * @param drawn what the strategy looked at, in that order; of some strategies only the result is known
 * @param excluded the endpoints that could not be picked; in samples without those of other subsets
 *     and those that this client does not use
 */
@API(status = API.Status.STABLE)
public record PickExplanation(
        String resource,
        Instant at,
        ClusterStatus status,
        String strategy,
        @Nullable Instant strategyUntil,
        @Nullable Endpoint picked,
        boolean probe,
        String failure,
        @Nullable SubsetChoice subset,
        @Nullable Routing routing,
        boolean panic,
        int eligible,
        List<DrawnCandidate> drawn,
        List<Exclusion> excluded) {
    /** How many excluded endpoints the text names. */
    private static final int MAX_NAMED = 20;

    public PickExplanation {
        requireNonNull(resource, "resource");
        requireNonNull(at, "at");
        requireNonNull(status, "status");
        requireNonNull(strategy, "strategy");
        requireNonNull(failure, "failure");
        drawn = List.copyOf(drawn);
        excluded = List.copyOf(excluded);
    }

    /** Returns all of it in some lines for people. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(resource).append(" at ").append(at).append(": ");
        if (picked == null) {
            text.append("nothing was picked: ").append(failure);
        } else {
            text.append(picked.address()).append(probe ? " as its probe after an ejection" : " by " + strategy);
        }
        if (strategyUntil != null) {
            text.append("\n  strategy: ")
                    .append(strategy)
                    .append(" until ")
                    .append(strategyUntil)
                    .append(", in place of the configured one");
        }
        if (subset != null) {
            text.append("\n  subset: ").append(subset);
        }
        if (routing != null) {
            text.append("\n  routing: ").append(routing);
        }
        text.append("\n  eligible: ").append(eligible);
        if (panic) {
            text.append(", ejection being ignored because too few of the ready endpoints are trusted (panic)");
        }
        if (!drawn.isEmpty()) {
            text.append("\n  drawn:");
            drawn.forEach(candidate -> text.append("\n    ").append(candidate));
        }
        if (!excluded.isEmpty()) {
            text.append("\n  excluded: ").append(excluded.size());
            excluded.stream()
                    .limit(MAX_NAMED)
                    .forEach(exclusion -> text.append("\n    ").append(exclusion));
            if (excluded.size() > MAX_NAMED) {
                text.append("\n    and ").append(excluded.size() - MAX_NAMED).append(" more");
            }
        }
        return text.toString();
    }
}
