/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.xdslb.e2e.Certificates.Certificate;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.ConnectException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * HTTPS at a Gateway: a real Envoy is handed the certificate of a Secret in the real API server, as docs/envoy-ingress.md has it: with
 * the page's bootstrap and the page's rights.
 */
@ExtendWith(TestBed.class)
class TlsGatewayIT {

    private static final int XDS_PORT = 18014;
    private static final URI HTTP = URI.create("http://127.0.0.1:8094");
    private static final int PORT = 10_443;
    private static final String HOST = "shop.example.com";
    private static final String SECRET = "shop-example-com"; // the one that secrets.yaml names
    private static final String IDENTITY = "spiffe://cluster.local/ns/shop/sa/ingress";
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final String GATEWAY = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: ingress, namespace: shop}
            spec:
              gatewayClassName: xds-lb
              listeners:
                - {name: https, port: %d, protocol: HTTPS, hostname: %s, tls: {certificateRefs: [{name: %s}]}}
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: secure, namespace: shop}
            spec:
              parentRefs: [{name: ingress}]
              rules: [{backendRefs: [{name: secure, port: 8080}]}]
            """.formatted(PORT, HOST, SECRET);

    private final KubernetesCluster cluster;
    private final KubernetesClient client;
    private final ControlPlane controlPlane;
    private final Certificates certificates;
    private final Path directory;
    private final Deque<AutoCloseable> ends = new ArrayDeque<>();
    private Program secured;

    TlsGatewayIT(TestBed.Parts parts, @TempDir Path directory) {
        cluster = parts.cluster;
        client = parts.cluster.client();
        controlPlane = parts.controlPlane;
        certificates = new Certificates(directory);
        this.directory = directory;
    }

    /** One that gives Secrets, in the place of the one that does not: both would write the Gateway's status. */
    @BeforeEach
    void startSecuredControlPlane() throws IOException {
        assumeTrue(Envoy.isAtHand(), Envoy.howToGet());
        EchoServer pod = new EchoServer("secure");
        ends.push(pod);
        HandmadeService service = new HandmadeService(client, "secure", "http");
        ends.push(service);
        service.add("0", pod.port());

        cluster.apply(Project.root("eds-control-plane-app/kubernetes/gateway-api/secrets.yaml"));
        Certificate own = certificates.issue("control-plane", "DNS:eds-control-plane.xds-lb");
        int before = controlPlane.endpointStreams().size();
        controlPlane.kill();
        ends.push(() -> {
            controlPlane.restart();
            await("its clients back")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> controlPlane.endpointStreams().size() >= before);
        });
        secured = controlPlane.another(
                "tls-control-plane",
                HTTP,
                "--xds-lb.control-plane.address=127.0.0.1",
                "--xds-lb.control-plane.port=" + XDS_PORT,
                "--spring.ssl.bundle.pem.xds.keystore.certificate=file:" + own.file(),
                "--spring.ssl.bundle.pem.xds.keystore.private-key=file:" + own.key(),
                "--spring.ssl.bundle.pem.xds.truststore.certificate=file:" + certificates.authority(),
                "--xds-lb.control-plane.server.ssl.bundle=xds",
                "--xds-lb.control-plane.server.ssl.client-auth=require",
                "--spring.config.additional-location=file:" + properties());
        ends.push(secured);
    }

    @AfterEach
    void end() throws Exception {
        while (!ends.isEmpty()) {
            ends.pop().close();
        }
    }

    @Test
    void secretOfAListener_isGivenToItsEnvoyAlone_andFollowed() throws Exception {
        Certificate first = certificates.issue("first", "DNS:" + HOST);
        Certificate second = certificates.issue("second", "DNS:" + HOST);
        write(first.pem(), first.keyPem());
        ends.push(() -> client.resource(secret(first.pem(), first.keyPem())).delete());
        var objects = client.load(new ByteArrayInputStream(GATEWAY.getBytes(StandardCharsets.UTF_8)));
        objects.create();
        ends.push(objects::delete);
        awaitResolvedRefs("True:ResolvedRefs");

        try (Envoy stranger =
                Envoy.launch("tls-stranger", bootstrap("stranger", "spiffe://cluster.local/ns/shop/sa/other"))) {
            await("the refusal")
                    .atMost(LIMIT)
                    .until(() -> Files.readString(secured.log())
                            .contains("Secret \"shop/" + SECRET + "\" is not given to a client that asks for it"));
            assertThat(stranger.certificates())
                    .as("of listeners and of its own")
                    .allSatisfy(
                            certificate -> assertThat(certificate.toString()).doesNotContain(HOST));
        }

        try (Envoy envoy = Envoy.start("tls-envoy", bootstrap("envoy", IDENTITY))) {
            await("an answer").atMost(LIMIT).ignoreExceptions().until(() -> serial(), first.serial()::equals);
            try (TlsConnection kept = connect()) {
                assertThat(kept.get("/")).isEqualTo("HTTP/1.1 200 OK");

                long rotatedAt = System.nanoTime();
                write(second.pem(), second.keyPem());
                await("the new certificate")
                        .atMost(LIMIT)
                        .pollInterval(Duration.ofMillis(20))
                        .until(() -> {
                            assertThat(kept.get("/")).isEqualTo("HTTP/1.1 200 OK");
                            return serial().equals(second.serial());
                        });
                Figure.report(
                        "ms from a Secret renewed in the API server to the first handshake with it",
                        Duration.ofNanos(System.nanoTime() - rotatedAt).toMillis());
                assertThat(kept.get("/")).as("on a connection of before").isEqualTo("HTTP/1.1 200 OK");
            }

            write(second.pem(), first.keyPem());
            awaitResolvedRefs("False:InvalidCertificateRef");
            assertThat(serial()).as("the last one that could be used").isEqualTo(second.serial());

            client.resource(secret(second.pem(), second.keyPem())).delete();
            await("the end of the listener").atMost(LIMIT).until(() -> !accepts());
            assertThat(conditions()).contains("ResolvedRefs=False:InvalidCertificateRef");

            write(first.pem(), first.keyPem());
            await("an answer again").atMost(LIMIT).ignoreExceptions().until(() -> serial(), first.serial()::equals);
            awaitResolvedRefs("True:ResolvedRefs");
            assertThat(envoy.stat("listener_manager.lds.update_rejected")).isZero();
            assertThat(Nacks.byType(HTTP)).as("refused responses by type").isEmpty();
        }
    }

    /** Returns a file with the properties of the page. */
    private Path properties() throws IOException {
        Page block = Page.read("docs/envoy-ingress.md").block("secrets: true");
        assertThat(block.text()).contains("san: " + IDENTITY);
        return Files.writeString(directory.resolve("gateway-api.yaml"), block.text());
    }

    /** Returns the bootstrap of the page, for an Envoy that has a certificate with this name. */
    private String bootstrap(String name, String identity) throws IOException {
        Certificate own = certificates.issue(name, "URI:" + identity);
        Path folder = Files.createDirectories(directory.resolve("identity-of-" + name));
        Files.copy(own.file(), folder.resolve("tls.crt"));
        Files.copy(own.key(), folder.resolve("tls.key"));
        Files.copy(certificates.authority(), folder.resolve("ca.crt"));
        return Page.read("e2e/clients/envoy/bootstrap-tls.yaml")
                .with("/etc/envoy/identity", folder)
                .with(
                        "address: eds-control-plane.xds-lb, port_value: 18000",
                        "address: 127.0.0.1, port_value: " + XDS_PORT)
                .with("port_value: 9901", "port_value: 0")
                .text();
    }

    /** Returns the serial number of the certificate that a new connection is shown, on which a request is answered. */
    private BigInteger serial() throws IOException {
        try (TlsConnection connection = connect()) {
            assertThat(connection.get("/")).isEqualTo("HTTP/1.1 200 OK");
            return connection.certificate().getSerialNumber();
        }
    }

    private TlsConnection connect() throws IOException {
        return TlsConnection.open(PORT, HOST, certificates.authority());
    }

    private boolean accepts() throws IOException {
        try {
            connect().close();
            return true;
        } catch (ConnectException closed) {
            return false;
        }
    }

    private void write(String certificate, String key) {
        client.resource(secret(certificate, key)).forceConflicts().serverSideApply();
    }

    private static Secret secret(String certificate, String key) {
        return new SecretBuilder()
                .withNewMetadata()
                .withName(SECRET)
                .withNamespace(OrdersDeployment.NAMESPACE)
                .endMetadata()
                .withType("kubernetes.io/tls")
                .withStringData(Map.of("tls.crt", certificate, "tls.key", key))
                .build();
    }

    private static void awaitResolvedRefs(String expected) {
        await("ResolvedRefs=" + expected).atMost(LIMIT).until(() -> conditions().contains("ResolvedRefs=" + expected));
    }

    private static List<String> conditions() {
        return Conditions.of("gateway", "ingress", ".status.listeners[*].conditions[*]");
    }
}
