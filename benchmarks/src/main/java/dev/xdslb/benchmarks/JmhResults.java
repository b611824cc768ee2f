/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks;

import static java.util.Objects.requireNonNull;

import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/** What is read of JMH's results. */
public final class JmhResults {
    /** What JMH's garbage collector profiler calls the bytes allocated per operation. */
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private static final double P50 = 50;

    private JmhResults() {}

    /** Returns the time per operation: the median of the iterations, because on a shared machine the mean shows what else ran there. */
    public static double time(RunResult result) {
        return result.getPrimaryResult().getStatistics().getPercentile(P50);
    }

    /**
     * Returns the bytes allocated per operation. What the engine's tick and the like allocate is divided among the operations as
     * well: hundredths of a byte.
     */
    public static double allocated(RunResult result) {
        return median(result, ALLOCATED);
    }

    /** Returns the median of a result beside the first one. */
    public static double median(RunResult result, String metric) {
        return statistics(result, metric).getPercentile(P50);
    }

    /** Returns a result beside the first one. JMH puts a mark before the names of some. */
    public static Statistics statistics(RunResult result, String metric) {
        String name = result.getSecondaryResults().keySet().stream()
                .filter(key -> key.endsWith(metric))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("JMH reports no " + metric));
        return requireNonNull(result.getSecondaryResults().get(name)).getStatistics();
    }
}
