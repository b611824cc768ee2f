/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.Environment;

/** Finds out the Kubernetes namespace that the application runs in. */
final class OwnNamespace {
    /** Where Kubernetes puts the namespace of a pod's service account, which is the pod's. */
    static final Path SERVICE_ACCOUNT_FILE = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace");

    /** What manifests commonly name the variable that holds {@code metadata.namespace}. */
    static final String VARIABLE = "POD_NAMESPACE";

    private static final Logger log = LoggerFactory.getLogger(OwnNamespace.class);

    private OwnNamespace() {}

    /** Returns the first of: what is configured, the environment variable, the file; empty where there is none of them. */
    static String find(@Nullable String configured, Environment environment, Path serviceAccountFile) {
        if (configured != null && !configured.isBlank()) {
            return configured.strip();
        }
        String variable = environment.getProperty(VARIABLE);
        if (variable != null && !variable.isBlank()) {
            return variable.strip();
        }
        if (!Files.isReadable(serviceAccountFile)) {
            return "";
        }
        try {
            return Files.readString(serviceAccountFile).strip();
        } catch (IOException e) {
            log.warn("{} cannot be read: set xds-lb.namespace to the application's namespace", serviceAccountFile, e);
            return "";
        }
    }
}
