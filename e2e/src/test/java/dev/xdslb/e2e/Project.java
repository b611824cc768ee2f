/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the build has put what the tests run. */
final class Project {

    private static final Path DIRECTORY = Path.of(property("xdslb.e2e.directory"));

    private Project() {}

    /** Returns a path below the module e2e. */
    static Path e2e(String path) {
        return DIRECTORY.resolve(path);
    }

    /** Returns a path below the root of the project. */
    static Path root(String path) {
        return DIRECTORY.resolveSibling(path);
    }

    /** Returns the jar of a module; the classifier is empty, or begins with a hyphen. */
    static Path jar(String module, String classifier) {
        Path jar = root(module)
                .resolve("target")
                .resolve(module + "-" + property("xdslb.e2e.version") + classifier + ".jar");
        if (!Files.exists(jar)) {
            throw new IllegalStateException(
                    "expected the jar of " + module + " at " + jar + ": build it first, mvn -DskipTests package");
        }
        return jar;
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException(
                    "system property " + name
                            + " is not set (expected: by the Maven profile e2e): run e2e/run.sh, or mvn -o -Pe2e -pl e2e verify");
        }
        return value;
    }
}
