/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.call;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The servers that are called, in a process of their own: what they allocate is not the client's. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final List<Integer> ports;

    private ServerProcess(Process process, List<Integer> ports) {
        this.process = process;
        this.ports = ports;
    }

    static ServerProcess start() {
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            IdleServers.class.getName())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String line = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            if (line == null) {
                process.destroy();
                throw new IllegalStateException("the servers have not started; see what they have printed");
            }
            return new ServerProcess(
                    process,
                    Arrays.stream(line.split(" ")).map(Integer::valueOf).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Integer> httpPorts() {
        return ports.subList(0, IdleServers.SERVERS);
    }

    List<Integer> grpcPorts() {
        return ports.subList(IdleServers.SERVERS, ports.size());
    }

    @Override
    public void close() {
        process.destroy();
    }
}
