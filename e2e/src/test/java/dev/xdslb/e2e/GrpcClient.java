/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.nio.file.Files;
import java.nio.file.Path;

/** The gRPC clients of {@code e2e/clients}, as {@code install.sh} there makes them. */
enum GrpcClient {
    PYTHON("python/bin/python", "python/client.py"),
    GO("go/client", ""),
    NODE("node/node_modules/@grpc/grpc-js-xds/package.json", "node/client.js");

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

    /** Returns the process that calls a target and says each second which pods answered. */
    ProcessBuilder command(String target, Path bootstrap) {
        ProcessBuilder builder = switch (this) {
            case PYTHON -> new ProcessBuilder(made.toString(), script().toString(), target);
            case GO -> new ProcessBuilder(made.toString(), target);
            case NODE -> new ProcessBuilder("node", script().toString(), target);
        };
        builder.environment().put("GRPC_XDS_BOOTSTRAP", bootstrap.toString());
        builder.environment()
                .put(
                        "NODE_PATH",
                        Project.e2e("target/clients/node/node_modules").toString());
        return builder;
    }

    /** Returns the process that answers as a pod does. */
    static ProcessBuilder server(GrpcManifest.Pod pod) {
        return new ProcessBuilder(
                PYTHON.made.toString(),
                Project.e2e("clients/python/server.py").toString(),
                "127.0.0.1:" + pod.port(),
                pod.name());
    }

    private Path script() {
        return Project.e2e("clients").resolve(source);
    }
}
