/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.autoconfigure.TestContexts;
import java.io.Closeable;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import reactor.core.publisher.Mono;

/** Which of the application's builders let their clients verify pods by name, and which stay as they are. */
class NamedClientBuildersTest {
    private static final String BY_NAME = "xds-lb.verify-service-name=true";

    @Test
    void withoutTheProperty_buildersAreThoseOfBoot() {
        application()
                .run(context -> assertThat(context.getBean(ClientHttpRequestFactoryBuilder.class)
                                .build())
                        .isInstanceOf(JdkClientHttpRequestFactory.class));
    }

    @Test
    void withIt_builtClientsHaveOneForEachName() {
        application()
                .withPropertyValues(BY_NAME)
                .run(context -> assertThat(context.getBean(ClientHttpRequestFactoryBuilder.class)
                                .build())
                        .isInstanceOf(NamedRequestFactory.class));
    }

    @Test
    void builderOfOneKindOfClient_staysWhoeverDeclaredIt() {
        application()
                .withPropertyValues(BY_NAME)
                .withUserConfiguration(OfOneKind.class)
                .run(context -> {
                    ClientHttpRequestFactoryBuilder<?> builder = context.getBean(ClientHttpRequestFactoryBuilder.class);
                    assertThat(builder.build()).isInstanceOf(JdkClientHttpRequestFactory.class);
                });
    }

    /** Spring closes what can be closed, but sees only the one in its place. */
    @Test
    void clientThatCanBeClosed_isClosedOnce() throws Exception {
        CloseableConnector closeable = new CloseableConnector();
        NamedConnector named = new NamedConnector(closeable, name -> closeable);
        named.stop();
        assertThat(closeable.closed).hasValue(0);
        named.destroy();
        assertThat(closeable.closed).hasValue(1);
    }

    private static ApplicationContextRunner application() {
        return TestContexts.fedBy(new FakeEndpointSource())
                .withPropertyValues("spring.http.clients.imperative.factory=jdk");
    }

    @Configuration(proxyBeanMethods = false)
    static class OfOneKind {
        @Bean
        ClientHttpRequestFactoryBuilder<JdkClientHttpRequestFactory> jdk() {
            return ClientHttpRequestFactoryBuilder.jdk();
        }
    }

    private static final class CloseableConnector implements ClientHttpConnector, Closeable {
        private final AtomicInteger closed = new AtomicInteger();

        @Override
        public Mono<ClientHttpResponse> connect(
                HttpMethod method, URI uri, Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
            return Mono.empty();
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }
}
