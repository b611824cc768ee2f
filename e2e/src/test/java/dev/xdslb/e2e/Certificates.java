/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** An authority that signs certificates, all of them files in one folder. */
final class Certificates {

    private final Path directory;

    Certificates(Path directory) {
        this.directory = directory;
        openssl("authority", "-addext", "keyUsage=critical,keyCertSign");
    }

    /** Returns the certificate of the authority. */
    Path authority() {
        return directory.resolve("authority.crt");
    }

    /**
     * Issues one.
     *
     * @param alternativeNames as OpenSSL writes them, such as {@code DNS:shop.example.com}
     */
    Certificate issue(String name, String alternativeNames) {
        openssl(
                name,
                "-addext",
                "subjectAltName=" + alternativeNames,
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-CA",
                authority().toString(),
                "-CAkey",
                directory.resolve("authority.key").toString());
        return new Certificate(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
    }

    private void openssl(String name, String... more) {
        List<String> command = new ArrayList<>(List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2"));
        command.addAll(List.of(
                "-subj", "/CN=" + name, "-out", directory.resolve(name + ".crt").toString()));
        command.addAll(List.of("-keyout", directory.resolve(name + ".key").toString()));
        command.addAll(List.of(more));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("openssl made no certificate for " + name + ": " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in openssl", e);
        }
    }

    /** A certificate and its key, in PEM. */
    record Certificate(Path file, Path key) {

        String pem() {
            return read(file);
        }

        String keyPem() {
            return read(key);
        }

        BigInteger serial() {
            try (InputStream in = Files.newInputStream(file)) {
                return ((X509Certificate)
                                CertificateFactory.getInstance("X.509").generateCertificate(in))
                        .getSerialNumber();
            } catch (IOException | CertificateException e) {
                throw new IllegalStateException("no certificate in " + file, e);
            }
        }

        private static String read(Path path) {
            try {
                return Files.readString(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
