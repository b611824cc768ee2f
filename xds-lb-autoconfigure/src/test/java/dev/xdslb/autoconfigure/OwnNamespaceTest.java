/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.env.MockEnvironment;

class OwnNamespaceTest {
    @TempDir
    private Path folder;

    private Path file;
    private final MockEnvironment environment = new MockEnvironment();

    @BeforeEach
    void writeFile() throws IOException {
        file = folder.resolve("namespace");
        Files.writeString(file, "from-file\n");
    }

    @Test
    void property_comesFirst() {
        environment.setProperty("POD_NAMESPACE", "from-variable");
        assertThat(OwnNamespace.find("configured", environment, file)).isEqualTo("configured");
    }

    @Test
    void variable_comesSecond() {
        environment.setProperty("POD_NAMESPACE", "from-variable");
        assertThat(OwnNamespace.find(null, environment, file)).isEqualTo("from-variable");
        assertThat(OwnNamespace.find(" ", environment, file)).isEqualTo("from-variable");
    }

    @Test
    void serviceAccount_comesLast() {
        assertThat(OwnNamespace.find(null, environment, file)).isEqualTo("from-file");
    }

    @Test
    void noneOfThem_isUnknown() {
        assertThat(OwnNamespace.find(null, environment, folder.resolve("missing")))
                .isEmpty();
    }
}
