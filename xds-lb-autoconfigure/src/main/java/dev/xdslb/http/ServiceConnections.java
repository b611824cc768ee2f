/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * By which name a service is spoken to. The URI that is sent has a pod's address as its host, and the name must not get lost with it:
 * the pod may serve several, and its certificate is for the name.
 */
public interface ServiceConnections {

    /** Returns what is configured for a service at present. */
    ServiceConnection of(String serviceId);

    /** Returns whether some service's name is to be sent; where not, nobody has to look which one a request is for. */
    default boolean isAnyHostPreserved() {
        return true;
    }

    /** Returns whether clients verify pods by name; where not, nobody asks for the name but an error that says so. */
    default boolean isNameVerified() {
        return true;
    }

    /**
     * Returns the value of the header Host.
     *
     * @param written the URI of the request as the application has written it, before a pod took the host's place
     * @return null where the client is to send the address that it connects to
     */
    default @Nullable String host(URI written) {
        String serviceId = written.getHost();
        if (serviceId == null) {
            return null;
        }
        ServiceConnection connection = of(serviceId);
        if (!connection.preserveHost()) {
            return null;
        }
        String authority = connection.authority();
        if (authority != null) {
            return authority;
        }
        return written.getPort() < 0 ? serviceId : serviceId + ':' + written.getPort();
    }
}
