/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.xds.ChannelFactory;
import io.grpc.ManagedChannelBuilder;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.util.List;
import org.springframework.boot.ssl.SslBundle;

/** Makes channels to the control plane as the application's configuration and beans say. */
final class ConfiguredChannels {
    private ConfiguredChannels() {}

    /** Returns a factory that asks for the bundle anew for each channel, so that renewed certificates are used. */
    static ChannelFactory of(XdsLbConnectionDetails details) {
        return new ChannelFactory() {
            @Override
            public ManagedChannelBuilder<?> newChannelBuilder(String address) {
                SslBundle bundle = details.getSslBundle();
                return bundle == null
                        ? ChannelFactory.PLAINTEXT.newChannelBuilder(address)
                        : tls(bundle).newChannelBuilder(address);
            }

            @Override
            public void resolve(String address) throws IOException {
                ChannelFactory.PLAINTEXT.resolve(address);
            }
        };
    }

    /** Returns a factory whose channels the application changes. */
    static ChannelFactory customized(ChannelFactory factory, List<ControlPlaneChannelCustomizer> customizers) {
        return new ChannelFactory() {
            @Override
            public ManagedChannelBuilder<?> newChannelBuilder(String address) {
                ManagedChannelBuilder<?> builder = factory.newChannelBuilder(address);
                customizers.forEach(customizer -> customizer.customize(builder));
                return builder;
            }

            @Override
            public void resolve(String address) throws IOException {
                factory.resolve(address);
            }
        };
    }

    private static ChannelFactory tls(SslBundle bundle) {
        return ChannelFactory.of(TlsChannelCredentials.newBuilder()
                .keyManager(bundle.getManagers().getKeyManagers())
                .trustManager(bundle.getManagers().getTrustManagers())
                .build());
    }
}
