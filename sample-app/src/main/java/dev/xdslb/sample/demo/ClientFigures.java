/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.Collection;
import java.util.Map;

/**
 * What one client did during one scenario.
 *
 * @param requests all that began
 * @param failed those without a good answer
 * @param answered those with one
 * @param p50 median time of good answers in ms, NaN where there were none
 * @param p99 the time in ms that 99% of the good answers did not exceed
 * @param lastAfterRemovalMillis how long after a pod's removal from the client's table the last request was sent to it; 0
 *     where none was
 * @param perPod requests sent to each pod
 */
record ClientFigures(
        int requests,
        int failed,
        int answered,
        double p50,
        double p99,
        double lastAfterRemovalMillis,
        Map<String, Integer> perPod) {

    /** Returns the busiest pod's requests relative to the mean over the given pods; NaN where there were none. */
    double maxOverMean(Collection<String> pods) {
        double sum = 0;
        double max = 0;
        for (String pod : pods) {
            int requestsOfPod = perPod.getOrDefault(pod, 0);
            sum += requestsOfPod;
            max = Math.max(max, requestsOfPod);
        }
        return sum == 0 ? Double.NaN : max / (sum / pods.size());
    }
}
