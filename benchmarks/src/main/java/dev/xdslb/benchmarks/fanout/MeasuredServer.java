/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import dev.xdslb.benchmarks.fanout.FanOutSystem.Server;
import io.netty.util.internal.PlatformDependent;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The process of a control plane that is written in Java: prints its port, and then obeys a command a line until its input ends.
 *
 * <pre>
 *   changes FIRST COUNT START INTERVAL   applies changes, the first at START (ns since 1970), one each INTERVAL ns; prints how many
 *                                        it has applied: fewer where it is too slow and {@value #PATIENCE_SECONDS} s behind
 *   cpu                                  prints the CPU time of the process, and of it that of the JVM's compiler, in ns
 *   allocated                            prints how many bytes the threads that live have allocated
 *   memory                               prints the heap after garbage collections and the direct memory, in bytes
 * </pre>
 */
final class MeasuredServer {
    /** What every line that is meant for the other process begins with. */
    static final String ANSWER = "> ";

    static final int PATIENCE_SECONDS = 5;

    private static final int COLLECTIONS = 3;
    private static final int COLLECTION_PAUSE_MILLIS = 300;

    private MeasuredServer() {}

    /**
     * Takes the server, the number of services, of endpoints of each, of streams and of subscriptions, the port, whether there is TLS,
     * whether it is a restart, and the number of bystanders.
     */
    public static void main(String[] args) throws Exception {
        Server kind = Server.valueOf(args[0]);
        int streams = Integer.parseInt(args[3]);
        Changes changes = new Changes(Integer.parseInt(args[1]), Integer.parseInt(args[4]));
        SyntheticData data = new SyntheticData(Integer.parseInt(args[2]));
        boolean tls = Boolean.parseBoolean(args[6]);
        ServerUnderTest server = switch (kind) {
            case XDS_LB -> new OurServer(tls ? List.of(ServerCertificate.make()::use) : List.of());
            case JAVA_CONTROL_PLANE, JAVA_CONTROL_PLANE_PER_CLIENT ->
                new JavaControlPlaneServer(
                        kind == Server.JAVA_CONTROL_PLANE_PER_CLIENT,
                        streams,
                        tls ? ServerCertificate.make()::use : builder -> {});
            case GO_CONTROL_PLANE ->
                throw new IllegalArgumentException(kind + ": not written in Java (expected: another)");
        };
        int port = server.start(
                changes,
                Integer.parseInt(args[8]),
                data,
                changes.whileDown(Boolean.parseBoolean(args[7])),
                Integer.parseInt(args[5]));
        answer(Integer.toString(port));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        String command;
        while ((command = commands.readLine()) != null) {
            obey(server, command.split(" ", -1));
        }
        System.exit(0);
    }

    private static void obey(ServerUnderTest server, String[] words) throws InterruptedException {
        switch (words[0]) {
            case "changes" ->
                answer(Integer.toString(apply(
                        server,
                        Integer.parseInt(words[1]),
                        Integer.parseInt(words[2]),
                        Long.parseLong(words[3]),
                        Long.parseLong(words[4]))));
            case "cpu" ->
                answer(ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                                .getProcessCpuTime()
                        + " " + MachineCpu.compilerNanos());
            case "allocated" -> answer(Long.toString(allocated()));
            case "memory" -> answer(memory());
            default ->
                throw new IllegalArgumentException(
                        "command: " + words[0] + " (expected: changes, cpu, allocated or memory)");
        }
    }

    private static int apply(ServerUnderTest server, int first, int count, long startEpochNanos, long intervalNanos) {
        long start = System.nanoTime() + startEpochNanos - epochNanos();
        long end = start + count * intervalNanos + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        for (int i = 0; i < count; i++) {
            long due = start + i * intervalNanos;
            long now;
            while ((now = System.nanoTime()) < due) {
                LockSupport.parkNanos(due - now);
            }
            if (now > end) {
                return i;
            }
            server.apply(first + i);
        }
        return count;
    }

    static long epochNanos() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    private static String memory() throws InterruptedException {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            Thread.sleep(COLLECTION_PAUSE_MILLIS);
        }
        long direct = Math.max(0, PlatformDependent.usedDirectMemory());
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            if (pool.getName().equals("direct")) {
                direct += pool.getMemoryUsed();
            }
        }
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return String.format(Locale.ROOT, "%d %d", heap, direct);
    }

    private static long allocated() {
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
    }

    private static void answer(String line) {
        System.out.println(ANSWER + line);
        System.out.flush();
    }
}
