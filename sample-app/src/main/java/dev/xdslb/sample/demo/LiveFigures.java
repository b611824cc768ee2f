/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.Collection;
import java.util.Map;

/**
 * What one client did in the last seconds.
 *
 * @param rate requests per second
 * @param failed of these without a good answer
 * @param p50 median time of good answers in ms, NaN where there were none
 * @param p99 the time in ms that 99% of the good answers did not exceed
 * @param pods the same by pod
 */
record LiveFigures(ClientKind client, double rate, double failed, double p50, double p99, Map<String, Pod> pods) {

    Pod pod(String name) {
        return pods.getOrDefault(name, Pod.NONE);
    }

    /** Returns the busiest pod's requests relative to the mean over the given pods; NaN where there were none. */
    double maxOverMean(Collection<String> names) {
        double sum = 0;
        double max = 0;
        for (String name : names) {
            sum += pod(name).rate();
            max = Math.max(max, pod(name).rate());
        }
        return sum == 0 ? Double.NaN : max / (sum / names.size());
    }

    /** One pod's share. */
    record Pod(double rate, double failed, double p50, double p99) {
        static final Pod NONE = new Pod(0, 0, Double.NaN, Double.NaN);
    }
}
