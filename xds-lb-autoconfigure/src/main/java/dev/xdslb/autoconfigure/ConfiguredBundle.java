/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/** The SSL bundle that the configuration names for the control plane. */
final class ConfiguredBundle {
    private static final Logger log = LoggerFactory.getLogger(ConfiguredBundle.class);

    private static final String PROPERTY = "xds-lb.control-plane.ssl.bundle";

    private final String name;
    private final SslBundles bundles;

    /**
     * Looks whether there is such a bundle.
     *
     * @throws XdsLbConfigurationException when there is none
     */
    ConfiguredBundle(String name, SslBundles bundles) {
        this.name = name;
        this.bundles = bundles;
        if (find().getOptions().isSpecified()) {
            log.warn(
                    "{}: the ciphers and protocols that bundle \"{}\" sets are not used, only its certificates and keys",
                    PROPERTY,
                    name);
        }
    }

    /** Returns it as it is now: its certificates may have been renewed. */
    SslBundle get() {
        return bundles.getBundle(name);
    }

    private SslBundle find() {
        try {
            return bundles.getBundle(name);
        } catch (NoSuchSslBundleException e) {
            throw XdsLbConfigurationException.value(
                    PROPERTY,
                    name,
                    "there is no SSL bundle of this name.",
                    "Define it under spring.ssl.bundle.pem or spring.ssl.bundle.jks. Bundles that exist: "
                            + bundles.getBundleNames() + '.');
        }
    }
}
