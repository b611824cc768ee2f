/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

/**
 * Turns as often as the weights say. Weights are first limited to between a tenth of the mean and ten times the mean, as in
 * gRPC proposal A58.
 *
 * <p>One atomic addition per candidate looked at; on average a turn looks at {@code heaviest / mean} candidates, ten at most.
 */
final class WeightedTurns implements Turns {
    /** How far from the mean a weight may be, as a factor. */
    private static final double MAX_RATIO = 10;

    private final Candidate[] ring;
    private final TurnSequence sequence;
    private final Strides strides; // 1:1 with the ring

    WeightedTurns(Candidate[] ring, TurnSequence sequence) {
        this.ring = ring;
        this.sequence = sequence;
        this.strides = sequence.strides(scaledWeights(ring));
    }

    @Override
    public Candidate next() {
        while (true) { // ends within one round: the heaviest is never passed over
            long step = sequence.takeStep();
            long round = step / ring.length;
            int place = (int) (step - round * ring.length);
            if (strides.hasTurn(place, round)) {
                return ring[place];
            }
        }
    }

    private static int[] scaledWeights(Candidate[] ring) {
        double total = 0;
        for (Candidate candidate : ring) {
            total += candidate.weight();
        }
        double mean = total / ring.length;
        double heaviest = 0;
        double[] limited = new double[ring.length];
        for (int i = 0; i < limited.length; i++) {
            limited[i] = Math.min(MAX_RATIO, Math.max(1 / MAX_RATIO, ring[i].weight() / mean));
            heaviest = Math.max(heaviest, limited[i]);
        }
        int[] scaled = new int[limited.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (int) Math.round(limited[i] / heaviest * Strides.TURN);
        }
        return scaled;
    }
}
