/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.xdslb.endpoint.Endpoint;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** Each gateway in front of a pod that has a certificate for one of the two services that it belongs to. */
@Timeout(60)
class GatewayHttpsTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    private Path folder;

    private final TestService services = new TestService();
    private HttpsServer pod;
    private ConfigurableApplicationContext gateway;

    @BeforeEach
    void start() throws Exception {
        pod = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        pod.setHttpsConfigurator(new HttpsConfigurator(certificateFor("dns:orders.shop")));
        pod.createContext("/", exchange -> {
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        pod.start();
        Endpoint endpoint =
                Endpoint.builder("127.0.0.1", pod.getAddress().getPort()).build();
        services.declare("orders.shop", endpoint);
        services.declare("billing.shop", endpoint);
    }

    private void start(WebApplicationType type, String... clients) {
        boolean reactive = type == WebApplicationType.REACTIVE;
        String gateways = "--spring.cloud.gateway.server.";
        String routes = gateways + (reactive ? "webflux" : "webmvc") + ".routes";
        List<String> arguments = new ArrayList<>(List.of(clients));
        arguments.addAll(List.of(
                gateways + "webflux.enabled=" + reactive,
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--eureka.client.enabled=false",
                "--xds-lb.namespace=shop",
                "--xds-lb.verify-service-name=true",
                routes + "[0].id=orders",
                routes + "[0].uri=lb:https://orders.shop",
                routes + "[0].predicates[0]=Path=/orders/**",
                routes + "[1].id=billing",
                routes + "[1].uri=lb:https://billing.shop",
                routes + "[1].predicates[0]=Path=/billing/**"));
        gateway = new SpringApplicationBuilder(GatewayRoutesContract.Gateway.class)
                .web(type)
                .initializers(context -> ((GenericApplicationContext) context)
                        .registerBean(
                                TestService.class, () -> services, definition -> definition.setDestroyMethodName("")))
                .run(arguments.toArray(String[]::new));
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        pod.stop(0);
        services.close();
    }

    @Test
    void podProvesTheNameOfTheRoutesService_toGatewayWebFlux() throws Exception {
        start(
                WebApplicationType.REACTIVE,
                "--spring.cloud.gateway.server.webflux.httpclient.ssl.trustedX509Certificates[0]="
                        + folder.resolve("pod.crt").toUri());
        provesTheName();
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdk", "http-components"})
    void podProvesTheNameOfTheRoutesService_toGatewayWebMvc(String client) throws Exception {
        start(
                WebApplicationType.SERVLET,
                "--spring.http.clients.imperative.factory=" + client,
                "--spring.http.clients.ssl.bundle=pods",
                "--spring.ssl.bundle.pem.pods.truststore.certificate="
                        + folder.resolve("pod.crt").toUri());
        provesTheName();
    }

    private void provesTheName() throws Exception {
        assertThat(status("/orders/1")).isEqualTo(204);
        assertThat(status("/orders/2")).isEqualTo(204);
        assertThat(status("/billing/1")).isEqualTo(500);
    }

    private int status(String path) throws Exception {
        int port = gateway.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private SSLContext certificateFor(String name) throws Exception {
        keytool(List.of("-genkeypair", "-alias", "pod", "-keyalg", "EC", "-dname", "CN=pod", "-ext", "san=" + name));
        keytool(List.of("-exportcert", "-rfc", "-alias", "pod", "-file", "pod.crt"));
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve("pod.p12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private void keytool(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(arguments);
        command.addAll(List.of("-keystore", "pod.p12", "-storepass", PASSWORD));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
