/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import java.io.IOException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.async.AsyncExecChainHandler;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.reactive.HttpComponentsClientHttpConnectorBuilder;

/** The same of Apache's client that waits for nothing, for one name: nobody knows on which thread it works. */
final class ApacheAsyncServerName implements AsyncExecChainHandler {
    private final String name;

    private ApacheAsyncServerName(String name) {
        this.name = name;
    }

    static HttpComponentsClientHttpConnectorBuilder on(HttpComponentsClientHttpConnectorBuilder builder, String name) {
        return builder.withHttpClientCustomizer(client -> client.addExecInterceptorBefore(
                ChainElement.CONNECT.name(), "xds-lb-server-name", new ApacheAsyncServerName(name)));
    }

    @Override
    public void execute(
            HttpRequest request,
            @Nullable AsyncEntityProducer body,
            AsyncExecChain.Scope scope,
            AsyncExecChain chain,
            AsyncExecCallback callback)
            throws HttpException, IOException {
        HttpRoute route = ApacheServerName.named(scope.route, name);
        chain.proceed(
                request,
                body,
                route == null
                        ? scope
                        : new AsyncExecChain.Scope(
                                scope.exchangeId,
                                route,
                                scope.originalRequest,
                                scope.cancellableDependency,
                                scope.clientContext,
                                scope.execRuntime,
                                scope.scheduler,
                                scope.execCount),
                callback);
    }
}
