/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** With keys in all the forms that openssl and cert-manager write. */
class CertificateCheckTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "rsa:2048, rsa, -traditional",
        "rsa:3072, pkey, ''",
        "ec -pkeyopt ec_paramgen_curve:P-256, ec, ''",
        "ec -pkeyopt ec_paramgen_curve:P-384, pkey, ''",
        "ec -pkeyopt ec_paramgen_curve:P-521, ec, ''",
    })
    void keyOfTheCertificate_canBeUsed_andAnotherCannot(String kind, String form, String option) throws Exception {
        Pair own = pair("own", kind, form, option);
        Pair other = pair("other", kind, form, option);

        assertThat(CertificateCheck.problem(secret(own.certificate, own.key))).isEmpty();
        assertThat(CertificateCheck.problem(secret(own.certificate + other.certificate, own.key)))
                .as("a chain")
                .isEmpty();
        assertThat(CertificateCheck.problem(secret(other.certificate, own.key)))
                .isNotEmpty()
                .contains("tls.key");
    }

    @Test
    void whatEnvoyWouldRefuse_isRefused() throws Exception {
        Pair weak = pair("weak", "rsa:1024", "pkey", "");
        Pair edwards = pair("edwards", "ed25519", "pkey", "");
        Pair good = pair("good", "rsa:2048", "pkey", "");

        assertThat(CertificateCheck.problem(secret(weak.certificate, weak.key))).contains("1024 bits");
        assertThat(CertificateCheck.problem(secret(edwards.certificate, edwards.key)))
                .contains("expected: RSA or EC");
        assertThat(CertificateCheck.problem(secret("", good.key))).contains("no usable tls.crt");
        assertThat(CertificateCheck.problem(secret(good.certificate, ""))).contains("no usable tls.key");
        assertThat(CertificateCheck.problem(secret("nonsense", good.key))).contains("tls.crt cannot be read");
        assertThat(CertificateCheck.problem(secret(good.certificate, good.key.replace("BEGIN", "BEGIN ENCRYPTED"))))
                .contains("not encrypted");
        assertThat(CertificateCheck.problem(
                        secret(good.certificate, good.key.substring(0, 300) + "\n-----END PRIVATE KEY-----")))
                .contains("tls.key cannot be read")
                .doesNotContain(good.key.substring(100, 120));
        assertThat(CertificateCheck.problem(new SecretObject("shop", "cert", "Opaque", good.certificate, good.key, "")))
                .contains("expected: kubernetes.io/tls");
    }

    private record Pair(String certificate, String key) {}

    private static SecretObject secret(String certificate, String key) {
        return new SecretObject("shop", "cert", "kubernetes.io/tls", certificate, key, "");
    }

    private Pair pair(String name, String kind, String form, String option) throws Exception {
        Path key = directory.resolve(name + ".key");
        Path certificate = directory.resolve(name + ".crt");
        List<String> make = new ArrayList<>(List.of("req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=" + name));
        make.addAll(List.of("-keyout", key.toString(), "-out", certificate.toString(), "-newkey"));
        make.addAll(List.of(kind.split(" ", -1)));
        openssl(make);
        List<String> convert = new ArrayList<>(List.of(form, "-in", key.toString(), "-out", key + ".pem"));
        if (!option.isEmpty()) {
            convert.add(option);
        }
        openssl(convert);
        return new Pair(Files.readString(certificate), Files.readString(Path.of(key + ".pem")));
    }

    private static void openssl(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(arguments);
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeThat(e).as("openssl is installed").isNull();
            return;
        }
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
