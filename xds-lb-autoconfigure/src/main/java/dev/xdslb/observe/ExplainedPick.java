/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.cluster.DrawnCandidate;
import dev.xdslb.cluster.PickExplanation;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Exclusion;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@link PickExplanation}, as the actuator shows it.
 *
 * @param strategyUntil until when the strategy is another one than is configured; null where it is that one
 * @param picked the endpoint's address, null where there was none
 * @param failure why nothing was picked, empty where something was
 * @param excluded how many endpoints could not be picked, by the reason
 * @param text all of it in lines for people, of the excluded endpoints the first ones
 */
record ExplainedPick(
        String cluster,
        Instant at,
        String strategy,
        @Nullable Instant strategyUntil,
        @Nullable String picked,
        String pod,
        boolean probe,
        String failure,
        @Nullable String subset,
        @Nullable String routing,
        boolean panic,
        int eligible,
        List<String> drawn,
        Map<Exclusion.Reason, Integer> excluded,
        List<String> text) {

    static ExplainedPick of(PickExplanation explanation) {
        Endpoint picked = explanation.picked();
        Map<Exclusion.Reason, Integer> excluded = new EnumMap<>(Exclusion.Reason.class);
        explanation.excluded().forEach(exclusion -> excluded.merge(exclusion.reason(), 1, Integer::sum));
        return new ExplainedPick(
                explanation.resource(),
                explanation.at(),
                explanation.strategy(),
                explanation.strategyUntil(),
                picked == null ? null : picked.address(),
                picked == null ? "" : picked.podName(),
                explanation.probe(),
                explanation.failure(),
                explanation.subset() == null ? null : explanation.subset().toString(),
                explanation.routing() == null ? null : explanation.routing().toString(),
                explanation.panic(),
                explanation.eligible(),
                explanation.drawn().stream()
                        .limit(XdsLbEndpoint.MAX_SHOWN)
                        .map(DrawnCandidate::toString)
                        .toList(),
                excluded,
                Arrays.asList(explanation.toString().split("\n")));
    }
}
