/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.pick;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One request after the other on each thread, all threads through one balancer. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PickBenchmark {
    @Param("P2C_EWMA")
    public MeasuredSystem system = MeasuredSystem.P2C_EWMA;

    @Param("1000")
    public int endpoints;

    @Param("false")
    public boolean weighted;

    private MeasuredBalancer balancer = () -> "not set up";

    @Setup
    public void start() {
        balancer = system.start(new EndpointPool(endpoints, weighted));
    }

    @Benchmark
    public Object pickAndRelease() {
        return balancer.pickAndRelease();
    }

    @TearDown
    public void stop() {
        balancer.close();
    }
}
