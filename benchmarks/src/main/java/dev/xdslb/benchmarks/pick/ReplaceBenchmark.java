/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.pick;

import dev.xdslb.endpoint.Endpoint;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One thread sends requests while another replaces all endpoints, each time by the same addresses with other pods. */
@State(Scope.Group)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReplaceBenchmark {
    @Param("P2C_EWMA")
    public MeasuredSystem system = MeasuredSystem.P2C_EWMA;

    @Param("10000")
    public int endpoints;

    private List<Endpoint> next = List.of();
    private List<Endpoint> afterNext = List.of();
    private MeasuredBalancer balancer = () -> "not set up";

    @Setup
    public void start() {
        EndpointPool pool = new EndpointPool(endpoints, false);
        next = pool.endpoints(1);
        afterNext = pool.endpoints(2);
        balancer = system.start(pool);
    }

    /** A request. */
    @Benchmark
    @Group("whileReplacing")
    public Object pick() {
        return balancer.pickAndRelease();
    }

    /** One replacement, until picks see it. Called by one thread. */
    @Benchmark
    @Group("whileReplacing")
    public void replace() {
        if (balancer instanceof EngineRequests engine) {
            List<Endpoint> replacement = next;
            next = afterNext;
            afterNext = replacement;
            engine.replace(replacement);
        } else {
            throw new IllegalStateException(system + " cannot replace its endpoints (expected: one of xds-lb)");
        }
    }

    @TearDown
    public void stop() {
        balancer.close();
    }
}
