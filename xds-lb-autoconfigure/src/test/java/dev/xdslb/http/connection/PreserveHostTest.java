/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.autoconfigure.TestContexts;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.http.HttpHeaders;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/** What a pod reads in the header Host. */
@Timeout(60)
class PreserveHostTest {
    private final FakeEndpointSource source = new FakeEndpointSource();
    private EchoPod pod;

    @BeforeEach
    void start() throws IOException {
        pod = new EchoPod("127.0.0.1", null);
        source.publish("orders.shop", pod.endpoint());
        source.publish("orders.shop:8081", pod.endpoint());
    }

    @AfterEach
    void stop() {
        pod.close();
    }

    @Test
    void nothingSet_sendsTheAddress() {
        application().run(context -> {
            for (ClientKind kind : ClientKind.values()) {
                assertThat(kind.in(context, HttpClientSettings.defaults()).apply("http://orders/"))
                        .as("%s", kind)
                        .isEqualTo(pod.address());
            }
        });
    }

    @Test
    void preserveHost_sendsTheServiceAsItIsWritten() {
        application().withPropertyValues("xds-lb.preserve-host=true").run(context -> {
            for (ClientKind kind : ClientKind.values()) {
                var client = kind.in(context, HttpClientSettings.defaults());
                for (String authority : new String[] {"orders", "orders.shop", "orders:8081"}) {
                    assertThat(client.apply("http://" + authority + "/"))
                            .as("%s", kind)
                            .isEqualTo(kind.isOfTheJdk() ? pod.address() : authority);
                }
            }
            assertThat(context.getBean("restClients", RestClient.Builder.class)
                            .clone()
                            .build()
                            .get()
                            .uri("http://orders/")
                            .header(HttpHeaders.HOST, "mine.test")
                            .retrieve()
                            .body(String.class))
                    .isEqualTo("mine.test");
            assertThat(context.getBean("webClients", WebClient.Builder.class)
                            .clone()
                            .build()
                            .get()
                            .uri("http://orders/")
                            .header(HttpHeaders.HOST, "mine.test")
                            .retrieve()
                            .bodyToMono(String.class)
                            .block())
                    .isEqualTo("mine.test");
        });
    }

    @Test
    void settingsOfOneClient_comeBeforeTheGeneralOne() {
        application()
                .withPropertyValues(
                        "xds-lb.preserve-host=true",
                        "xds-lb.clients.orders.authority=shop.test:80",
                        "xds-lb.clients.[orders.shop].preserve-host=false")
                .run(context -> {
                    var client = ClientKind.REST_CLIENT_APACHE.in(context, HttpClientSettings.defaults());
                    assertThat(client.apply("http://ORDERS/")).isEqualTo("shop.test:80");
                    assertThat(client.apply("http://orders.shop/")).isEqualTo(pod.address());
                });
    }

    @Test
    void authorityThatIsNoName_endsTheStart() {
        application()
                .withPropertyValues("xds-lb.clients.orders.authority=https://orders")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("xds-lb.clients.orders.authority is \"https://orders\""));
    }

    private ApplicationContextRunner application() {
        return TestContexts.fedBy(source)
                .withUserConfiguration(ClientKind.Builders.class)
                .withPropertyValues("xds-lb.verify-service-name=true");
    }
}
