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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslOptions;

/** Makes channels to the control plane as the application's configuration and beans say. */
final class ConfiguredChannels {
    private static final Logger log = LoggerFactory.getLogger(ConfiguredChannels.class);

    private static final String BUNDLE = "xds-lb.control-plane.ssl.bundle";

    private ConfiguredChannels() {}

    /** Returns a factory over TLS that reads a bundle anew for each channel, so that renewed certificates are used. */
    static ChannelFactory tls(String bundle, SslBundles bundles) {
        SslOptions options = find(bundle, bundles).getOptions();
        if (options.isSpecified()) {
            log.warn(
                    "{}: the ciphers and protocols that bundle \"{}\" sets are not used, only its certificates and keys",
                    BUNDLE,
                    bundle);
        }
        return new ChannelFactory() {
            @Override
            public ManagedChannelBuilder<?> newChannelBuilder(String address) {
                return factory().newChannelBuilder(address);
            }

            @Override
            public void resolve(String address) throws IOException {
                ChannelFactory.PLAINTEXT.resolve(address);
            }

            private ChannelFactory factory() {
                SslBundle present = bundles.getBundle(bundle);
                return ChannelFactory.of(TlsChannelCredentials.newBuilder()
                        .keyManager(present.getManagers().getKeyManagers())
                        .trustManager(present.getManagers().getTrustManagers())
                        .build());
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

    private static SslBundle find(String bundle, SslBundles bundles) {
        try {
            return bundles.getBundle(bundle);
        } catch (NoSuchSslBundleException e) {
            throw XdsLbConfigurationException.value(
                    BUNDLE,
                    bundle,
                    "there is no SSL bundle of this name.",
                    "Define it under spring.ssl.bundle.pem or spring.ssl.bundle.jks. Bundles that exist: "
                            + bundles.getBundleNames() + '.');
        }
    }
}
