/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import io.fabric8.kubernetes.api.model.AuthInfo;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.OAuthTokenProvider;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A user's token in a file that somebody renews ({@code tokenFile} in a kubeconfig), which the client does not know. Read anew for each
 * request; while it cannot be read, the last one stays. Any thread asks.
 */
final class TokenFile implements OAuthTokenProvider {
    private static final Logger logger = LoggerFactory.getLogger(TokenFile.class);

    private final Path file;
    private volatile String last;
    private volatile boolean failing;

    private TokenFile(Path file) throws IOException {
        this.file = file;
        this.last = read(file);
    }

    /**
     * Lets the client use the token of its user's file, where the kubeconfig names one. Before any other one, as kubectl has it.
     *
     * @throws UnusableKubeconfigException when the file cannot be read
     */
    static void use(Config config) {
        File kubeconfig = config.getCurrentContext() == null ? null : config.getFileWithAuthInfo();
        if (kubeconfig == null) {
            return; // as in a pod
        }
        AuthInfo user = user(
                kubeconfig.toPath(), config.getCurrentContext().getContext().getUser());
        if (user == null || user.getTokenFile() == null || user.getTokenFile().isEmpty()) {
            return;
        }
        Path file = kubeconfig.toPath().toAbsolutePath().resolveSibling(user.getTokenFile());
        try {
            config.setOauthTokenProvider(new TokenFile(file));
        } catch (IOException e) {
            throw new UnusableKubeconfigException("tokenFile " + file + " cannot be read: " + e);
        }
    }

    @Override
    public String getToken() {
        try {
            last = read(file);
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                failing = true;
                logger.warn("tokenFile {} cannot be read, the last token is used: {}", file, e.toString());
            }
        }
        return last;
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file).trim();
    }

    private static @Nullable AuthInfo user(Path kubeconfig, @Nullable String name) {
        io.fabric8.kubernetes.api.model.Config content;
        try {
            content = new KubernetesSerialization()
                    .unmarshal(Files.readString(kubeconfig), io.fabric8.kubernetes.api.model.Config.class);
        } catch (IOException e) {
            throw new UnusableKubeconfigException(kubeconfig + " cannot be read: " + e);
        }
        for (NamedAuthInfo user : content.getUsers()) {
            if (user.getName() != null && user.getName().equals(name)) {
                return user.getUser();
            }
        }
        return null;
    }
}
