/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;

/** Clients by name are neither forgotten nor kept for nothing. */
@Timeout(60)
class StartedClientsTest {
    private final StartedClients started = new StartedClients(Duration.ofMillis(100));

    @Test
    void clientThatCannotBeMade_isNotKept() {
        JettyClientHttpRequestFactoryBuilder builder =
                JettyServerName.on(ClientHttpRequestFactoryBuilder.jetty(), "no name at all", started);

        assertThatThrownBy(builder::build).isInstanceOf(IllegalArgumentException.class);
        assertThat(started.size()).isZero();
    }

    @Test
    void clientThatDoesNotStart_isNotKept() {
        HttpClient[] made = new HttpClient[1];
        JettyServerName.on(ClientHttpRequestFactoryBuilder.jetty(), "orders", started)
                .withHttpClientCustomizer((HttpClient client) -> made[0] = client)
                .build();
        assertThat(started.size()).isEqualTo(1);
        made[0].addBean(new AbstractLifeCycle() {
            @Override
            protected void doStart() {
                throw new IllegalStateException("no memory");
            }
        });

        assertThatThrownBy(made[0]::start).hasMessageContaining("no memory");
        assertThat(started.size()).isZero();
    }

    @Test
    void clientThatDoesNotStop_keepsNobodyWaiting() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        started.add(never::await);
        started.add(stopped::countDown);

        started.stopAll();

        assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(started.size()).isZero();
        never.countDown();
    }
}
