/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.peer;

import dev.xdslb.simulation.SimulatedClient;
import java.util.random.RandomGenerator;

/** The fewest requests in flight, among this or that many pods. */
final class LeastRequestPeer extends ReadyPods {
    private final RandomGenerator random;
    private final Draw draw;

    LeastRequestPeer(SimulatedClient client, Draw draw) {
        this.random = client.random();
        this.draw = draw;
    }

    /** Whom the decision is made among. */
    enum Draw {
        TWO_WITH_REPLACEMENT,
        TWO_DISTINCT,
        ALL
    }

    @Override
    int pickReady(long now) {
        int n = ready.length;
        if (draw == Draw.ALL) {
            return fewestOfAll();
        }
        int first = random.nextInt(n);
        int second;
        if (draw == Draw.TWO_WITH_REPLACEMENT) {
            second = random.nextInt(n);
        } else if (n == 1) {
            second = first;
        } else {
            second = random.nextInt(n - 1);
            second += second >= first ? 1 : 0;
        }
        // Of a tie the first draw wins, as in grpc-java and Finagle: it is as random as the second.
        return inFlight[ready[second]] < inFlight[ready[first]] ? ready[second] : ready[first];
    }

    private int fewestOfAll() {
        int best = ready[0];
        int ties = 1;
        for (int i = 1; i < ready.length; i++) {
            int difference = inFlight[ready[i]] - inFlight[best];
            if (difference < 0) {
                best = ready[i];
                ties = 1;
            } else if (difference == 0 && random.nextInt(++ties) == 0) {
                best = ready[i];
            }
        }
        return best;
    }
}
