/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.pick;

import dev.xdslb.benchmarks.peer.GrpcJavaCalls;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RandomChoice;
import dev.xdslb.strategy.RoundRobin;
import dev.xdslb.strategy.WeightedRandom;
import dev.xdslb.strategy.WeightedRoundRobin;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Everything whose picks are measured. */
public enum MeasuredSystem {
    P2C_EWMA("xds-lb-p2c-ewma"),
    P2C_LEAST_REQUEST("xds-lb-p2c-least-request"),
    WEIGHTED_ROUND_ROBIN("xds-lb-weighted-round-robin"),
    WEIGHTED_RANDOM("xds-lb-weighted-random"),
    ROUND_ROBIN("xds-lb-round-robin"),
    RANDOM("xds-lb-random"),
    GRPC_JAVA_LEAST_REQUEST("grpc-java-least-request"),
    GRPC_JAVA_WEIGHTED_ROUND_ROBIN("grpc-java-weighted-round-robin"),
    ARMERIA_WEIGHTED_ROUND_ROBIN("armeria-weighted-round-robin"),
    ARMERIA_RAMPING_UP("armeria-ramping-up"),
    FINAGLE_P2C("finagle-p2c"),
    SPRING_ROUND_ROBIN("spring-round-robin"),
    /** The default strategy as Spring Cloud's clients ask it, up to the answer: no request is counted. */
    CHOOSE("xds-lb-choose"),
    /** Not a balancer but a measure: what a request's two time stamps cost on this machine. */
    TWO_TIME_STAMPS("two-time-stamps");

    private final String label;

    MeasuredSystem(String label) {
        this.label = label;
    }

    /** Returns those whose names begin with this. */
    public static List<MeasuredSystem> named(String prefix) {
        return Arrays.stream(values())
                .filter(system -> system.label.startsWith(prefix))
                .toList();
    }

    /** Returns those whose names begin with this, of those that answer to Spring Cloud. */
    public static List<MeasuredSystem> choosing(String prefix) {
        return named(prefix).stream()
                .filter(system -> system == CHOOSE || system == SPRING_ROUND_ROBIN)
                .toList();
    }

    /** Returns its name in tables and reports. */
    public String label() {
        return label;
    }

    /** Returns whether it is one of xds-lb's strategies, asked without Spring. */
    boolean isOurs() {
        return label.startsWith("xds-lb-") && this != CHOOSE;
    }

    /** Starts it over these endpoints. */
    MeasuredBalancer start(EndpointPool pool) {
        RandomGenerator random = ClusterRegistry.THREAD_LOCAL_RANDOM;
        return switch (this) {
            case P2C_EWMA -> new EngineRequests(pool, new P2cEwma(random));
            case P2C_LEAST_REQUEST -> new EngineRequests(pool, new P2cLeastRequest(random));
            case WEIGHTED_ROUND_ROBIN -> new EngineRequests(pool, new WeightedRoundRobin(random));
            case WEIGHTED_RANDOM -> new EngineRequests(pool, new WeightedRandom(random));
            case ROUND_ROBIN -> new EngineRequests(pool, new RoundRobin(random));
            case RANDOM -> new EngineRequests(pool, new RandomChoice(random));
            case GRPC_JAVA_LEAST_REQUEST -> GrpcJavaCalls.leastRequest(pool);
            case GRPC_JAVA_WEIGHTED_ROUND_ROBIN -> GrpcJavaCalls.weightedRoundRobin(pool);
            case ARMERIA_WEIGHTED_ROUND_ROBIN -> ArmeriaRequests.weightedRoundRobin(pool);
            case ARMERIA_RAMPING_UP -> ArmeriaRequests.rampingUp(pool);
            case FINAGLE_P2C -> new FinagleSessions(pool);
            case SPRING_ROUND_ROBIN -> new SpringChoices(pool);
            case CHOOSE -> new XdsChoices(pool);
            case TWO_TIME_STAMPS -> new TimeStamps();
        };
    }
}
