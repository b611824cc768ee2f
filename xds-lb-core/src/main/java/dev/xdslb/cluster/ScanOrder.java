/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.util.random.RandomGenerator;

/**
 * An order in which to look at all of some candidates, each once: from a drawn one on in steps of a drawn length that has no
 * divisor with their number in common. In an order of neighbours, the one behind a row of unusable ones would take all that
 * they cannot.
 */
final class ScanOrder {
    private final int size;
    private final long first;
    private final long step;

    /**
     * Draws an order.
     *
     * @param size how many there are, at least 1
     */
    ScanOrder(int size, RandomGenerator draws) {
        this.size = size;
        this.first = draws.nextInt(size);
        int drawn = 1 + draws.nextInt(size);
        while (divisor(drawn, size) > 1) {
            drawn++; // size + 1 at the latest, which has none
        }
        this.step = drawn;
    }

    /**
     * Returns a position.
     *
     * @param turn 0 to {@code size - 1}
     */
    int at(int turn) {
        return (int) ((first + turn * step) % size);
    }

    private static int divisor(int one, int other) {
        int rest = one % other;
        return rest == 0 ? other : divisor(other, rest);
    }
}
