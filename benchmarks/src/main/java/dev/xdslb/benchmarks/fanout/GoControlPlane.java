/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The program with go-control-plane in it, built from its source when it is first needed. */
final class GoControlPlane {
    private static final List<String> SOURCES = List.of("main.go", "data.go", "go.mod", "go.sum");

    private static @Nullable Path built; // of this process; null until it is needed

    private GoControlPlane() {}

    /** Returns why it cannot be measured here; empty where it can. */
    static synchronized Optional<String> problem() {
        try {
            program();
            return Optional.empty();
        } catch (IllegalStateException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    static synchronized Path program() {
        Path present = built;
        if (present == null) {
            present = build();
            built = present;
        }
        return present;
    }

    private static Path build() {
        try {
            Path folder = Files.createTempDirectory("fan-out-go");
            for (String source : SOURCES) {
                try (InputStream in = GoControlPlane.class.getResourceAsStream("go/" + source)) {
                    if (in == null) {
                        throw new IllegalStateException("go/" + source + " is missing in the jar of the benchmarks");
                    }
                    Files.copy(in, folder.resolve(source));
                }
            }
            Path program = folder.resolve("fan-out-peer");
            Process go = new ProcessBuilder("go", "build", "-o", program.toString(), ".")
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (go.waitFor() != 0) {
                throw new IllegalStateException("go build has failed; see what it has printed");
            }
            return program;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).startsWith("Cannot run program")) {
                throw new IllegalStateException("there is no Go here (expected: the command go)", e);
            }
            throw new UncheckedIOException(e);
        }
    }
}
