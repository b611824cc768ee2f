/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.http.client.ClientHttpRequestFactory;

/**
 * Builds clients as the application's builder does, with its certificates, time-outs and customizers, and lets them verify pods
 * against the name of their service. A builder of a kind that is not known here builds as before.
 */
final class NamedRequestFactoryBuilder implements ClientHttpRequestFactoryBuilder<ClientHttpRequestFactory> {
    private final ClientHttpRequestFactoryBuilder<?> delegate;
    private final StartedClients started;

    private NamedRequestFactoryBuilder(ClientHttpRequestFactoryBuilder<?> delegate, StartedClients started) {
        this.delegate = delegate;
        this.started = started;
    }

    static ClientHttpRequestFactoryBuilder<?> of(ClientHttpRequestFactoryBuilder<?> builder, StartedClients started) {
        if (builder instanceof HttpComponentsClientHttpRequestFactoryBuilder apache) {
            return ApacheServerName.on(apache); // which has a name for each connection
        }
        return withName(builder, "name.test", started) == null
                ? builder
                : new NamedRequestFactoryBuilder(builder, started);
    }

    @Override
    public ClientHttpRequestFactory build(@Nullable HttpClientSettings settings) {
        return new NamedRequestFactory(delegate.build(settings), name -> {
            ClientHttpRequestFactoryBuilder<?> named = withName(delegate, name, started);
            return (named == null ? delegate : named).build(settings);
        });
    }

    private static @Nullable ClientHttpRequestFactoryBuilder<?> withName(
            ClientHttpRequestFactoryBuilder<?> builder, String name, StartedClients started) {
        if (builder instanceof JdkClientHttpRequestFactoryBuilder jdk) {
            return jdk.withHttpClientCustomizer(JdkServerName.of(name));
        }
        if (builder instanceof ReactorClientHttpRequestFactoryBuilder reactor) {
            return ReactorServerName.on(reactor, name);
        }
        if (builder instanceof JettyClientHttpRequestFactoryBuilder jetty) {
            return JettyServerName.on(jetty, name, started);
        }
        return null;
    }
}
