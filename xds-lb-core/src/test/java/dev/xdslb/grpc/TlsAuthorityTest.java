/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.FakeEndpointSource;
import dev.xdslb.strategy.P2cLeastRequest;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.random.RandomGenerator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints are addresses, certificates are made out to services: the name that counts is the target's. */
class TlsAuthorityTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final RandomGenerator random = Randoms.seeded();
    private final ClusterRegistry clusters = ClusterRegistry.driven(
            source, resource -> ClusterSettings.of(new P2cLeastRequest(random)), new FakeNanoClock(), random);

    @Test
    void certificate_mustBeMadeOutToTheServiceOfTheTarget(@TempDir Path folder) throws Exception {
        KeyStore keys = selfSigned(folder, "orders.shop");
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);

        try (clusters;
                GrpcRegistration registration = XdsLbGrpc.register(clusters, "shop");
                EchoServer server = new EchoServer(TlsServerCredentials.newBuilder()
                        .keyManager(own.getKeyManagers())
                        .build())) {
            assertThat(registration.isClosed()).isFalse();
            clusters.cluster("orders.shop:8443");
            source.publish("orders.shop:8443", server.endpoint());
            clusters.cluster("payments.shop:8443");
            source.publish("payments.shop:8443", server.endpoint());

            assertThat(say("xdslb:///orders:8443", keys)).isEqualTo(Integer.toString(server.port()));
            assertThatThrownBy(() -> say("xdslb:///payments.shop:8443", keys))
                    .hasMessageStartingWith("UNAVAILABLE: no endpoint of payments.shop:8443 can be connected to")
                    .hasStackTraceContaining("payments.shop");
        }
    }

    private static String say(String target, KeyStore trusted) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        ManagedChannel channel = Grpc.newChannelBuilder(
                        target,
                        TlsChannelCredentials.newBuilder()
                                .trustManager(trust.getTrustManagers())
                                .build())
                .build();
        try {
            return EchoServer.say(channel);
        } finally {
            channel.shutdownNow();
        }
    }

    private static KeyStore selfSigned(Path folder, String name) throws Exception {
        Path file = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=test",
                        "-ext",
                        "san=dns:" + name,
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        file.toString())
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore certificates = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            certificates.load(in, PASSWORD);
        }
        // a key entry is not a trust anchor, so the certificate goes in once more by itself
        certificates.setCertificateEntry("trusted", certificates.getCertificate("server"));
        return certificates;
    }
}
