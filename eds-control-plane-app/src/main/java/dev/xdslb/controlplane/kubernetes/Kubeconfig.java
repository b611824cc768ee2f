/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How to reach an API server, as a file says. */
public final class Kubeconfig {

    private final Config config;

    private Kubeconfig(Config config) {
        this.config = config;
    }

    /**
     * Reads a file that the operator named.
     *
     * @param context null for the current one
     * @throws IllegalArgumentException when it cannot be read, with the reason
     */
    public static Kubeconfig of(Path file, @Nullable String context) {
        read(file); // says why, if it cannot be read
        return parse(file, () -> Config.fromKubeconfig(context, file.toFile()));
    }

    /**
     * Reads a file that somebody put into a folder: it may say whom to trust and who it is, not which programs to run
     * here.
     *
     * @throws IllegalArgumentException when it cannot be read or would run something, with the reason
     */
    public static Kubeconfig harmless(Path file) {
        String text = read(file);
        if (text.isBlank()) {
            throw new IllegalArgumentException(file.getFileName() + " is empty (expected: a kubeconfig)");
        }
        var content = new KubernetesSerialization().unmarshal(text, io.fabric8.kubernetes.api.model.Config.class);
        if (content == null || content.getUsers() == null) {
            throw new IllegalArgumentException(file.getFileName() + " is no kubeconfig: it has no users");
        }
        for (NamedAuthInfo user : content.getUsers()) {
            if (user.getUser() != null
                    && (user.getUser().getExec() != null || user.getUser().getAuthProvider() != null)) {
                throw new IllegalArgumentException(file.getFileName() + ": user " + user.getName()
                        + " is known by a program that would run here (expected: a certificate or a token)");
            }
            if (user.getUser() != null && user.getUser().getTokenFile() != null) {
                throw new IllegalArgumentException(file.getFileName() + ": user " + user.getName()
                        + " has a tokenFile, which would send a file of this machine to the server that the kubeconfig names"
                        + " (expected: a certificate or a token)");
            }
        }
        return parse(file, () -> Config.fromKubeconfig(text));
    }

    /** Returns a new client, to be closed by the caller. */
    public KubernetesClient client() {
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static Kubeconfig parse(Path file, Supplier<Config> reading) {
        try {
            return new Kubeconfig(ApiConnection.of(reading.get()));
        } catch (UnusableKubeconfigException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(file + " is no kubeconfig: " + e.getMessage(), e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e, e);
        }
    }
}
