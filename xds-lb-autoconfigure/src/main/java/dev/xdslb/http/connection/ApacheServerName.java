/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import dev.xdslb.http.PodTarget;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;

/**
 * Lets Apache's client connect to a pod's address and verify the name of its service. A route of Apache's has room for both, and
 * its pool keeps routes of different names apart.
 */
final class ApacheServerName implements ExecChainHandler {
    private static final String NAME = "xds-lb-server-name";

    static HttpComponentsClientHttpRequestFactoryBuilder on(HttpComponentsClientHttpRequestFactoryBuilder builder) {
        return builder.withHttpClientCustomizer(ApacheServerName::on);
    }

    static void on(HttpClientBuilder builder) {
        builder.addExecInterceptorBefore(ChainElement.CONNECT.name(), NAME, new ApacheServerName());
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        HttpHost target = scope.route.getTargetHost();
        PodTarget pod = PodTarget.current();
        String name = pod == null ? null : pod.nameFor(URI.create(target.toURI()));
        if (name == null) {
            return chain.proceed(request, scope);
        }
        HttpRoute route = named(scope.route, name);
        return chain.proceed(
                request,
                route == null
                        ? scope
                        : new ExecChain.Scope(
                                scope.exchangeId,
                                route,
                                scope.originalRequest,
                                scope.execRuntime,
                                scope.clientContext));
    }

    /** Returns null where the request goes by way of a proxy, which needs to be told the address. */
    static @Nullable HttpRoute named(HttpRoute route, String name) throws UnknownHostException {
        HttpHost target = route.getTargetHost();
        if (route.getProxyHost() != null) {
            return null;
        }
        InetAddress address = InetAddress.getByName(target.getHostName()); // an address, which nobody is asked for
        return new HttpRoute(
                new HttpHost(target.getSchemeName(), address, name, target.getPort()),
                route.getLocalAddress(),
                route.isSecure());
    }
}
