/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import java.util.random.RandomGenerator;

/** Draws that depend on nothing but a key: SplitMix64 with the key's hash for its seed. Used for one pick, by one thread. */
final class KeyedDraws implements RandomGenerator {
    private long state;

    KeyedDraws(long hash) {
        this.state = hash;
    }

    @Override
    public long nextLong() {
        state += Hash64.GOLDEN_GAMMA;
        return Hash64.mix(state);
    }
}
