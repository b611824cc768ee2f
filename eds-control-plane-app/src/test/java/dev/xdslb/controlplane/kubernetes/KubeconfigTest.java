/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kubeconfigs that kubectl takes. */
@EnableKubernetesMockClient(https = false)
class KubeconfigTest {

    @TempDir
    private Path directory;

    // Set by the extension.
    private KubernetesMockServer server;

    /** As {@code openssl req -newkey ec} writes it. */
    @ParameterizedTest
    @CsvSource({"EC,EC", "RSA,RSA"})
    void kindOfAKey_isSeenInPkcs8(String kind, String expected) throws Exception {
        assertThat(ApiConnection.of(config(pem(kind))).getClientKeyAlgo()).isEqualTo(expected);
        Path file = Files.writeString(directory.resolve("key"), pem(kind));
        assertThat(ApiConnection.of(new ConfigBuilder(Config.empty())
                                .withClientKeyFile(file.toString())
                                .build())
                        .getClientKeyAlgo())
                .isEqualTo(expected);
    }

    @Test
    void keyOfAnotherKind_orThatIsNotThere_isRefusedWithTheReason() throws Exception {
        Config other = config(pem("Ed25519"));
        assertThatThrownBy(() -> ApiConnection.of(other))
                .isInstanceOf(UnusableKubeconfigException.class)
                .hasMessage("the client's key is of an unknown kind (expected: RSA, or EC on a NIST curve)");
        Config missing = new ConfigBuilder(Config.empty())
                .withClientKeyFile(directory.resolve("none").toString())
                .build();
        assertThatThrownBy(() -> ApiConnection.of(missing)).hasMessageContaining("none cannot be read");
    }

    @Test
    void tokenFile_isReadForEachRequest_andTheLastTokenStaysWhileItCannotBeRead() throws Exception {
        server.expect()
                .get()
                .withPath("/api/v1/nodes/n1")
                .andReturn(404, new StatusBuilder().withCode(404).build())
                .always();
        Path token = Files.writeString(directory.resolve("token"), "first\n");
        try (KubernetesClient client =
                Kubeconfig.of(kubeconfig("tokenFile: token"), null).client()) {
            assertThat(authorization(client)).isEqualTo("Bearer first");
            Files.writeString(token, "second\n");
            assertThat(authorization(client)).isEqualTo("Bearer second");
            Files.delete(token);
            assertThat(authorization(client)).isEqualTo("Bearer second");
        }
    }

    @Test
    void tokenFileThatIsNotThere_isRefusedWithTheReason() throws IOException {
        Path file = kubeconfig("tokenFile: token");

        assertThatThrownBy(() -> Kubeconfig.of(file, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tokenFile " + directory.resolve("token") + " cannot be read");
    }

    /** Whoever may put a file there need not see our ServiceAccount's token. */
    @Test
    void tokenFileInAFolderOfClusters_isRefused() throws IOException {
        Path file = kubeconfig("tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token");

        assertThatThrownBy(() -> Kubeconfig.harmless(file))
                .hasMessageContaining("user me has a tokenFile", "expected: a certificate or a token");
    }

    private Path kubeconfig(String user) throws IOException {
        return Files.writeString(directory.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: here
                contexts: [{name: here, context: {cluster: here, user: me}}]
                clusters: [{name: here, cluster: {server: "%s"}}]
                users: [{name: other, user: {token: x}}, {name: me, user: {%s}}]
                """.formatted(server.url("/"), user));
    }

    private String authorization(KubernetesClient client) throws InterruptedException {
        assertThat(client.nodes().withName("n1").get()).isNull();
        return server.takeRequest().getHeader("Authorization");
    }

    private static Config config(String pem) {
        return new ConfigBuilder(Config.empty())
                .withClientKeyData(Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)))
                .build();
    }

    private static String pem(String kind) throws Exception {
        byte[] key = KeyPairGenerator.getInstance(kind)
                .generateKeyPair()
                .getPrivate()
                .getEncoded();
        return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(key)
                + "\n-----END PRIVATE KEY-----\n";
    }
}
