/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.HttpComponentsClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JdkClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JettyClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.http.client.reactive.ClientHttpConnector;

/** What {@link NamedRequestFactoryBuilder} is for blocking clients, for those of {@code WebClient}. */
final class NamedConnectorBuilder implements ClientHttpConnectorBuilder<ClientHttpConnector> {
    private final ClientHttpConnectorBuilder<?> delegate;
    private final StartedClients started;

    private NamedConnectorBuilder(ClientHttpConnectorBuilder<?> delegate, StartedClients started) {
        this.delegate = delegate;
        this.started = started;
    }

    static ClientHttpConnectorBuilder<?> of(ClientHttpConnectorBuilder<?> builder, StartedClients started) {
        return withName(builder, "name.test", started) == null ? builder : new NamedConnectorBuilder(builder, started);
    }

    @Override
    public ClientHttpConnector build(@Nullable HttpClientSettings settings) {
        return new NamedConnector(delegate.build(settings), name -> {
            ClientHttpConnectorBuilder<?> named = withName(delegate, name, started);
            return (named == null ? delegate : named).build(settings);
        });
    }

    private static @Nullable ClientHttpConnectorBuilder<?> withName(
            ClientHttpConnectorBuilder<?> builder, String name, StartedClients started) {
        if (builder instanceof JdkClientHttpConnectorBuilder jdk) {
            return jdk.withHttpClientCustomizer(JdkServerName.of(name));
        }
        if (builder instanceof ReactorClientHttpConnectorBuilder reactor) {
            return ReactorServerName.on(reactor, name);
        }
        if (builder instanceof JettyClientHttpConnectorBuilder jetty) {
            return JettyServerName.on(jetty, name, started);
        }
        if (builder instanceof HttpComponentsClientHttpConnectorBuilder apache) {
            return ApacheAsyncServerName.on(apache, name);
        }
        return null;
    }
}
