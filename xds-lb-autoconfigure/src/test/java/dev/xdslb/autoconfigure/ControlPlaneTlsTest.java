/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.TlsServerCredentials;
import io.grpc.TlsServerCredentials.ClientAuth;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.jks.JksSslStoreBundle;
import org.springframework.boot.ssl.jks.JksSslStoreDetails;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** A control plane that lets nobody in without a certificate, reached by properties alone. */
class ControlPlaneTlsTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    private Path folder;

    private final Queue<String> clients = new ConcurrentLinkedQueue<>();
    private Server server;

    @BeforeEach
    void start() throws Exception {
        makeKey("server");
        makeKey("client");
        trust("client", "server");
        trust("server", "client");
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store("server"), PASSWORD.toCharArray());
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(store("server-trust"));
        server = Grpc.newServerBuilderForPort(
                        0,
                        TlsServerCredentials.newBuilder()
                                .keyManager(keys.getKeyManagers())
                                .trustManager(trusted.getTrustManagers())
                                .clientAuth(ClientAuth.REQUIRE)
                                .build())
                .addTransportFilter(new ServerTransportFilter() {
                    @Override
                    public Attributes transportReady(Attributes attributes) {
                        clients.add(peer(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION)));
                        return attributes;
                    }
                })
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
    }

    @Test
    void bundle_saysWhomToTrustAndWhoOneIs_andBeansChangeTheChannel() {
        AtomicInteger customized = new AtomicInteger();
        application()
                .withPropertyValues("xds-lb.control-plane.ssl.bundle=cp")
                .withBean(ControlPlaneChannelCustomizer.class, () -> builder -> {
                    customized.incrementAndGet();
                    builder.overrideAuthority("control-plane.test"); // what the certificate is for
                })
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    await().until(() -> !clients.isEmpty());
                    assertThat(clients).contains("CN=client");
                    assertThat(customized).hasPositiveValue();
                });
    }

    @Test
    void connectionDetails_sayWhomToTrustAndWhoOneIs_whateverIsConfigured() {
        TestContexts.application()
                .withPropertyValues("xds-lb.control-plane.ssl.bundle=nobody-looks")
                .withBean(XdsLbConnectionDetails.class, () -> new XdsLbConnectionDetails() {
                    @Override
                    public String getAddress() {
                        return "127.0.0.1:" + server.getPort();
                    }

                    @Override
                    public SslBundle getSslBundle() {
                        return SslBundle.of(new JksSslStoreBundle(jks("client.p12"), jks("client-trust.p12")));
                    }
                })
                .withBean(
                        ControlPlaneChannelCustomizer.class,
                        () -> builder -> builder.overrideAuthority("control-plane.test"))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    await().until(() -> !clients.isEmpty());
                    assertThat(clients).contains("CN=client");
                });
    }

    @Test
    void unknownBundle_endsTheStartAndNamesThoseThereAre() {
        application()
                .withPropertyValues("xds-lb.control-plane.ssl.bundle=other")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining(
                                "xds-lb.control-plane.ssl.bundle is \"other\": there is no SSL bundle of this name.")
                        .hasMessageContaining("[cp]"));
    }

    private ApplicationContextRunner application() {
        return TestContexts.application()
                .withPropertyValues(
                        "xds-lb.control-plane.address=127.0.0.1:" + server.getPort(),
                        "spring.ssl.bundle.jks.cp.keystore.location="
                                + folder.resolve("client.p12").toUri(),
                        "spring.ssl.bundle.jks.cp.keystore.password=" + PASSWORD,
                        "spring.ssl.bundle.jks.cp.truststore.location="
                                + folder.resolve("client-trust.p12").toUri(),
                        "spring.ssl.bundle.jks.cp.truststore.password=" + PASSWORD);
    }

    private JksSslStoreDetails jks(String file) {
        return JksSslStoreDetails.forLocation(folder.resolve(file).toUri().toString())
                .withPassword(PASSWORD);
    }

    private static String peer(SSLSession session) {
        try {
            return session.getPeerPrincipal().getName();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private void makeKey(String name) throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=dns:control-plane.test",
                "-keystore",
                name + ".p12",
                "-storepass",
                PASSWORD);
        keytool(
                "-exportcert",
                "-alias",
                name,
                "-keystore",
                name + ".p12",
                "-storepass",
                PASSWORD,
                "-file",
                name + ".crt");
    }

    private void trust(String who, String whom) throws Exception {
        keytool(
                "-importcert",
                "-noprompt",
                "-alias",
                whom,
                "-file",
                whom + ".crt",
                "-keystore",
                who + "-trust.p12",
                "-storepass",
                PASSWORD);
    }

    private void keytool(String... arguments) throws Exception {
        List<String> command = new java.util.ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private KeyStore store(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(name + ".p12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }
}
