/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaymvc;

import dev.xdslb.http.CountedRequest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.server.mvc.handler.ProxyExchange;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.web.servlet.function.ServerRequest;

/** A request whose body comes from the gateway's caller: where that one cannot be read, the endpoint is not to blame. */
final class WatchedRequest implements ProxyExchange.Request {
    private final ProxyExchange.Request delegate;
    private final WatchedServletRequest servlet;
    private final ServerRequest received;
    private final HttpHeaders headers;

    /**
     * Makes the request.
     *
     * @param host the header Host where no filter has set one, null for the address that it is sent to
     */
    WatchedRequest(ProxyExchange.Request delegate, CountedRequest counted, @Nullable String host) {
        this.delegate = delegate;
        this.servlet = new WatchedServletRequest(delegate.getServerRequest().servletRequest(), counted);
        this.headers = withHost(delegate.getHeaders(), host);
        this.received = watched(delegate.getServerRequest(), servlet);
    }

    /** Returns whether the gateway's caller owes a part of the body that is waited for. */
    boolean isAwaited() {
        return servlet.isAwaited();
    }

    @Override
    public HttpMethod getMethod() {
        return delegate.getMethod();
    }

    @Override
    public @Nullable URI getUri() {
        return delegate.getUri();
    }

    @Override
    public HttpHeaders getHeaders() {
        return headers;
    }

    private static HttpHeaders withHost(HttpHeaders headers, @Nullable String host) {
        if (host == null || headers.containsHeader(HttpHeaders.HOST)) {
            return headers;
        }
        HttpHeaders named = new HttpHeaders();
        named.addAll(headers);
        named.set(HttpHeaders.HOST, host);
        return named;
    }

    @Override
    public ServerRequest getServerRequest() {
        return received;
    }

    @Override
    public Collection<ProxyExchange.ResponseConsumer> getResponseConsumers() {
        return delegate.getResponseConsumers();
    }

    /** Of its many methods, only the one that gives the body is another. */
    private static ServerRequest watched(ServerRequest request, WatchedServletRequest servlet) {
        return (ServerRequest) Proxy.newProxyInstance(
                ServerRequest.class.getClassLoader(),
                new Class<?>[] {ServerRequest.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("servletRequest")) {
                        return servlet;
                    }
                    try {
                        return method.invoke(request, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
