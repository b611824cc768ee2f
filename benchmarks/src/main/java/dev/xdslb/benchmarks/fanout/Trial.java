/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import com.sun.management.OperatingSystemMXBean;
import dev.xdslb.benchmarks.fanout.ServerProcess.Cpu;
import dev.xdslb.benchmarks.fanout.ServerProcess.Memory;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;

/** A server and the streams that are connected to it. Used by one thread. */
final class Trial implements AutoCloseable {
    private static final int SYNC_SECONDS = 240;
    private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** More than the longest pause of a service that many clients subscribe to. */
    private static final long ONE_BY_ONE_NANOS = TimeUnit.MILLISECONDS.toNanos(2_500);

    private static final int POLL_MILLIS = 5;

    private final FanOutSystem system;
    private final FanOutSizes sizes;
    private final Fleet fleet;
    private ServerProcess server;
    private int nextChange;

    private Trial(FanOutSystem system, FanOutSizes sizes, ServerProcess server) {
        this.system = system;
        this.sizes = sizes;
        this.server = server;
        this.fleet = new Fleet(sizes, system.delta(), server.port());
        this.nextChange = fleet.changes().firstDrawn();
    }

    /** Starts a server, without streams yet. */
    static Trial start(FanOutSystem system, FanOutSizes sizes) {
        return new Trial(system, sizes, ServerProcess.start(system, sizes, 0, false));
    }

    /** Connects the streams; returns how long it took until all were in sync, in ms. */
    double connect() throws InterruptedException {
        return fleet.connect(SYNC_SECONDS);
    }

    Memory memory() {
        return server.memory();
    }

    /** What clients that misspell cost, and what the others have heard meanwhile. */
    record Misspelt(
            Round others, int names, int told, double answeredMillis, long bytes, double cpuMillis, long allocated) {}

    /** As {@link #round}, while clients come of which each asks for so many services that do not exist. */
    Misspelt roundBeside(int clients, int names, int rate, int seconds) throws InterruptedException {
        long allocated = server.allocated();
        Cpu cpu = server.cpu();
        long began = System.nanoTime();
        double[] answered = new double[1];
        try (MisspeltNames misspelt = MisspeltNames.ask(server.port(), clients, names, sizes.services())) {
            Thread waiter = new Thread(() -> {
                try {
                    misspelt.awaitAnswers(began + TimeUnit.SECONDS.toNanos(SYNC_SECONDS));
                    answered[0] = (System.nanoTime() - began) / 1e6;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            waiter.start();
            Round others = round(rate, seconds, 0);
            waiter.join();
            Cpu used = server.cpu().since(cpu);
            return new Misspelt(
                    others,
                    misspelt.names(),
                    misspelt.told(),
                    answered[0],
                    misspelt.bytes(),
                    (used.process() - used.compiler()) / 1e6,
                    server.allocated() - allocated);
        }
    }

    long allocated() {
        return server.allocated();
    }

    Fleet fleet() {
        return fleet;
    }

    /** Applies so many changes per second for so long, and waits until they have reached all streams but the last ones. */
    Round round(int rate, int seconds, int withoutLast) throws InterruptedException {
        return round(rate * seconds, TimeUnit.SECONDS.toNanos(1) / rate, withoutLast);
    }

    /** Applies changes that are far enough from each other for none to wait because of the one before it. */
    Round changesOneByOne(int count) throws InterruptedException {
        return round(count, ONE_BY_ONE_NANOS, 0);
    }

    private Round round(int count, long interval, int withoutLast) throws InterruptedException {
        int first = nextChange;
        nextChange += count;
        long began = System.nanoTime();
        long start = began + LEAD_NANOS;
        Deliveries deliveries = fleet.expect(first, count, start, interval);
        Cpu cpu = server.cpu();
        long clientCpu = clientCpuNanos();
        long machineCpu = MachineCpu.busyNanos();
        long bytes = fleet.bytes();
        long epochStart = MeasuredServer.epochNanos() + start - System.nanoTime();
        server.change(first, count, epochStart, interval);
        int applied = server.applied();
        int[] subscribers = fleet.subscribers(fleet.size() - withoutLast);
        int expected = 0;
        for (int i = 0; i < applied; i++) {
            expected += subscribers[fleet.changes().serviceOf(first + i)];
        }
        long end = System.nanoTime() + GRACE_NANOS;
        while (deliveries.count() < expected && System.nanoTime() < end) {
            Thread.sleep(POLL_MILLIS);
        }
        double[] millis = deliveries.sortedMillis();
        long elapsed = System.nanoTime() - began;
        Cpu used = server.cpu().since(cpu);
        double clientNanos = clientCpuNanos() - clientCpu;
        double othersNanos = Math.max(0, MachineCpu.busyNanos() - machineCpu - used.process() - clientNanos);
        return new Round(
                count,
                applied,
                expected,
                millis.length,
                percentile(millis, 0.5),
                percentile(millis, 0.99),
                percentile(millis, 1),
                (double) (fleet.bytes() - bytes) / Math.max(1, applied),
                used.process() / 1e6 / Math.max(1, applied),
                used.compiler() / 1e6 / Math.max(1, applied),
                clientNanos / elapsed,
                othersNanos / elapsed);
    }

    /** Kills the server; returns how long it took from when its successor listened until all streams were in sync, in ms. */
    double restart() throws InterruptedException {
        int port = server.port();
        server.kill();
        fleet.awaitAllGone(SYNC_SECONDS);
        fleet.serverRestarts(fleet.changes().whileDown(true));
        server = ServerProcess.start(system, sizes, port, true);
        long start = System.nanoTime();
        fleet.awaitSync(start, SYNC_SECONDS);
        return (System.nanoTime() - start) / 1e6;
    }

    @Override
    public void close() {
        server.close();
        fleet.close();
    }

    private static double percentile(double[] sorted, double share) {
        return sorted.length == 0 ? 0 : sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }

    private static long clientCpuNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }
}
