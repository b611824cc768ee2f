/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.endpoint.Endpoint;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.http.client.HttpClientSettings;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/** Which version of HTTP each client that Spring Boot builds speaks to a pod that offers both. */
@Timeout(120)
class Http2ToPodsTest {
    private static final String HTTP_1 = "HTTP/1.1";
    private static final String HTTP_2 = "HTTP/2.0";

    @TempDir
    private static Path folder;

    private final FakeEndpointSource source = new FakeEndpointSource();

    /** The JDK's client asks for HTTP/2 by itself, and not with an SSL bundle: Boot hands it TLS parameters that name no protocols. */
    @Test
    void overTlsWithABundle_apachesReactiveClientHasHttp2BesideTheName() throws Exception {
        TestCertificates certificates = new TestCertificates(folder);
        JdkSslContext tls = tls(certificates.of("orders", "dns:orders.shop"));
        DisposableServer pod = pod(HttpServer.create()
                .protocol(HttpProtocol.H2, HttpProtocol.HTTP11)
                .secure(ssl -> ssl.sslContext(tls)));
        try {
            assertThat(versions(pod, "https://orders.shop/", certificates.bundle()))
                    .containsAllEntriesOf(Map.of(
                            ClientKind.REST_CLIENT_JDK, HTTP_1,
                            ClientKind.WEB_CLIENT_JDK, HTTP_1,
                            ClientKind.WEB_CLIENT_APACHE, HTTP_2,
                            ClientKind.REST_CLIENT_APACHE, HTTP_1,
                            ClientKind.REST_CLIENT_JETTY, HTTP_1,
                            ClientKind.REST_CLIENT_REACTOR, HTTP_1,
                            ClientKind.WEB_CLIENT_REACTOR, HTTP_1));
        } finally {
            pod.disposeNow();
        }
    }

    @Test
    void withoutTls_theClientOfTheJdkUpgrades() {
        DisposableServer pod = pod(HttpServer.create().protocol(HttpProtocol.H2C, HttpProtocol.HTTP11));
        try {
            assertThat(versions(pod, "http://orders.shop/"))
                    .containsAllEntriesOf(Map.of(
                            ClientKind.REST_CLIENT_JDK, HTTP_2,
                            ClientKind.WEB_CLIENT_JDK, HTTP_2,
                            ClientKind.WEB_CLIENT_APACHE, HTTP_1,
                            ClientKind.REST_CLIENT_APACHE, HTTP_1,
                            ClientKind.REST_CLIENT_JETTY, HTTP_1,
                            ClientKind.REST_CLIENT_REACTOR, HTTP_1,
                            ClientKind.WEB_CLIENT_REACTOR, HTTP_1));
        } finally {
            pod.disposeNow();
        }
    }

    private Map<ClientKind, String> versions(DisposableServer pod, String uri, String... properties) {
        source.publish("orders.shop", Endpoint.builder("127.0.0.1", pod.port()).build());
        Map<ClientKind, String> versions = new EnumMap<>(ClientKind.class);
        TestContexts.fedBy(source)
                .withUserConfiguration(ClientKind.Builders.class)
                .withPropertyValues("xds-lb.verify-service-name=true")
                .withPropertyValues(properties)
                .run(context -> {
                    for (ClientKind kind : ClientKind.values()) {
                        var client = kind.in(context, context.getBean(HttpClientSettings.class));
                        versions.put(kind, client.apply(uri));
                    }
                });
        return versions;
    }

    private static DisposableServer pod(HttpServer server) {
        return server.host("127.0.0.1")
                .port(0)
                .handle((request, response) ->
                        response.sendString(Mono.just(request.version().text())))
                .bindNow();
    }

    private static JdkSslContext tls(SSLContext certificate) {
        return new JdkSslContext(
                certificate,
                false,
                null,
                IdentityCipherSuiteFilter.INSTANCE,
                new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2,
                        ApplicationProtocolNames.HTTP_1_1),
                ClientAuth.NONE,
                null,
                false);
    }
}
