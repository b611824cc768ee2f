/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.call;

import com.sun.management.OperatingSystemMXBean;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.grpc.GrpcRegistration;
import dev.xdslb.grpc.XdsLbGrpc;
import dev.xdslb.policy.EndpointsPerClient;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.test.DeclaredEndpoints;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A process with one gRPC channel to many endpoints, which prints what the channel costs beyond one to a single endpoint. A process of
 * its own, because what a JVM has taken from the system it rarely gives back.
 */
final class ConnectingClient {
    private static final String ONE = "one.default:1";
    private static final String MANY = "many.default:1";
    private static final int CALLS = 500;
    private static final long GIVEN_UP_NANOS = 60_000_000_000L;

    private ConnectingClient() {}

    /** Takes the setting, the number of endpoints, their port, and how many connections are to be waited for. */
    public static void main(String[] args) throws Exception {
        EndpointsPerClient setting = EndpointsPerClient.parse(args[0]);
        List<Endpoint> endpoints = ManyAddresses.endpoints(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        int expected = Integer.parseInt(args[3]);
        DeclaredEndpoints source = new DeclaredEndpoints();
        source.declare(ONE, endpoints.subList(0, 1));
        source.declare(MANY, endpoints);
        try (ClusterRegistry clusters = new ClusterRegistry(
                source,
                resource -> ClusterSettings.of(new P2cEwma(ClusterRegistry.THREAD_LOCAL_RANDOM))
                        .withPolicy(PolicySettings.DEFAULT.withEndpointsPerClient(setting)))) {
            GrpcRegistration registration = XdsLbGrpc.register(clusters, "default");
            ManagedChannel warm = channel(ONE);
            calls(warm, CALLS); // loads the classes
            Usage before = Usage.now();
            double cpuBefore = cpuMillis();
            long start = System.nanoTime();
            ManagedChannel channel = channel(MANY);
            calls(channel, 1);
            double firstAnswer = (System.nanoTime() - start) / 1e6;
            while (connections(endpoints.get(0).key().port()) < expected + 1 // the first channel's
                    && System.nanoTime() - start < GIVEN_UP_NANOS) {
                Thread.sleep(5);
            }
            double allConnected = (System.nanoTime() - start) / 1e6;
            calls(channel, CALLS);
            double cpu = cpuMillis() - cpuBefore;
            int connections = connections(endpoints.get(0).key().port()) - 1;
            Usage after = Usage.now();
            System.out.printf(
                    Locale.ROOT,
                    "%d %f %f %f %f %f%n",
                    connections,
                    firstAnswer,
                    allConnected,
                    cpu,
                    after.heapKb - before.heapKb,
                    after.residentKb - before.residentKb);
            channel.shutdownNow();
            warm.shutdownNow();
            registration.close();
        }
        System.exit(0);
    }

    private static ManagedChannel channel(String service) {
        return NettyChannelBuilder.forTarget(XdsLbGrpc.SCHEME + ":///" + service)
                .usePlaintext()
                .build();
    }

    private static void calls(ManagedChannel channel, int number) {
        for (int i = 0; i < number; i++) {
            ClientCalls.blockingUnaryCall(channel, IdleServers.METHOD, CallOptions.DEFAULT, new byte[0]);
        }
    }

    /** Counts what the kernel says is connected to a port. */
    private static int connections(int port) throws IOException {
        String remote = String.format(Locale.ROOT, ":%04X", port);
        int connected = 0;
        for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
            try (Stream<String> lines = Files.lines(Path.of(table), StandardCharsets.US_ASCII)) {
                connected += (int) lines.map(line -> line.strip().split(" +", -1))
                        .filter(fields -> fields[2].endsWith(remote) && fields[3].equals("01"))
                        .count();
            }
        }
        return connected;
    }

    private static double cpuMillis() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() / 1e6;
    }

    private record Usage(double heapKb, double residentKb) {
        static Usage now() throws Exception {
            for (int i = 0; i < 3; i++) {
                System.gc();
                Thread.sleep(200);
            }
            double heap =
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1024.0;
            double resident = Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.US_ASCII).stream()
                    .filter(line -> line.startsWith("VmRSS"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElseThrow();
            return new Usage(heap, resident);
        }
    }
}
