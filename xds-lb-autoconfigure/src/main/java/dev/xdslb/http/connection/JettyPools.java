/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import org.eclipse.jetty.client.HttpClient;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.core.Ordered;

/** Lets Jetty's client forget the pools of pods that are gone, which it keeps for ever by itself. */
public final class JettyPools
        implements ClientHttpRequestFactoryBuilderCustomizer<JettyClientHttpRequestFactoryBuilder>, Ordered {
    private static final long IDLE_MILLIS = 60_000;

    @Override
    public JettyClientHttpRequestFactoryBuilder customize(JettyClientHttpRequestFactoryBuilder builder) {
        return builder.withHttpClientCustomizer((HttpClient client) -> client.setDestinationIdleTimeout(IDLE_MILLIS));
    }

    /** The first of all customizers: what the application sets, wins. */
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
