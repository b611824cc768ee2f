/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.call;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One call after the other on one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CallBenchmark {
    @Param("REST_CLIENT")
    public CallingClient client = CallingClient.REST_CLIENT;

    @Param("XDS_LB")
    public BalancedBy balancing = BalancedBy.XDS_LB;

    private @Nullable ServerProcess servers;
    private @Nullable MeasuredCall call;

    @Setup
    public void start() {
        ServerProcess started = ServerProcess.start();
        servers = started;
        call = client.start(balancing, started);
    }

    @Benchmark
    public Object call() {
        return requireNonNull(call).call();
    }

    @TearDown
    public void stop() {
        requireNonNull(call).close();
        requireNonNull(servers).close();
    }
}
