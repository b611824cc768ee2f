/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** How long a worker of a pod is busy with one request, on a pod of speed 1. Immutable. */
@FunctionalInterface
public interface ServiceTime {

    /** Returns the time of one request in nanoseconds, at least 0. */
    double nextNanos(RandomGenerator random);

    /** Returns the same time for every request. */
    static ServiceTime fixed(Duration time) {
        double nanos = time.toNanos();
        return random -> nanos;
    }

    /** Returns exponentially distributed times. */
    static ServiceTime exponential(Duration mean) {
        double nanos = mean.toNanos();
        return random -> nanos * random.nextExponential();
    }

    /**
     * Returns log-normally distributed times, the shape that response times of services usually have.
     *
     * @param mean the mean of the times, not of their logarithms
     * @param sigma the standard deviation of the natural logarithm, at least 0; 0.6 makes the 99th percentile 3.4 times the
     *     mean
     */
    static ServiceTime logNormal(Duration mean, double sigma) {
        double mu = Math.log((double) mean.toNanos()) - sigma * sigma / 2;
        return random -> Math.exp(mu + sigma * random.nextGaussian());
    }

    /** Returns normally distributed times, those below zero counted as zero. */
    static ServiceTime normal(Duration mean, Duration standardDeviation) {
        double center = mean.toNanos();
        double spread = standardDeviation.toNanos();
        return random -> Math.max(0, center + spread * random.nextGaussian());
    }

    /**
     * Returns these times, of which some take longer: a pause of a garbage collector, a lost packet.
     *
     * @param share the share of the requests that are hit, 0 to 1
     * @param extra how much longer those take
     */
    default ServiceTime withSpikes(double share, Duration extra) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share: " + share + " (expected: 0 to 1)");
        }
        double nanos = extra.toNanos();
        return random -> nextNanos(random) + (random.nextDouble() < share ? nanos : 0);
    }

    /**
     * Returns times with these quantiles, evenly distributed between each two.
     *
     * @param quantiles rising, from share 0 (the least time) to share 1 (the greatest)
     */
    static ServiceTime ofQuantiles(List<Quantile> quantiles) {
        List<Quantile> points = List.copyOf(quantiles);
        if (points.size() < 2
                || points.get(0).share() != 0
                || points.get(points.size() - 1).share() != 1) {
            throw new IllegalArgumentException("quantiles: " + points + " (expected: from share 0 to share 1)");
        }
        for (int i = 1; i < points.size(); i++) {
            if (points.get(i).share() <= points.get(i - 1).share()
                    || points.get(i).value().compareTo(points.get(i - 1).value()) < 0) {
                throw new IllegalArgumentException("quantiles: " + points + " (expected: rising)");
            }
        }
        return random -> {
            double share = random.nextDouble();
            int i = 1;
            while (points.get(i).share() < share) {
                i++;
            }
            Quantile below = points.get(i - 1);
            Quantile above = points.get(i);
            double part = (share - below.share()) / (above.share() - below.share());
            double from = below.value().toNanos();
            return from + part * (above.value().toNanos() - from);
        };
    }

    /**
     * One point of a distribution.
     *
     * @param share the share of the times that are at most {@code value}, 0 to 1
     */
    record Quantile(double share, Duration value) {}
}
