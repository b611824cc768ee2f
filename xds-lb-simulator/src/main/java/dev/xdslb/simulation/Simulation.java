/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Pods, clients and what goes wrong, to be run for several systems. Immutable; the same seed gives every system the same
 * arrivals, and a repeated run the same result to the last request.
 *
 * <pre>{@code
 * Simulation simulation = Simulation.builder()
 *         .pods(10, PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(20), 0.6)).withConcurrency(8))
 *         .pod(PodSpec.of(ServiceTime.fixed(Duration.ofSeconds(2))))
 *         .clients(ClientGroup.openLoop(40, 1000))
 *         .duration(Duration.ofSeconds(60))
 *         .build();
 * SimulationResult mine = simulation.run(SimulatedSystem.ofStrategy("mine", client -> new MyStrategy(client.random())), 1);
 * SimulationResult theirs = simulation.run(Peers.roundRobin(), 1);
 * }</pre>
 *
 * <p>Clients, network and control plane cost no time: what a pod needs, its queue, and the balancer's decisions are all that
 * is simulated.
 */
public final class Simulation {
    final List<PodSpec> pods;
    final List<ClientGroup> clients;
    final Duration duration;
    final Duration timeout;
    final Duration answerLimit;
    final Duration discoveryDelay;
    final Duration drain;
    final List<Duration> phases;
    final long maxRequests;
    final int recordFirst;
    final int tries;

    private Simulation(Builder builder) {
        pods = List.copyOf(builder.pods);
        clients = List.copyOf(builder.clients);
        duration = builder.duration;
        timeout = builder.timeout;
        answerLimit = builder.answerLimit;
        discoveryDelay = builder.discoveryDelay;
        drain = builder.drain;
        phases = List.copyOf(builder.phases);
        maxRequests = builder.maxRequests;
        recordFirst = builder.recordFirst;
        tries = builder.tries;
        if (pods.isEmpty() || pods.size() > SimulatedPod.MAX_PODS) {
            throw new IllegalArgumentException(
                    "pods: " + pods.size() + " (expected: 1 to " + SimulatedPod.MAX_PODS + ")");
        }
        if (clients.isEmpty()) {
            throw new IllegalArgumentException("clients: none (expected: at least one group)");
        }
        List<Duration> rising = new ArrayList<>(phases);
        Collections.sort(rising);
        if (!rising.equals(phases)) {
            throw new IllegalArgumentException("phases: " + phases + " (expected: rising)");
        }
    }

    /** Starts with 60 seconds, one phase, no pods and no clients. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Runs it once.
     *
     * @param system decides about every request
     * @param seed decides about everything that is left to chance
     */
    public SimulationResult run(SimulatedSystem system, long seed) {
        return new SimulationRun(this, system, seed).run();
    }

    int clientCount() {
        return clients.stream().mapToInt(ClientGroup::count).sum();
    }

    /** Collects what a simulation consists of. Not thread-safe. */
    public static final class Builder {
        private final List<PodSpec> pods = new ArrayList<>();
        private final List<ClientGroup> clients = new ArrayList<>();
        private final List<Duration> phases = new ArrayList<>();
        private Duration duration = Duration.ofSeconds(60);
        private Duration timeout = Duration.ZERO;
        private Duration answerLimit = Duration.ofSeconds(1);
        private Duration discoveryDelay = Duration.ZERO;
        private Duration drain = Duration.ofSeconds(30);
        private long maxRequests = Long.MAX_VALUE;
        private int recordFirst;
        private int tries = 1;

        private Builder() {}

        /** Adds a pod; the first one has index 0. */
        public Builder pod(PodSpec pod) {
            pods.add(requireNonNull(pod, "pod"));
            return this;
        }

        /** Adds several pods that are alike. */
        public Builder pods(int count, PodSpec pod) {
            for (int i = 0; i < count; i++) {
                pod(pod);
            }
            return this;
        }

        public Builder clients(ClientGroup group) {
            clients.add(requireNonNull(group, "group"));
            return this;
        }

        /** For how long requests are sent. Defaults to 60 seconds. */
        public Builder duration(Duration time) {
            duration = requireNonNull(time, "time");
            return this;
        }

        /** After which time a client gives a request up, as a failure; zero, the default, for never. */
        public Builder timeout(Duration time) {
            timeout = requireNonNull(time, "time");
            return this;
        }

        /** Within which time {@link PhaseResult#answeredInTimeShare()} wants an answer. Defaults to one second. */
        public Builder answerLimit(Duration time) {
            answerLimit = requireNonNull(time, "time");
            return this;
        }

        /** How long it takes until clients learn of a change of the pods. Defaults to zero. */
        public Builder discoveryDelay(Duration time) {
            discoveryDelay = requireNonNull(time, "time");
            return this;
        }

        /** How long requests may take to end after the last was sent; the rest counts as failed. Defaults to 30 seconds. */
        public Builder drain(Duration time) {
            drain = requireNonNull(time, "time");
            return this;
        }

        /** How many requests are sent at most; the simulation ends with the last of them. Defaults to no limit. */
        public Builder maxRequests(long number) {
            maxRequests = number;
            return this;
        }

        /** Of how many requests of each phase it is to be known where they went. Defaults to none. */
        public Builder recordFirst(int number) {
            recordFirst = number;
            return this;
        }

        /**
         * How often a request is sent that fails, at most, as far as the balancer allows retries. A retry is sent at once, and its
         * response time begins anew. Defaults to 1.
         */
        public Builder tries(int number) {
            tries = number;
            return this;
        }

        /**
         * Cuts the results in two at this time. Call it with rising times.
         *
         * @see SimulationResult#phase
         */
        public Builder phaseFrom(Duration time) {
            phases.add(requireNonNull(time, "time"));
            return this;
        }

        /**
         * Makes the simulation.
         *
         * @throws IllegalArgumentException when something is missing; the message says what
         */
        public Simulation build() {
            return new Simulation(this);
        }
    }
}
