/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Routing;
import dev.xdslb.strategy.PickObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes down what one pick looks at. Used by one thread. */
final class PickTrace implements PickObserver {
    private final boolean preview;
    private final List<Look> looks = new ArrayList<>();
    private @Nullable Routing routing;

    /**
     * Makes an empty one.
     *
     * @param preview whether the pick is only to be explained, and takes nobody's turn
     */
    PickTrace(boolean preview) {
        this.preview = preview;
    }

    boolean isPreview() {
        return preview;
    }

    @Override
    public void compared(Candidate candidate, double cost, double score) {
        looks.add(new Look(candidate, cost, score, ""));
    }

    @Override
    public void passedOver(Candidate candidate, String why) {
        looks.add(new Look(candidate, null, null, why));
    }

    void routed(Routing taken) {
        routing = taken;
    }

    @Nullable
    Routing routing() {
        return routing;
    }

    /** Returns what was looked at, which the picked candidate is part of even where the strategy told nothing. */
    List<DrawnCandidate> drawn(@Nullable Candidate picked) {
        List<DrawnCandidate> drawn = new ArrayList<>(looks.size() + 1);
        boolean told = false;
        for (Look look : looks) {
            boolean isPicked = look.candidate == picked;
            told |= isPicked;
            drawn.add(DrawnCandidate.of(look.candidate, look.cost, look.score, look.passedOver, isPicked));
        }
        if (picked != null && !told) {
            drawn.add(DrawnCandidate.of(picked, null, null, "", true));
        }
        return drawn;
    }

    private record Look(
            Candidate candidate,
            @Nullable Double cost,
            @Nullable Double score,
            String passedOver) {}
}
