/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.ssl.SslBundle;

/**
 * Where the control plane is. A bean of this type goes before {@code xds-lb.control-plane.address} and
 * {@code xds-lb.control-plane.ssl.bundle} together: what a test has started, in a container or in its own process, takes the place of
 * what is configured.
 */
@API(status = API.Status.EXPERIMENTAL)
@FunctionalInterface
public interface XdsLbConnectionDetails extends ConnectionDetails {

    /** Returns the address of the control plane as {@code host:port}, an IPv6 address in brackets. Asked once, when it is first needed. */
    String getAddress();

    /** Returns the certificates to trust and to show, asked anew for each connection; null for a connection in plain text. */
    default @Nullable SslBundle getSslBundle() {
        return null;
    }
}
