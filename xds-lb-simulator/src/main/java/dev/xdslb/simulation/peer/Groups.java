/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.peer;

import java.util.random.RandomGenerator;

/** Groups of pods, of which a request goes to one by chance. Immutable. */
final class Groups {
    private final int[][] pods; // the pods' indexes, by group
    private final double[] weights; // how likely each group is; together 1

    Groups(int[][] pods, double[] weights) {
        this.pods = pods;
        this.weights = weights;
    }

    int[] draw(RandomGenerator random) {
        if (pods.length == 1) {
            return pods[0];
        }
        double left = random.nextDouble();
        int group = 0;
        while (group < pods.length - 1 && left >= weights[group]) {
            left -= weights[group++];
        }
        return pods[group];
    }
}
