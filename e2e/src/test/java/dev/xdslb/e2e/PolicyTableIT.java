/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The table "Who obeys" of docs/policy.md against what clients of all kinds that are at hand do, our own included. {@code
 * e2e/clients/policy/table.py} has the scenarios and compares.
 */
class PolicyTableIT {

    private static final String SECONDS = "1.3";
    private static final String PAUSE_MS = "30";
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Path directory;

    PolicyTableIT(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void everyKindOfClientObeysWhatThePageSays() throws IOException {
        assumeTrue(GrpcClient.PYTHON.isAtHand(), GrpcClient.PYTHON.howToGet());
        List<String> command = new ArrayList<>(List.of(
                Project.e2e("target/clients/python/bin/python").toString(),
                Project.e2e("clients/policy/table.py").toString(),
                Project.jar("eds-control-plane-app", "-exec").toString(),
                "--seconds",
                SECONDS,
                "--pause",
                PAUSE_MS,
                "--check",
                Project.root("docs/policy.md").toString(),
                "--java",
                java("Client.java", grpcClassPath()),
                "--own-grpc",
                java("Client.java", grpcClassPath()),
                "--own-http",
                java("HttpClient.java", libraries(SampleService.jar()) + "/*")));
        if (Envoy.isAtHand()) {
            command.addAll(List.of("--envoy", Envoy.program().toString()));
        }
        if (GrpcClient.GO.isAtHand()) {
            command.addAll(
                    List.of("--go", Project.e2e("target/clients/go/policy").toString()));
        }
        if (GrpcClient.NODE.isAtHand()) {
            command.addAll(List.of(
                    "--node", Project.e2e("target/clients/node/node_modules").toString()));
        }
        Files.deleteIfExists(KubeScript.LOGS.resolve("policy-table.log"));
        try (Program table = Program.start("policy-table", new ProcessBuilder(command))) {
            assertThat(table.awaitEnd(LIMIT)).as("ended, see %s", table.log()).isTrue();
            String said = Files.readString(table.log());
            assertThat(said.lines().filter(line -> line.startsWith("differs: ")))
                    .as(said)
                    .isEmpty();
            assertThat(said).contains("refused: nothing", "compared with ");
            said.lines()
                    .filter(line -> line.startsWith("compared with "))
                    .forEach(line -> Figure.report("policy", line));
        }
    }

    private static String java(String program, String classPath) {
        return String.join(
                " ",
                Program.java(
                        "-cp",
                        classPath,
                        Project.e2e("clients/policy").resolve(program).toString()));
    }

    private static String grpcClassPath() {
        return System.getProperty("java.class.path") + File.pathSeparator + Project.jar("xds-lb-core", "");
    }

    /** Returns a folder with the libraries that are in a jar of Spring Boot. */
    private Path libraries(Path jar) throws IOException {
        Path folder = Files.createDirectories(directory.resolve("libraries"));
        try (JarFile file = new JarFile(jar.toFile())) {
            for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements(); ) {
                JarEntry entry = entries.nextElement();
                if (entry.getName().matches("BOOT-INF/lib/[^/]+\\.jar")) {
                    try (InputStream in = file.getInputStream(entry)) {
                        Files.copy(in, folder.resolve(entry.getName().substring("BOOT-INF/lib/".length())));
                    }
                }
            }
        }
        return folder;
    }
}
