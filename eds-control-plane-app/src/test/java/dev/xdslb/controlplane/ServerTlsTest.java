/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.ads.XdsServer;
import dev.xdslb.controlplane.ads.XdsServerCustomizer;
import dev.xdslb.controlplane.resource.TopologyResourceStore;
import dev.xdslb.controlplane.topology.Topology;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The xDS port with TLS, spoken to by a gRPC client. */
@ExtendWith(OutputCaptureExtension.class)
class ServerTlsTest {

    private static final String PASSWORD = "changeit";

    @TempDir
    private Path directory;

    @BeforeEach
    void manifests() throws IOException {
        Files.writeString(directory.resolve("orders.yaml"), """
                apiVersion: v1
                kind: Service
                metadata: {name: orders, namespace: shop}
                spec: {ports: [{name: http, port: 8080}]}
                """);
    }

    @Test
    void clientThatTrustsTheServer_isServed_oneWithoutTlsIsNot() throws Exception {
        Path server = keyStore("server");
        try (ConfigurableApplicationContext context = run(server, "none")) {
            assertThat(ask(channel(context, tls(server, null)))).isEqualTo("orders.shop:8080");
            assertThatThrownBy(() -> ask(plain(context))).isInstanceOf(ExecutionException.class);
            assertThatThrownBy(() -> ask(channel(context, tls(keyStore("stranger"), null))))
                    .isInstanceOf(ExecutionException.class);
        }
    }

    @Test
    void whereClientsMustShowACertificate_onlyThoseThatCanAreServed() throws Exception {
        Path server = keyStore("server");
        try (ConfigurableApplicationContext context = run(server, "require")) {
            assertThat(ask(channel(context, tls(server, server)))).isEqualTo("orders.shop:8080");
            assertThatThrownBy(() -> ask(channel(context, tls(server, null)))).isInstanceOf(ExecutionException.class);
            assertThatThrownBy(() -> ask(channel(context, tls(server, keyStore("stranger")))))
                    .isInstanceOf(ExecutionException.class);
        }
    }

    @Test
    void bundleThatIsReplaced_countsForNewConnections_andOneThatIsBrokenDoesNot(CapturedOutput output)
            throws Exception {
        Path server = keyStore("server");
        Path next = keyStore("next");
        Path used = Files.copy(server, directory.resolve("used.p12"));
        try (ConfigurableApplicationContext context = run(used, "none")) {
            ManagedChannel open = channel(context, tls(server, null));
            assertThat(ask(open, false)).isEqualTo("orders.shop:8080");

            Files.copy(next, used, StandardCopyOption.REPLACE_EXISTING);

            await().atMost(30, TimeUnit.SECONDS)
                    .ignoreExceptions()
                    .until(() -> ask(channel(context, tls(next, null))).equals("orders.shop:8080"));
            assertThat(ask(open)).as("connections that are open stay").isEqualTo("orders.shop:8080");
        }
        assertThat(output).contains("SSL bundle xds was loaded anew");
    }

    @Test
    void bundleThatDoesNotExist_isSaidByItsName(CapturedOutput output) {
        assertThatThrownBy(() -> run("--xds-lb.control-plane.server.ssl.bundle=nowhere"))
                .isNotNull();

        assertThat(output).contains("nowhere");
    }

    @Test
    void customizerBean_changesTheServer() throws Exception {
        List<String> methods = Customized.METHODS;
        methods.clear();
        try (ConfigurableApplicationContext context =
                application(Customized.class).run(arguments())) {
            assertThat(ask(plain(context))).isEqualTo("orders.shop:8080");
        }

        assertThat(methods).singleElement().asString().endsWith("/DeltaAggregatedResources");
    }

    @Configuration(proxyBeanMethods = false)
    static class Customized {
        private static final List<String> METHODS = new CopyOnWriteArrayList<>();

        @Bean
        XdsServerCustomizer recordingCustomizer() {
            return (NettyServerBuilder builder) -> builder.intercept(new ServerInterceptor() {
                @Override
                public <Q, R> ServerCall.Listener<Q> interceptCall(
                        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                    METHODS.add(call.getMethodDescriptor().getFullMethodName());
                    return next.startCall(call, headers);
                }
            });
        }
    }

    private ConfigurableApplicationContext run(Path keyStore, String clientAuth) {
        return run(
                "--spring.ssl.bundle.jks.xds.keystore.location=file:" + keyStore,
                "--spring.ssl.bundle.jks.xds.keystore.password=" + PASSWORD,
                "--spring.ssl.bundle.jks.xds.keystore.type=PKCS12",
                "--spring.ssl.bundle.jks.xds.truststore.location=file:" + keyStore,
                "--spring.ssl.bundle.jks.xds.truststore.password=" + PASSWORD,
                "--spring.ssl.bundle.jks.xds.truststore.type=PKCS12",
                "--spring.ssl.bundle.jks.xds.reload-on-update=true",
                "--spring.ssl.bundle.watch.file.quiet-period=100ms",
                "--xds-lb.control-plane.server.ssl.bundle=xds",
                "--xds-lb.control-plane.server.ssl.client-auth=" + clientAuth);
    }

    private ConfigurableApplicationContext run(String... more) {
        ConfigurableApplicationContext context =
                ControlPlaneApplication.builder().run(arguments(more));
        await().until(context.getBean(TopologyResourceStore.class)::isSynced);
        return context;
    }

    private static SpringApplicationBuilder application(Class<?> more) {
        SpringApplicationBuilder builder = ControlPlaneApplication.builder();
        SpringApplication application = builder.application();
        application.addPrimarySources(List.of(more));
        return builder;
    }

    private String[] arguments(String... more) {
        List<String> all = new ArrayList<>(List.of(
                "--server.port=0",
                "--xds-lb.control-plane.port=0",
                "--xds-lb.control-plane.address=127.0.0.1",
                "--xds-lb.control-plane.manifests.directory=" + directory));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** Makes a key with its own certificate for this machine. */
    private Path keyStore(String name) throws IOException, InterruptedException {
        Path file = directory.resolve(name + ".p12");
        if (Files.exists(file)) {
            return file;
        }
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        Process process = new ProcessBuilder(
                        keytool.toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=ip:127.0.0.1",
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

    /** Returns a client's TLS: whom it trusts, and who it is. */
    private static SslContext tls(Path trusted, Path own) throws IOException, GeneralSecurityException {
        KeyStore trust = load(trusted);
        KeyStore certificates = KeyStore.getInstance("PKCS12");
        certificates.load(null, null);
        String alias = trust.aliases().nextElement();
        certificates.setCertificateEntry(alias, trust.getCertificate(alias));
        TrustManagerFactory trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trustManagers.init(certificates);
        SslContextBuilder builder = GrpcSslContexts.forClient().trustManager(trustManagers);
        if (own != null) {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(load(own), PASSWORD.toCharArray());
            builder.keyManager(keys);
        }
        return builder.build();
    }

    private static KeyStore load(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private static ManagedChannel channel(ConfigurableApplicationContext context, SslContext tls) {
        return builder(context).sslContext(tls).build();
    }

    private static ManagedChannel plain(ConfigurableApplicationContext context) {
        return builder(context).usePlaintext().build();
    }

    private static NettyChannelBuilder builder(ConfigurableApplicationContext context) {
        await().until(context.getBean(Topology.class)::isSynced); // before that, streams are told to come again
        return NettyChannelBuilder.forAddress(
                "127.0.0.1", context.getBean(XdsServer.class).port());
    }

    private static String ask(ManagedChannel channel) throws Exception {
        return ask(channel, true);
    }

    /** Returns the name of the first resource that the control plane sends. */
    private static String ask(ManagedChannel channel, boolean last) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        StreamObserver<DeltaDiscoveryRequest> requests = AggregatedDiscoveryServiceGrpc.newStub(channel)
                .deltaAggregatedResources(new StreamObserver<>() {
                    @Override
                    public void onNext(DeltaDiscoveryResponse response) {
                        answer.complete(response.getResources(0).getName());
                    }

                    @Override
                    public void onError(Throwable thrown) {
                        answer.completeExceptionally(thrown);
                    }

                    @Override
                    public void onCompleted() {
                        answer.completeExceptionally(new IllegalStateException("closed without an answer"));
                    }
                });
        try {
            requests.onNext(DeltaDiscoveryRequest.newBuilder()
                    .setNode(Node.newBuilder().setId("client-1").setUserAgentName("xds-lb"))
                    .setTypeUrl(TopologyResourceStore.ENDPOINTS.typeUrl())
                    .addResourceNamesSubscribe("orders.shop:8080")
                    .build());
            return answer.get(20, TimeUnit.SECONDS);
        } finally {
            if (last) {
                channel.shutdownNow();
            }
        }
    }
}
