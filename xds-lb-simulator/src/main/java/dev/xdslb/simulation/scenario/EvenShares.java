/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import static java.util.Objects.requireNonNull;

import dev.xdslb.simulation.ClientGroup;
import dev.xdslb.simulation.ClientGroup.ColdStart;
import dev.xdslb.simulation.ClientGroup.Loop;
import dev.xdslb.simulation.PhaseResult;
import dev.xdslb.simulation.PodSpec;
import dev.xdslb.simulation.ServiceTime;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import dev.xdslb.simulation.SimulationResult;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What equal pods get from one client, from its first request on: whoever tries a balancer by hand sees this first. Response
 * times scatter, cold calls take long, and one request in two hundred takes 50 ms longer.
 *
 * @param sending how the client sends
 * @param rate requests per second where it is paced, requests in flight where it is concurrent, else 0
 * @param pods the number of pods
 * @param time the mean response time without what makes single requests slow
 * @param seeds the number of runs whose mean counts
 */
public record EvenShares(Sending sending, int rate, int pods, Duration time, int seeds) implements Scenario {
    /** The share of the requests that take longer, and by how much. */
    public static final double SPIKES = 0.005;

    /** How much longer they take. */
    public static final Duration SPIKE = Duration.ofMillis(50);

    /** What the process's first request and the first one to each pod take longer. */
    public static final ColdStart COLD_START = new ColdStart(Duration.ofMillis(400), Duration.ofMillis(30));

    /** How much response times scatter. */
    public static final double SIGMA = 0.3;

    private static final int FEW = 4;
    private static final int SEVERAL = 10;
    private static final int FIRST = 100;
    private static final int EARLY = 1_000;
    private static final int ALL = 10_000;

    /** How long the client has sent one request after the other before it does something else. */
    private static final Duration BEFORE = Duration.ofSeconds(10);

    private static final Duration IDLE = Duration.ofSeconds(60);

    /** How the client sends its requests. */
    public enum Sending {
        /** The next one when the last one has ended. */
        SEQUENTIAL,
        /** So many per second. */
        PACED,
        /** So many at the same time. */
        CONCURRENT,
        /** One after the other, again after a minute without any. */
        AFTER_IDLE,
        /** Eight at the same time, after some seconds of one after the other. */
        AFTER_SEQUENTIAL
    }

    private static final int CONCURRENT_AFTER_SEQUENTIAL = 8;

    public EvenShares {
        requireNonNull(sending, "sending");
        requireNonNull(time, "time");
    }

    @Override
    public String name() {
        String kind = sending.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return kind + (rate > 0 ? "-" + rate : "") + '-' + pods + '-' + Names.millis(time);
    }

    @Override
    public String description() {
        String how = switch (sending) {
            case SEQUENTIAL -> "one request after the other";
            case PACED -> rate + " requests/s, one after the other";
            case CONCURRENT -> rate + " requests at the same time";
            case AFTER_IDLE -> "one request after the other, from the end of a minute without any on";
            case AFTER_SEQUENTIAL ->
                CONCURRENT_AFTER_SEQUENTIAL + " requests at the same time, after 10 s of one after the other";
        };
        return how + " to " + pods + " equal pods of " + Names.millis(time)
                + "; the least and the busiest pod's part of the first 100, 1,000 and 10,000 requests";
    }

    @Override
    public boolean isRepresentative() {
        return pods == FEW || pods == SEVERAL;
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        Seeds results = Seeds.run(simulation(), system, firstSeed, seeds);
        return List.of(
                Row.ratio(this, system, "min-of-100", results.mean(r -> leastOverMean(r, FIRST))),
                Row.ratio(this, system, "max-over-mean", results.mean(r -> greatestOverMean(r, EARLY))),
                Row.ratio(this, system, "min-over-mean", results.mean(r -> leastOverMean(r, EARLY))),
                Row.ratio(this, system, "max-over-mean-10000", results.mean(r -> greatestOverMean(r, ALL))),
                Row.ratio(this, system, "min-over-mean-10000", results.mean(r -> leastOverMean(r, ALL))));
    }

    private Simulation simulation() {
        PodSpec pod = PodSpec.of(ServiceTime.logNormal(time, SIGMA).withSpikes(SPIKES, SPIKE));
        Duration measured = Duration.ofSeconds(5).plus(time.plusMillis(1).multipliedBy(2L * ALL));
        Simulation.Builder simulation = Simulation.builder().pods(pods, pod).recordFirst(ALL);
        Loop loop = Loop.UNPACED;
        int workers = 1;
        switch (sending) {
            case SEQUENTIAL -> simulation.maxRequests(ALL);
            case PACED -> {
                loop = Loop.pacedBy(Duration.ofSeconds(1).dividedBy(rate));
                measured = measured.plus(Duration.ofSeconds(ALL / rate));
                simulation.maxRequests(ALL);
            }
            case CONCURRENT -> {
                workers = rate;
                simulation.maxRequests(ALL);
            }
            case AFTER_IDLE -> {
                loop = loop.pausing(BEFORE, BEFORE.plus(IDLE));
                measured = measured.plus(BEFORE).plus(IDLE);
                simulation.phaseFrom(BEFORE.plus(IDLE));
            }
            case AFTER_SEQUENTIAL -> {
                loop = loop.joinedBy(CONCURRENT_AFTER_SEQUENTIAL - 1, BEFORE);
                measured = measured.plus(BEFORE);
                simulation.phaseFrom(BEFORE);
            }
        }
        return simulation
                .clients(ClientGroup.closedLoop(1, workers).looping(loop).startingCold(COLD_START))
                .duration(measured)
                .build();
    }

    private double greatestOverMean(SimulationResult result, int requests) {
        return Arrays.stream(counts(result, requests)).max().orElseThrow() / mean(requests);
    }

    private double leastOverMean(SimulationResult result, int requests) {
        return Arrays.stream(counts(result, requests)).min().orElseThrow() / mean(requests);
    }

    private double mean(int requests) {
        return requests / (double) pods;
    }

    private static long[] counts(SimulationResult result, int requests) {
        PhaseResult phase = result.last();
        if (phase.requests() < requests) {
            throw new IllegalStateException(
                    phase.requests() + " requests in the phase (expected: at least " + requests + ")");
        }
        return phase.firstRequests(requests);
    }
}
