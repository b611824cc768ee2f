/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Certificates that sign themselves, in a folder of a test. */
final class TestCertificates {
    static final String PASSWORD = "changeit";

    private final Path folder;

    TestCertificates(Path folder) {
        this.folder = folder;
    }

    /** Makes a key whose certificate is for these names, such as {@code dns:orders}, and trusts it. */
    SSLContext of(String alias, String... names) throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + alias,
                "-ext",
                "san=" + String.join(",", names),
                "-keystore",
                alias + ".p12",
                "-storepass",
                PASSWORD);
        keytool("-exportcert", "-alias", alias, "-keystore", alias + ".p12", "-storepass", PASSWORD, "-file", alias);
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                alias,
                "-file",
                alias,
                "-keystore",
                "trust.p12",
                "-storepass",
                PASSWORD);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(alias + ".p12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /** Returns the properties of an SSL bundle named {@code pods} that trusts all of them. */
    String[] bundle() {
        return new String[] {
            "spring.ssl.bundle.jks.pods.truststore.location="
                    + folder.resolve("trust.p12").toUri(),
            "spring.ssl.bundle.jks.pods.truststore.password=" + PASSWORD,
            "spring.http.clients.ssl.bundle=pods"
        };
    }

    private void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
