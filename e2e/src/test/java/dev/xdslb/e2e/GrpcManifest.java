/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The Service {@code orders} and its endpoints as a file, for a control plane that reads a folder of them. The Service says all
 * of its policy that it can: clients of other languages are to refuse none of it.
 */
final class GrpcManifest {

    private static final int FIRST_PORT = 9400;

    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata:
              name: orders
              namespace: shop
              annotations:
                xdslb.dev/strategy: random
                xdslb.dev/slow-start: 30s
                xdslb.dev/max-in-flight-per-endpoint: "100"
            spec: {ports: [{name: grpc, port: 8080}], trafficDistribution: PreferClose}
            """;

    private static final String SLICE = """
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: orders-%1$d, namespace: shop, labels: {kubernetes.io/service-name: orders}}
            addressType: IPv4
            endpoints: [{addresses: [127.0.0.1], zone: "%2$s", conditions: {ready: true}}]
            ports: [{name: grpc, port: %3$d}]
            """;

    private final Path directory;

    GrpcManifest(Path directory) {
        this.directory = directory;
    }

    /**
     * A server on this machine.
     *
     * @param number from 1 on
     * @param zone empty for an unknown one
     */
    record Pod(int number, String zone) {
        String name() {
            return "pod-" + number;
        }

        int port() {
            return FIRST_PORT + number;
        }
    }

    /** Replaces the file by one with these pods. */
    @SafeVarargs
    final void serve(List<Pod>... pods) throws IOException {
        StringBuilder yaml = new StringBuilder(SERVICE);
        for (List<Pod> some : pods) {
            some.forEach(pod -> yaml.append(SLICE.formatted(pod.number(), pod.zone(), pod.port())));
        }
        serve(yaml.toString());
    }

    /** Replaces the file by this one. */
    void serve(Path file) throws IOException {
        serve(Files.readString(file));
    }

    private void serve(String yaml) throws IOException {
        Files.createDirectories(directory);
        Path written = Files.writeString(directory.resolve("orders.new"), yaml);
        Files.move(written, directory.resolve("orders.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }
}
