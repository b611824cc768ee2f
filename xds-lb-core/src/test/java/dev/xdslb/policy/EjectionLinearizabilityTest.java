/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** Tries the interleavings of picks that want to be an ejected endpoint's probe: one of them gets the turn. */
class EjectionLinearizabilityTest {
    private static final int ITERATIONS = 10;
    private static final int INVOCATIONS = 1_000;
    private static final long NOW = 1_000;
    private static final long TURN_NANOS = 100;

    @Test
    void probe_isOnePicks_whoeverTriesAtTheSameMoment() {
        new ModelCheckingOptions()
                .iterations(ITERATIONS)
                .invocationsPerIteration(INVOCATIONS)
                .threads(3)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(0)
                .check(Turns.class);
    }

    /** Turns of one ejected endpoint. */
    public static class Turns {
        private final EjectionState state = new EjectionState();

        public Turns() {
            state.startProbing(NOW);
        }

        @Operation
        public boolean tryProbe() {
            return state.tryProbe(NOW, TURN_NANOS);
        }

        @Operation
        public boolean isProbeDue() {
            return state.isProbeDue(NOW);
        }
    }
}
