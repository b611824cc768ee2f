/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSessionContext;
import reactor.netty.http.client.HttpClient;
import reactor.netty.tcp.SslProvider;

/**
 * Lets reactor-netty take a pod for a server of a name: it asks for the name and verifies it, and resumes no session that was
 * verified by another one. Its pools know clients of other TLS settings apart, so whoever needs a name again keeps the settings.
 */
public final class NettyServerName {
    private NettyServerName() {}

    /** Returns the TLS settings of a client, with a name. */
    public static SslProvider of(HttpClient client, String name) {
        SslProvider configured = client.configuration().sslProvider();
        SslProvider secured =
                configured == null ? client.secure().configuration().sslProvider() : configured;
        SslProvider base = secured == null ? SslProvider.defaultClientProvider() : secured;
        SNIHostName serverName = new SNIHostName(name);
        return SslProvider.builder()
                .sslContext(new Named(base.getSslContext(), name))
                .handlerConfigurator(handler -> {
                    base.configure(handler);
                    SSLEngine engine = handler.engine();
                    SSLParameters parameters = engine.getSSLParameters();
                    parameters.setServerNames(List.of(serverName));
                    parameters.setEndpointIdentificationAlgorithm("HTTPS");
                    engine.setSSLParameters(parameters);
                })
                .build();
    }

    private static final class Named extends SslContext {
        private final SslContext delegate;
        private final String name;

        private Named(SslContext delegate, String name) {
            this.delegate = delegate;
            this.name = name;
        }

        @Override
        public SSLEngine newEngine(ByteBufAllocator alloc, String peerHost, int peerPort) {
            return delegate.newEngine(alloc, name, peerPort);
        }

        @Override
        protected SslHandler newHandler(ByteBufAllocator alloc, String peerHost, int peerPort, boolean startTls) {
            return delegate.newHandler(alloc, name, peerPort);
        }

        @Override
        public SSLEngine newEngine(ByteBufAllocator alloc) {
            return delegate.newEngine(alloc);
        }

        @Override
        public boolean isClient() {
            return delegate.isClient();
        }

        @Override
        public List<String> cipherSuites() {
            return delegate.cipherSuites();
        }

        @Override
        @SuppressWarnings("deprecation") // abstract, so somebody has to
        public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
            return delegate.applicationProtocolNegotiator();
        }

        @Override
        public SSLSessionContext sessionContext() {
            return delegate.sessionContext();
        }
    }
}
