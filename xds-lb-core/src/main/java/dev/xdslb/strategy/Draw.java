/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Candidate;
import org.jspecify.annotations.Nullable;

/** A picker that can be observed. Where it is not, the observer is a constant null, and costs nothing once compiled. */
@FunctionalInterface
interface Draw extends Picker {

    /** Picks, and tells the observer where there is one. */
    Candidate draw(RequestAttributes request, @Nullable PickObserver observer);

    @Override
    default Candidate pick(RequestAttributes request) {
        return draw(request, null);
    }

    @Override
    default Candidate pick(RequestAttributes request, PickObserver observer) {
        return draw(request, observer);
    }
}
