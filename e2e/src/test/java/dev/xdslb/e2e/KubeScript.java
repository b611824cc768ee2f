/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Calls {@code e2e/kube.sh}, which knows how to run Kubernetes and how to give a server an address of its own. */
final class KubeScript {

    /** State of the one control plane of this run; below {@code target}, and removed when it goes down. */
    private static final Path RUN = Project.e2e("target/kube");

    static final Path LOGS = Project.e2e("target/logs");

    /**
     * An API server that is away for a minute hears of no node in that time; Kubernetes would take all of them for lost
     * after 50 s, and their pods for not ready. Here only what the tests bring about is to happen.
     */
    private static final String NODE_GRACE = "10m";

    private static final Map<String, String> ENVIRONMENT = Map.of(
            "XDSLB_RUN", RUN.toString(),
            "XDSLB_LOGS", LOGS.toString(),
            "XDSLB_NODE_GRACE", NODE_GRACE);

    private KubeScript() {}

    /** Returns the file of that name in the state of the control plane. */
    static Path runFile(String name) {
        return RUN.resolve(name);
    }

    /** Runs one command of the script to its end and returns what it printed. */
    static String call(String... arguments) {
        try {
            Process process = builder(arguments).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new IllegalStateException(
                        "kube.sh " + String.join(" ", arguments) + " ended with status " + status + ": " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in kube.sh " + String.join(" ", arguments), e);
        }
    }

    /** Returns a builder of a process that runs the command. */
    static ProcessBuilder builder(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Project.e2e("kube.sh").toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(ENVIRONMENT);
        return builder;
    }
}
