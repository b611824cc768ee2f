/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The gRPC clients of {@code e2e/clients}, as {@code install.sh} there makes them. */
enum GrpcClient {
    PYTHON("python/bin/python", "python/client.py"),
    GO("go/client", ""),
    NODE("node/node_modules/@grpc/grpc-js-xds/package.json", "node/client.js"),
    JAVA("", "java/Client.java");

    private final Path made;
    private final String source;

    /**
     * Creates one.
     *
     * @param made what must be there before it can be run, in {@code e2e/target/clients}
     * @param source what is run, in {@code e2e/clients}; empty for what was made
     */
    GrpcClient(String made, String source) {
        this.made = Project.e2e("target/clients").resolve(made);
        this.source = source;
    }

    boolean isAtHand() {
        return Files.exists(made);
    }

    /** Returns what to do where it is not at hand. */
    String howToGet() {
        return "no gRPC client in " + this + " at " + made
                + ": e2e/clients/install.sh makes it where the language is at hand";
    }

    /**
     * Returns the process that calls a target and says each second which pods answered.
     *
     * @param header that calls have, and its value; nothing, and with Go and Node always nothing, for none
     */
    ProcessBuilder command(String target, Path bootstrap, String... header) {
        ProcessBuilder builder = switch (this) {
            case PYTHON -> new ProcessBuilder(with(List.of(made.toString(), script().toString(), target), header));
            case GO -> new ProcessBuilder(made.toString(), target);
            case NODE -> new ProcessBuilder("node", script().toString(), target);
            case JAVA -> new ProcessBuilder(java(with(List.of(target), header)));
        };
        builder.environment().put("GRPC_XDS_BOOTSTRAP", bootstrap.toString());
        builder.environment()
                .put(
                        "NODE_PATH",
                        Project.e2e("target/clients/node/node_modules").toString());
        return builder;
    }

    /** Returns the process that does the same with our own client. */
    static ProcessBuilder xdsLb(String target, String controlPlane, String... header) {
        return new ProcessBuilder(java(with(List.of(target, controlPlane), header)));
    }

    private static List<String> with(List<String> words, String... more) {
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return all;
    }

    /** The program is compiled as it is started, against what it uses: grpc-java with its xDS, and our client. */
    private static List<String> java(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                "-cp",
                System.getProperty("java.class.path") + File.pathSeparator + Project.jar("xds-lb-core", ""),
                JAVA.script().toString()));
        command.addAll(arguments);
        return Program.java(command.toArray(String[]::new));
    }

    /** Returns the process that answers as a pod does. */
    static ProcessBuilder server(GrpcManifest.Pod pod) {
        return new ProcessBuilder(
                PYTHON.made.toString(),
                Project.e2e("clients/python/server.py").toString(),
                "127.0.0.1:" + pod.port(),
                pod.name());
    }

    /** Returns the process that calls the sample's orders so many times a second, and says which pods answered. */
    static ProcessBuilder pythonOrders(String target, int perSecond, Path bootstrap) {
        ProcessBuilder builder = new ProcessBuilder(
                PYTHON.made.toString(),
                Project.e2e("clients/python/orders.py").toString(),
                target,
                String.valueOf(perSecond));
        builder.environment().put("GRPC_XDS_BOOTSTRAP", bootstrap.toString());
        return builder;
    }

    /**
     * Writes what a client has to be told.
     *
     * @param zone where it runs; empty for nowhere
     */
    static Path bootstrap(Path directory, int xdsPort, String node, String zone) throws IOException {
        return Files.writeString(directory.resolve(node + ".json"), """
                {"xds_servers": [{"server_uri": "127.0.0.1:%d", "channel_creds": [{"type": "insecure"}]}],
                 "node": {"id": "%s", "locality": {"zone": "%s"}}}
                """.formatted(xdsPort, node, zone));
    }

    private Path script() {
        return Project.e2e("clients").resolve(source);
    }
}
