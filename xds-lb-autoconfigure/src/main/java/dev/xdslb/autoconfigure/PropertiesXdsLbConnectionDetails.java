/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

/** The control plane as it is configured. */
final class PropertiesXdsLbConnectionDetails implements XdsLbConnectionDetails {
    private final XdsLbProperties.ControlPlane controlPlane;
    private final @Nullable ConfiguredBundle bundle; // null for plain text

    PropertiesXdsLbConnectionDetails(XdsLbProperties.ControlPlane controlPlane, @Nullable ConfiguredBundle bundle) {
        this.controlPlane = controlPlane;
        this.bundle = bundle;
    }

    @Override
    public String getAddress() {
        return controlPlane.address();
    }

    @Override
    public @Nullable SslBundle getSslBundle() {
        return bundle == null ? null : bundle.get();
    }
}
