/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.call;

import dev.xdslb.endpoint.Endpoint;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.stream.IntStream;

/** A process with one gRPC server that stands for many pods: it listens at many addresses of this machine, 127.x.y.z. */
final class ManyAddresses {
    private ManyAddresses() {}

    /** Returns the endpoints of such a process. */
    static List<Endpoint> endpoints(int number, int port) {
        return IntStream.range(0, number)
                .mapToObj(i -> Endpoint.builder(address(i), port)
                        .pod("pod-" + i, "uid-" + i)
                        .build())
                .toList();
    }

    private static String address(int number) {
        return "127." + (1 + number / 62_500) + '.' + number / 250 % 250 + '.' + (1 + number % 250);
    }

    /** Takes the number of addresses, and prints the port of all. */
    public static void main(String[] args) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        NettyServerBuilder server = NettyServerBuilder.forAddress(new InetSocketAddress(address(0), port))
                .directExecutor()
                .addService(ServerServiceDefinition.builder(IdleServers.SERVICE)
                        .addMethod(IdleServers.METHOD, ServerCalls.asyncUnaryCall((request, observer) -> {
                            observer.onNext(new byte[0]);
                            observer.onCompleted();
                        }))
                        .build());
        for (int i = 1; i < Integer.parseInt(args[0]); i++) {
            server.addListenAddress(new InetSocketAddress(address(i), port));
        }
        server.build().start();
        System.out.println(port);
        System.out.flush();
        while (System.in.read() >= 0) {
            // whoever started this is still there
        }
        System.exit(0);
    }
}
