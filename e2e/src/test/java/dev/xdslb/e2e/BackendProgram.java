/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command that runs in pods. Made once for all of them: the sample's jar is taken apart, and the classes that a start loads are written
 * down as the JVM wants them (class data sharing). A pod then takes less than half the CPU to start, of which there is little where
 * several start beside the load.
 */
final class BackendProgram {

    private static final String MAIN = "dev.xdslb.sample.backend.BackendApplication";
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private static @Nullable List<String> command; // guarded by the class

    private BackendProgram() {}

    /** Returns the command. Any thread may ask; the first one waits until it is made. */
    static synchronized List<String> command() {
        List<String> made = command;
        if (made == null) {
            try {
                made = make(Files.createTempDirectory(Project.e2e("target"), "backend"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            command = made;
        }
        return made;
    }

    private static List<String> make(Path directory) {
        Path jar = SampleService.jar();
        Path takenApart = directory.resolve("app");
        Path classes = directory.resolve("classes.jsa");
        String classPath = takenApart.resolve(jar.getFileName()).toString();
        run(
                "backend-extract",
                Program.smallJava(
                        "-Djarmode=tools", "-jar", jar.toString(), "extract", "--destination", takenApart.toString()));
        run(
                "backend-classes",
                Program.smallJava(
                        "-XX:ArchiveClassesAtExit=" + classes,
                        "-Dspring.context.exit=onRefresh",
                        "-cp",
                        classPath,
                        MAIN,
                        "--server.port=0"));
        // Without the archive, or with one that does not fit, the JVM goes on as ever.
        return Program.smallJava("-XX:SharedArchiveFile=" + classes, "-cp", classPath, MAIN);
    }

    private static void run(String name, List<String> command) {
        try (Program program = Program.start(name, new ProcessBuilder(command))) {
            if (!program.awaitEnd(LIMIT)) {
                throw new IllegalStateException(command + " has not ended within " + LIMIT + ", see " + program.log());
            }
        }
    }
}
