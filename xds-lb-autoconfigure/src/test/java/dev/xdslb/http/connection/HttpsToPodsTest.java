/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.http.PodTarget;
import dev.xdslb.http.ServiceConnection;
import dev.xdslb.springcloud.PickedServiceInstance;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.boot.restclient.autoconfigure.RestClientBuilderConfigurer;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequestTransformer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.support.HttpRequestWrapper;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

/** A pod proves the name of its service, whatever its address is, to each client that Spring Boot builds. */
@Timeout(120)
class HttpsToPodsTest {
    @TempDir
    private static Path folder;

    private static TestCertificates certificates;
    private static SSLContext ofOrders;
    private static SSLContext ofNobody;
    private static SSLContext ofTheAddress;

    private final FakeEndpointSource source = new FakeEndpointSource();

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = new TestCertificates(folder);
        ofOrders = certificates.of("orders", "dns:orders.shop", "dns:orders.shop.svc", "dns:ledger.shop");
        ofNobody = certificates.of("nobody", "dns:nobody.test");
        ofTheAddress = certificates.of("address", "ip:127.0.0.1");
    }

    @Test
    void certificateOfTheService_isTaken() throws Exception {
        try (EchoPod pod = new EchoPod("127.0.0.1", ofOrders)) {
            source.publish("orders.shop", pod.endpoint());
            eachClient((kind, client) -> {
                assertThat(client.apply("https://orders.shop/"))
                        .as("%s", kind)
                        .isEqualTo(pod.address() + " for orders.shop");
                assertThat(client.apply("https://orders.shop/2"))
                        .as("%s", kind)
                        .isEqualTo(pod.address() + " for orders.shop");
            });
        }
    }

    @Test
    void podWithIpv6Address_isReachedWithAndWithoutTls() throws Exception {
        assumeTrue(NetworkInterface.getByInetAddress(InetAddress.getAllByName("::1")[0]) != null, "no IPv6 here");
        try (EchoPod tls = new EchoPod("::1", ofOrders);
                EchoPod plain = new EchoPod("::1", null)) {
            source.publish("orders.shop", tls.endpoint());
            source.publish("plain.shop", plain.endpoint());
            eachClient((kind, client) -> {
                assertThat(client.apply("https://orders.shop/")).as("%s", kind).endsWith(" for orders.shop");
                assertThat(client.apply("http://plain/")).as("%s", kind).isEqualTo("[::1]:" + plain.port());
            });
        }
    }

    @Test
    void certificateOfAnotherName_isRefusedAndToldWhy() throws Exception {
        try (EchoPod pod = new EchoPod("127.0.0.1", ofNobody)) {
            source.publish("orders.shop", pod.endpoint());
            eachClient((kind, client) -> assertThatThrownBy(() -> client.apply("https://orders.shop/"))
                    .as("%s", kind)
                    .hasMessageContaining("orders.shop at 127.0.0.1:" + pod.port()
                            + ": the certificate of the pod is not for \"orders.shop\"")
                    .hasMessageContaining("xds-lb.clients.orders.shop.authority"));
        }
    }

    @Test
    void certificateOfTheAddressAlone_isTakenByJettyAlone() throws Exception {
        try (EchoPod pod = new EchoPod("127.0.0.1", ofTheAddress)) {
            source.publish("orders.shop", pod.endpoint());
            eachClient((kind, client) -> {
                if (kind != ClientKind.REST_CLIENT_JETTY) {
                    assertThatThrownBy(() -> client.apply("https://orders.shop/"))
                            .hasMessageContaining("not for \"orders.shop\"");
                } else {
                    assertThat(client.apply("https://orders.shop/"))
                            .as("%s", kind)
                            .endsWith(" for orders.shop");
                }
            });
        }
    }

    @Test
    void authority_isTheNameThatIsVerified() throws Exception {
        try (EchoPod pod = new EchoPod("127.0.0.1", ofOrders)) {
            source.publish("payments.shop", pod.endpoint());
            eachClient(
                    (kind, client) -> assertThat(client.apply("https://payments/"))
                            .as("%s", kind)
                            .isEqualTo(pod.address() + " for orders.shop.svc"),
                    "xds-lb.clients.payments.authority=orders.shop.svc:8443");
        }
    }

    @Test
    void podOfTwoServices_provesEachName() throws Exception {
        try (EchoPod pod = new EchoPod("127.0.0.1", ofOrders)) {
            source.publish("orders.shop", pod.endpoint());
            source.publish("billing.shop", pod.endpoint());
            eachClient((kind, client) -> {
                assertThat(client.apply("https://orders.shop/"))
                        .endsWith(" for orders.shop"); // leaves a connection in the pool
                assertThatThrownBy(() -> client.apply("https://billing/"))
                        .as("%s", kind)
                        .hasMessageContaining("is not for \"billing\"");
            });
        }
    }

    @Test
    void podOfTwoServices_provesEachNameWhereClientsShareTheirSessions() throws Exception {
        try (EchoPod pod = new EchoPod("127.0.0.1", ofOrders)) {
            source.publish("orders.shop", pod.endpoint());
            source.publish("billing.shop", pod.endpoint());
            application().withUserConfiguration(ClientKind.Builders.class).run(context -> {
                SSLContext shared =
                        context.getBean(SslBundles.class).getBundle("pods").createSslContext();
                RestClient client = context.getBean(RestClient.Builder.class)
                        .clone()
                        .requestFactory(NamedRequestFactoryBuilder.of(
                                        ClientHttpRequestFactoryBuilder.jdk()
                                                .withHttpClientCustomizer(jdk -> jdk.sslContext(shared)),
                                        new StartedClients())
                                .build())
                        .build();
                assertThat(client.get().uri("https://orders.shop/").retrieve().body(String.class))
                        .endsWith(" for orders.shop");
                assertThatThrownBy(() ->
                                client.get().uri("https://billing/").retrieve().body(String.class))
                        .hasMessageContaining("is not for \"billing\"");
            });
        }
    }

    @Test
    void clientsOfBootsAutoConfiguration_verifyTheName() throws Exception {
        try (EchoPod pod = new EchoPod("127.0.0.1", ofOrders)) {
            source.publish("orders.shop", pod.endpoint());
            String answer = pod.address() + " for orders.shop";
            application()
                    .withUserConfiguration(OfBoot.class)
                    .withPropertyValues("spring.http.clients.imperative.factory=jdk")
                    .run(context -> {
                        assertThat(context.getBean(RestClient.Builder.class)
                                        .build()
                                        .get()
                                        .uri("https://orders.shop/")
                                        .retrieve()
                                        .body(String.class))
                                .isEqualTo(answer);
                        assertThat(context.getBean(RestTemplate.class)
                                        .getForObject("https://orders.shop/", String.class))
                                .isEqualTo(answer);
                        assertThat(context.getBean(WebClient.Builder.class)
                                        .build()
                                        .get()
                                        .uri("https://orders.shop/")
                                        .retrieve()
                                        .bodyToMono(String.class)
                                        .block())
                                .isEqualTo(answer);
                    });
        }
    }

    @Test
    void requestThatATransformerMakesHttps_verifiesTheName() throws Exception {
        try (EchoPod pod = new EchoPod("127.0.0.1", ofOrders)) {
            source.publish("orders.shop", pod.endpoint());
            application()
                    .withUserConfiguration(OfBoot.class)
                    .withBean(LoadBalancerRequestTransformer.class, () -> (request, instance) -> overTls(request))
                    .withPropertyValues("spring.http.clients.imperative.factory=jdk")
                    .run(context -> assertThat(context.getBean(RestClient.Builder.class)
                                    .build()
                                    .get()
                                    .uri("http://orders.shop/")
                                    .retrieve()
                                    .body(String.class))
                            .endsWith(" for orders.shop"));
        }
    }

    private static HttpRequest overTls(HttpRequest request) {
        return new HttpRequestWrapper(request) {
            @Override
            public URI getURI() {
                return URI.create(super.getURI().toString().replace("http://", "https://"));
            }
        };
    }

    @Test
    void threadsOfJettysClientsByName_endWithTheContext() throws Exception {
        try (EchoPod pod = new EchoPod("127.0.0.1", ofOrders)) {
            source.publish("ledger.shop", pod.endpoint());
            application()
                    .withUserConfiguration(OfBoot.class)
                    .withPropertyValues("spring.http.clients.imperative.factory=jetty")
                    .run(context -> {
                        assertThat(context.getBean(RestClient.Builder.class)
                                        .build()
                                        .get()
                                        .uri("https://ledger.shop/")
                                        .retrieve()
                                        .body(String.class))
                                .endsWith(" for ledger.shop");
                        assertThat(threadsOfJetty()).isNotEmpty();
                    });
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(threadsOfJetty()).isEmpty());
        }
    }

    private static List<String> threadsOfJetty() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("jetty-ledger.shop"))
                .toList();
    }

    @Test
    void oneNameTooMany_isVerifiedByTheAddress_andSaysSo() throws Exception {
        try (EchoPod pod = new EchoPod("127.0.0.1", ofOrders)) {
            source.publish("orders.shop", pod.endpoint());
            application()
                    .withUserConfiguration(ClientKind.Builders.class)
                    .withPropertyValues("xds-lb.max-unconfigured-services=2000") // all are used within a moment
                    .run(context -> {
                        ClientHttpRequestFactory usual =
                                ClientHttpRequestFactoryBuilder.jdk().build(context.getBean(HttpClientSettings.class));
                        NamedRequestFactory full = new NamedRequestFactory(usual, name -> usual);
                        for (int i = 0; i < 1_000; i++) {
                            String name = "service-" + i;
                            source.publish(
                                    name + ".shop",
                                    Endpoint.builder("127.0.0.1", 1).build());
                            PickedServiceInstance picked = PickedServiceInstance.in(
                                    context.getBean(LoadBalancerClient.class).choose(name));
                            assertThat(picked).isNotNull();
                            PodTarget.sending(
                                    PodTarget.of(
                                            picked, URI.create("https://" + name), id -> ServiceConnection.DEFAULT),
                                    () -> full.createRequest(URI.create("https://127.0.0.1:1/"), HttpMethod.GET));
                        }
                        RestClient client = context.getBean(RestClient.Builder.class)
                                .clone()
                                .requestFactory(full)
                                .build();
                        assertThatThrownBy(() -> client.get()
                                        .uri("https://orders.shop/")
                                        .retrieve()
                                        .body(String.class))
                                .hasMessageContaining(
                                        "verifies the pods of 1000 names already, and has no room for \"orders.shop\"");
                    });
        }
    }

    @Test
    void clientThatBootDidNotBuild_verifiesTheAddressAndSaysWhatToDo() throws Exception {
        try (EchoPod pod = new EchoPod("127.0.0.1", ofOrders)) {
            source.publish("orders.shop", pod.endpoint());
            application().withUserConfiguration(ByHand.class).run(context -> {
                RestClient client = context.getBean(RestClient.Builder.class).build();
                assertThatThrownBy(() -> client.get()
                                .uri("https://orders.shop/")
                                .retrieve()
                                .body(String.class))
                        .hasMessageContaining("verifies the certificate of the pod against the pod's address")
                        .hasMessageContaining("ClientHttpRequestFactoryBuilder");
            });
        }
    }

    private void eachClient(BiConsumer<ClientKind, Function<String, String>> test, String... properties) {
        application()
                .withUserConfiguration(ClientKind.Builders.class)
                .withPropertyValues(properties)
                .run(context -> {
                    HttpClientSettings settings = context.getBean(HttpClientSettings.class);
                    for (ClientKind kind : ClientKind.values()) {
                        test.accept(kind, kind.in(context, settings));
                    }
                });
    }

    private ApplicationContextRunner application() {
        return TestContexts.fedBy(source)
                .withPropertyValues(
                        "xds-lb.verify-service-name=true",
                        "xds-lb.ejection.consecutive-failures=1000",
                        "xds-lb.avoidance=0")
                .withPropertyValues(certificates.bundle());
    }

    @Configuration(proxyBeanMethods = false)
    static class OfBoot {
        @Bean
        @LoadBalanced
        RestClient.Builder restClients(RestClientBuilderConfigurer configurer) {
            return configurer.configure(RestClient.builder());
        }

        @Bean
        @LoadBalanced
        RestTemplate restTemplate(RestTemplateBuilder builder) {
            return builder.build();
        }

        @Bean
        @LoadBalanced
        WebClient.Builder webClients(ClientHttpConnector connector) {
            return WebClient.builder().clientConnector(connector);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class ByHand {
        @Bean
        @LoadBalanced
        RestClient.Builder byHand(SslBundles bundles) {
            return RestClient.builder()
                    .requestFactory(new JdkClientHttpRequestFactory(java.net.http.HttpClient.newBuilder()
                            .sslContext(bundles.getBundle("pods").createSslContext())
                            .build()));
        }
    }
}
