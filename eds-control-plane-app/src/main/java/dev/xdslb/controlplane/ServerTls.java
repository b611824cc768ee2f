/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.ads.XdsServerCustomizer;
import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.List;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslOptions;

/**
 * TLS on the xDS port, by an SSL bundle of Spring Boot. A bundle that is loaded anew counts for connections from then on;
 * one that cannot be used does not, and the last good one goes on being used.
 */
final class ServerTls implements XdsServerCustomizer {

    private static final Logger logger = LoggerFactory.getLogger(ServerTls.class);

    private final ReloadableSslContext context;

    private ServerTls(ReloadableSslContext context) {
        this.context = context;
    }

    /**
     * Returns TLS by a bundle.
     *
     * @throws RuntimeException when there is no such bundle, or when no server can be made of it
     */
    static ServerTls of(String name, ClientAuth clientAuth, SslBundles bundles, Faults faults) {
        ReloadableSslContext context = new ReloadableSslContext(context(name, bundles.getBundle(name), clientAuth));
        FaultBoundary boundary = faults.boundary("tls");
        bundles.addBundleUpdateHandler(
                name,
                updated -> boundary.run("SSL bundle " + name, () -> {
                    context.replace(context(name, updated, clientAuth));
                    logger.info("SSL bundle {} was loaded anew", name);
                }));
        return new ServerTls(context);
    }

    @Override
    public void customize(NettyServerBuilder builder) {
        builder.sslContext(context);
    }

    private static SslContext context(String name, SslBundle bundle, ClientAuth clientAuth) {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(
                            bundle.getManagers().getKeyManagerFactory())
                    .clientAuth(clientAuth);
            if (clientAuth != ClientAuth.NONE) {
                builder.trustManager(bundle.getManagers().getTrustManagerFactory());
            }
            SslOptions options = bundle.getOptions();
            GrpcSslContexts.configure(builder, SslProvider.JDK);
            if (options.getEnabledProtocols() != null) {
                builder.protocols(options.getEnabledProtocols());
            }
            if (options.getCiphers() != null) {
                builder.ciphers(List.of(options.getCiphers()));
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException(
                    "no TLS server can be made of SSL bundle \"" + name
                            + "\" (xds-lb.control-plane.server.ssl.bundle): " + e.getMessage()
                            + ". It needs a key and its certificate.",
                    e);
        }
    }
}
