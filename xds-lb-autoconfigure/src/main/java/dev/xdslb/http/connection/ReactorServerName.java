/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import dev.xdslb.http.NettyServerName;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;

/** The same of reactor-netty. */
final class ReactorServerName {
    private ReactorServerName() {}

    static ReactorClientHttpRequestFactoryBuilder on(ReactorClientHttpRequestFactoryBuilder builder, String name) {
        return builder.withHttpClientCustomizer(client -> client.secure(NettyServerName.of(client, name)));
    }

    static ReactorClientHttpConnectorBuilder on(ReactorClientHttpConnectorBuilder builder, String name) {
        return builder.withHttpClientCustomizer(client -> client.secure(NettyServerName.of(client, name)));
    }
}
