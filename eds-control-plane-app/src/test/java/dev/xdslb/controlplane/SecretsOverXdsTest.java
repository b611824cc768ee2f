/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.ads.XdsServer;
import dev.xdslb.controlplane.resource.TopologyResourceStore;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** Certificates of listeners over SDS: to whom they are given, and what happens when they change. */
@ExtendWith(OutputCaptureExtension.class)
class SecretsOverXdsTest {
    private static final String PASSWORD = "changeit";
    private static final String IDENTITY = "spiffe://cluster.local/ns/shop/sa/ingress";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private Path manifests;
    private final List<ManagedChannel> channels = new ArrayList<>();

    @BeforeEach
    void manifests() throws Exception {
        manifests = Files.createDirectory(directory.resolve("manifests"));
        Files.writeString(manifests.resolve("gateway.yaml"), """
                apiVersion: v1
                kind: Service
                metadata: {name: orders, namespace: shop}
                spec: {ports: [{name: http, port: 8080}]}
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: GatewayClass
                metadata: {name: xds-lb}
                spec: {controllerName: xdslb.dev/gateway-controller}
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: Gateway
                metadata: {name: ingress, namespace: shop}
                spec:
                  gatewayClassName: xds-lb
                  listeners:
                  - name: https
                    port: 443
                    protocol: HTTPS
                    tls: {certificateRefs: [{name: cert}]}
                ---
                apiVersion: gateway.networking.k8s.io/v1
                kind: HTTPRoute
                metadata: {name: orders, namespace: shop}
                spec:
                  parentRefs: [{name: ingress}]
                  rules: [{backendRefs: [{name: orders, port: 8080}]}]
                """);
        for (String other : List.of("cert", "other")) {
            writeSecret(other, keyStore("of-" + other, "dns:shop.example.com"));
        }
    }

    @AfterEach
    void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    @Test
    void certificateIsGivenToTheEnvoyOfItsGateway_andToNobodyElse(CapturedOutput output) throws Exception {
        Path envoy = keyStore("envoy", "uri:" + IDENTITY);
        Path stranger = keyStore("stranger", "uri:spiffe://cluster.local/ns/shop/sa/other");
        Path pretender =
                keyStore("pretender", "dns:" + IDENTITY.replace(':', '.').replace("/", ""));
        try (ConfigurableApplicationContext context = run(envoy, stranger, pretender)) {
            Ads ads = new Ads(context, envoy);
            Secret first = ads.secret("shop/cert");
            assertThat(first.getTlsCertificate().getPrivateKey().getInlineString())
                    .isEqualTo(Files.readString(directory.resolve("of-cert.key")));

            for (Path other : List.of(stranger, pretender)) {
                DeltaDiscoveryResponse refused = new Ads(context, other).ask("shop/cert");
                assertThat(refused.getResourcesList()).isEmpty();
                assertThat(refused.getRemovedResourcesList()).containsExactly("shop/cert");
                assertThat(new Ads(context, other).ask("shop/none").getRemovedResourcesList())
                        .containsExactly("shop/none");
            }
            assertThat(ads.ask("shop/other").getRemovedResourcesList())
                    .as("no listener names it")
                    .containsExactly("shop/other");
            assertThat(output).contains("Secret \"shop/cert\" is not given to a client that asks for it");

            writeSecret("cert", keyStore("renewed", "dns:shop.example.com"));
            Secret renewed = ads.next();
            assertThat(renewed.getTlsCertificate().getPrivateKey().getInlineString())
                    .isEqualTo(Files.readString(directory.resolve("renewed.key")));

            Files.writeString(
                    manifests.resolve("cert.yaml"),
                    secret(
                            "cert",
                            Files.readString(directory.resolve("renewed.crt")),
                            Files.readString(directory.resolve("of-other.key"))));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(debug(context))
                            .contains("tls.key is not the key of the first certificate in tls.crt")
                            .contains("the last one that could be used is served"));
            assertThat(new Ads(context, envoy).secret("shop/cert")).isEqualTo(renewed);

            assertThat(debug(context)).contains("\"secrets\":[\"shop/cert\"]");
            for (String key : List.of("of-cert", "of-other", "renewed")) {
                String body = Files.readString(directory.resolve(key + ".key"))
                        .lines()
                        .skip(1)
                        .findFirst()
                        .orElseThrow();
                assertThat(debug(context)).doesNotContain(body);
                assertThat(output.getAll()).doesNotContain(body);
            }
        }
    }

    @Test
    void withoutMutualTls_itDoesNotStart(CapturedOutput output) {
        assertThatThrownBy(() -> ControlPlaneApplication.builder()
                        .run(
                                "--server.port=0",
                                "--xds-lb.control-plane.port=0",
                                "--xds-lb.control-plane.manifests.directory=" + manifests,
                                "--xds-lb.control-plane.gateway-api.enabled=true",
                                "--xds-lb.control-plane.gateway-api.secrets=true"))
                .isNotNull();
        assertThat(output).contains("Secrets are given over mutual TLS alone");
    }

    private ConfigurableApplicationContext run(Path... trusted) throws Exception {
        Path server = keyStore("server", "ip:127.0.0.1");
        Path trust = directory.resolve("trust.p12");
        KeyStore all = KeyStore.getInstance("PKCS12");
        all.load(null, null);
        for (Path one : trusted) {
            KeyStore store = load(one);
            String alias = store.aliases().nextElement();
            all.setCertificateEntry(alias, store.getCertificate(alias));
        }
        try (OutputStream out = Files.newOutputStream(trust)) {
            all.store(out, PASSWORD.toCharArray());
        }
        ConfigurableApplicationContext context = ControlPlaneApplication.builder()
                .run(
                        "--server.port=0",
                        "--xds-lb.control-plane.port=0",
                        "--xds-lb.control-plane.address=127.0.0.1",
                        "--xds-lb.control-plane.manifests.directory=" + manifests,
                        "--spring.ssl.bundle.jks.xds.keystore.location=file:" + server,
                        "--spring.ssl.bundle.jks.xds.keystore.password=" + PASSWORD,
                        "--spring.ssl.bundle.jks.xds.truststore.location=file:" + trust,
                        "--spring.ssl.bundle.jks.xds.truststore.password=" + PASSWORD,
                        "--xds-lb.control-plane.server.ssl.bundle=xds",
                        "--xds-lb.control-plane.server.ssl.client-auth=require",
                        "--xds-lb.control-plane.gateway-api.enabled=true",
                        "--xds-lb.control-plane.gateway-api.secrets=true",
                        "--xds-lb.control-plane.gateway-api.identities[0].gateway=shop/ingress",
                        "--xds-lb.control-plane.gateway-api.identities[0].san=" + IDENTITY);
        await().atMost(PATIENCE).until(context.getBean(TopologyResourceStore.class)::isSynced);
        return context;
    }

    private static String debug(ConfigurableApplicationContext context) throws Exception {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/debug/gateways"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private void writeSecret(String name, Path keyStore) throws Exception {
        KeyStore store = load(keyStore);
        String alias = store.aliases().nextElement();
        String certificate = pem("CERTIFICATE", store.getCertificate(alias).getEncoded());
        String key =
                pem("PRIVATE KEY", store.getKey(alias, PASSWORD.toCharArray()).getEncoded());
        Files.writeString(directory.resolve(alias + ".crt"), certificate);
        Files.writeString(directory.resolve(alias + ".key"), key);
        Files.writeString(manifests.resolve(name + ".yaml"), secret(name, certificate, key));
    }

    private static String secret(String name, String certificate, String key) {
        return """
                apiVersion: v1
                kind: Secret
                metadata: {name: %s, namespace: shop}
                type: kubernetes.io/tls
                data: {tls.crt: %s, tls.key: %s}
                """.formatted(name, base64(certificate), base64(key));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(US_ASCII));
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private Path keyStore(String name, String alternative) throws IOException, InterruptedException {
        Path file = directory.resolve(name + ".p12");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=" + alternative,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return file;
    }

    private static KeyStore load(Path file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    /** A delta stream of an Envoy that says that it is the Gateway's, whoever it is. */
    private final class Ads implements StreamObserver<DeltaDiscoveryResponse> {
        private final BlockingQueue<DeltaDiscoveryResponse> responses = new LinkedBlockingQueue<>();
        private final StreamObserver<DeltaDiscoveryRequest> requests;

        Ads(ConfigurableApplicationContext context, Path own) throws Exception {
            KeyStore certificates = KeyStore.getInstance("PKCS12");
            certificates.load(null, null);
            certificates.setCertificateEntry(
                    "server", load(directory.resolve("server.p12")).getCertificate("server"));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(certificates);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(load(own), PASSWORD.toCharArray());
            SslContextBuilder tls =
                    GrpcSslContexts.forClient().trustManager(trust).keyManager(keys);
            ManagedChannel channel = NettyChannelBuilder.forAddress(
                            "127.0.0.1", context.getBean(XdsServer.class).port())
                    .sslContext(tls.build())
                    .build();
            channels.add(channel);
            requests = AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(this);
            requests.onNext(DeltaDiscoveryRequest.newBuilder()
                    .setNode(Node.newBuilder()
                            .setId("envoy-1")
                            .setUserAgentName("envoy")
                            .setCluster("shop/ingress"))
                    .setTypeUrl(TopologyResourceStore.SECRET.typeUrl())
                    .addResourceNamesSubscribe("shop/elsewhere")
                    .build());
            take();
        }

        DeltaDiscoveryResponse ask(String name) throws Exception {
            requests.onNext(DeltaDiscoveryRequest.newBuilder()
                    .setTypeUrl(TopologyResourceStore.SECRET.typeUrl())
                    .addResourceNamesSubscribe(name)
                    .build());
            return take();
        }

        Secret secret(String name) throws Exception {
            return secret(ask(name));
        }

        Secret next() throws Exception {
            return secret(take());
        }

        private Secret secret(DeltaDiscoveryResponse response) throws Exception {
            return response.getResources(0).getResource().unpack(Secret.class);
        }

        private DeltaDiscoveryResponse take() throws Exception {
            DeltaDiscoveryResponse response = responses.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(response).as("a response").isNotNull();
            requests.onNext(DeltaDiscoveryRequest.newBuilder()
                    .setTypeUrl(response.getTypeUrl())
                    .setResponseNonce(response.getNonce())
                    .build());
            return response;
        }

        @Override
        public void onNext(DeltaDiscoveryResponse response) {
            responses.add(response);
        }

        @Override
        public void onError(Throwable thrown) {}

        @Override
        public void onCompleted() {}
    }
}
