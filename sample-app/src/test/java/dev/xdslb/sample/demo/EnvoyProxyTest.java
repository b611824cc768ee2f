/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class EnvoyProxyTest {
    @TempDir
    Path folder;

    @Test
    void program_isTheOneWanted_elseTheFirstOnTheSearchPath() throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path notExecutable = Files.createFile(elsewhere.resolve("envoy"));
        Path onPath = program("exit 0");
        String searchPath = folder.resolve("none")
                + File.pathSeparator
                + File.pathSeparator
                + elsewhere
                + File.pathSeparator
                + folder;

        assertThat(EnvoyProxy.program(notExecutable, searchPath)).isEqualTo(notExecutable);
        assertThat(EnvoyProxy.program(null, searchPath)).isEqualTo(onPath);
        assertThat(EnvoyProxy.program(null, elsewhere.toString())).isNull();
        assertThat(EnvoyProxy.program(null, null)).isNull();
    }

    @Test
    void programThatEnds_isNotWaitedFor() throws Exception {
        try (EnvoyCaller caller = new EnvoyCaller(EnvoyProxy.start(program("exit 1"), 1, FreePort.preferably(0)))) {
            assertThat(caller.isAnswered()).isFalse();
        }
    }

    private Path program(String script) throws IOException {
        Path program = Files.writeString(folder.resolve("envoy"), "#!/bin/sh\n" + script + "\n");
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
