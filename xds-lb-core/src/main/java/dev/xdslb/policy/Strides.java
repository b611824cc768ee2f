/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.Arrays;

/**
 * Who has a turn in which round, by weight: the static stride scheduler of gRPC proposal A58. Immutable.
 *
 * <p>In each round everybody earns its weight, and who has earned {@value #TURN} has a turn and pays for it: {@code earned =
 * (offset + weight * round) mod TURN}, and a turn where {@code earned + weight >= TURN}. So the heaviest, whose weight is
 * {@value #TURN}, has one in every round, and one of weight w in w out of {@value #TURN} rounds, spread evenly over them. The
 * offsets differ, so that light ones do not all have their turn in the same round.
 *
 * <p>When weights change, everybody keeps what it has earned, by another offset:
 *
 * <pre>
 *   weight 20,000   round 0: earned 0 -> 20,000   round 1: -> 40,000   round 2: -> 60,000
 *   now 30,000                                                          round 3: 60,000 + 30,000: a turn, 24,465 are left
 * </pre>
 */
final class Strides {
    /** What a turn costs; the heaviest weighs as much. 16 bits, as in the proposal. */
    static final int TURN = 0xFFFF;

    private final int[] weights; // 1 to TURN, at least one of them TURN
    private final int[] offsets; // 1:1 with the weights, 0 to TURN - 1

    private Strides(int[] weights, int[] offsets) {
        this.weights = weights;
        this.offsets = offsets;
    }

    static Strides of(int[] weights) {
        int[] offsets = new int[weights.length];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = (int) ((TURN / 2L) * i % TURN);
        }
        return new Strides(weights, offsets);
    }

    /**
     * Returns the strides of other weights.
     *
     * @param step the next one, from which on they hold
     */
    Strides changedTo(int[] newWeights, long step) {
        if (Arrays.equals(weights, newWeights)) {
            return this;
        }
        int[] newOffsets = new int[offsets.length];
        long round = step / weights.length;
        int place = (int) (step % weights.length); // those before it have had this round
        for (int i = 0; i < newOffsets.length; i++) {
            long next = i < place ? round + 1 : round;
            newOffsets[i] = (int) Math.floorMod(earned(i, next) - newWeights[i] * (next % TURN), (long) TURN);
        }
        return new Strides(newWeights, newOffsets);
    }

    boolean hasTurn(int place, long round) {
        return earned(place, round) + weights[place] >= TURN;
    }

    /** Returns what it has earned before a round. */
    private long earned(int place, long round) {
        return (offsets[place] + weights[place] * (round % TURN)) % TURN;
    }
}
