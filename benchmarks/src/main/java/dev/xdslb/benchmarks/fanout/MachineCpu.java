/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The processor time that the whole machine has used, of which the part that is not ours tells how much a figure is worth, and that of
 * the compiler of this JVM, which ends after some minutes.
 */
final class MachineCpu {
    private static final Path STAT = Path.of("/proc/stat");

    /** USER_HZ is 100 on every platform that the JDK runs on: man 5 proc. */
    private static final long NANOS_PER_TICK = 10_000_000;

    /** Fields of the first line after its name: user nice system idle iowait irq softirq steal. */
    private static final List<Integer> BUSY = List.of(0, 1, 2, 5, 6, 7);

    private static final Path TASKS = Path.of("/proc/self/task");

    /** "C1 CompilerThread0" and "C2 CompilerThread0", as the system shortens them. */
    private static final String COMPILER = " CompilerThre";

    /** utime and stime, counted from the field after the name. */
    private static final int USER_TIME = 11;

    private static final int SYSTEM_TIME = 12;

    private MachineCpu() {}

    /** Returns the time that was not idle, in ns; 0 where the system does not say. */
    static long busyNanos() {
        try {
            if (!Files.isReadable(STAT)) {
                return 0;
            }
            String[] fields = Files.readAllLines(STAT).get(0).split(" +", -1);
            return BUSY.stream()
                            .mapToLong(field -> Long.parseLong(fields[field + 1]))
                            .sum()
                    * NANOS_PER_TICK;
        } catch (IOException e) {
            return 0;
        }
    }

    /** Returns the time of this JVM's compiler threads, in ns; 0 where the system does not say. */
    static long compilerNanos() {
        long ticks = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(TASKS)) {
            for (Path thread : threads) {
                String stat = Files.readString(thread.resolve("stat"));
                if (stat.contains(COMPILER)) {
                    String[] fields = stat.substring(stat.indexOf(')') + 2).split(" ", -1);
                    ticks += Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
                }
            }
        } catch (IOException e) {
            return ticks * NANOS_PER_TICK; // a thread that has ended meanwhile, or no such system
        }
        return ticks * NANOS_PER_TICK;
    }
}
