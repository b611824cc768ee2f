/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import java.time.Duration;
import java.util.Arrays;
import org.HdrHistogram.Histogram;

/** What became of the requests that were sent within one phase of a simulation, however late they ended. */
public final class PhaseResult {
    private static final int NANOS_PER_MICRO = 1000;
    /** Digits of a response time that are exact. */
    private static final int PRECISION = 3;

    private final Duration from;
    private final Duration until;
    private final long answerLimitNanos;
    private final Histogram micros = new Histogram(PRECISION);
    private final long[] podRequests;
    private final int[] firstPods; // where the first requests went, in their order
    private int recorded;
    private long requests;
    private long failed;
    private long answeredInTime;
    private long succeededWithin;

    PhaseResult(Duration from, Duration until, Duration answerLimit, int pods, int recordFirst) {
        this.from = from;
        this.until = until;
        this.answerLimitNanos = answerLimit.toNanos();
        this.podRequests = new long[pods];
        this.firstPods = new int[recordFirst];
    }

    void opened() {
        requests++;
    }

    void sent(int pod) {
        podRequests[pod]++;
        if (recorded < firstPods.length) {
            firstPods[recorded++] = pod;
        }
    }

    void notSent() {
        failed++;
    }

    void ended(boolean success, long latencyNanos) {
        failed += success ? 0 : 1;
        answeredInTime += latencyNanos <= answerLimitNanos ? 1 : 0;
        micros.recordValue(latencyNanos / NANOS_PER_MICRO);
    }

    void neverEnded(long ageNanos) {
        failed++;
        micros.recordValue(ageNanos / NANOS_PER_MICRO);
    }

    void succeededNow() {
        succeededWithin++;
    }

    /** Returns when the phase began, from the start of the simulation. */
    public Duration from() {
        return from;
    }

    /** Returns how many requests were to be sent, those included for which there was no pod. */
    public long requests() {
        return requests;
    }

    /** Returns how often a request was sent, in the mean: above 1 where it was tried again. */
    public double amplification() {
        return Arrays.stream(podRequests).sum() / (double) Math.max(1, requests);
    }

    /** Returns how many requests went to a pod. */
    public long podRequests(int pod) {
        return podRequests[pod];
    }

    /**
     * Returns how many of the first requests of this phase went to each pod.
     *
     * @param number how many are looked at; at most as many as {@link Simulation.Builder#recordFirst} says, or fewer where
     *     fewer were sent
     */
    public long[] firstRequests(int number) {
        if (number > firstPods.length) {
            throw new IllegalArgumentException(
                    "number: " + number + " (expected: at most " + firstPods.length + ", as recordFirst says)");
        }
        long[] counts = new long[podRequests.length];
        for (int i = 0; i < Math.min(number, recorded); i++) {
            counts[firstPods[i]]++;
        }
        return counts;
    }

    /** Returns how many requests failed, ran into the time-out, or never ended. */
    public long failed() {
        return failed;
    }

    /** Returns the share of the requests that failed, ran into the time-out, or never ended, 0 to 1. */
    public double failedShare() {
        return failed / (double) Math.max(1, requests);
    }

    /** Returns the share of the requests that ended within the answer limit, as a success or not, 0 to 1. */
    public double answeredInTimeShare() {
        return answeredInTime / (double) Math.max(1, requests);
    }

    /** Returns how many requests per second succeeded in the time of this phase, whenever they had been sent. */
    public double throughput() {
        return succeededWithin * 1e9 / until.minus(from).toNanos();
    }

    /**
     * Returns the response time, in milliseconds, that this share of the requests did not exceed.
     *
     * @param percentile 0 to 100
     */
    public double percentileMillis(double percentile) {
        return micros.getValueAtPercentile(percentile) / 1e3;
    }

    /** Returns the mean response time in milliseconds. */
    public double meanMillis() {
        return micros.getMean() / 1e3;
    }

    /** Returns the number of requests of the busiest pod divided by the mean of those that got any; 1 is even. */
    public double maxOverMean() {
        long[] served = Arrays.stream(podRequests).filter(n -> n > 0).toArray();
        return Arrays.stream(served).max().orElse(0)
                / Arrays.stream(served).average().orElse(1);
    }
}
