/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.ServiceReference;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Which resource of the control plane a Spring service id stands for. Immutable.
 *
 * <p>A service id is the host of a request's URI: {@code orders} is the Service of that name in the application's own
 * namespace, {@code orders.shop} the one in namespace {@code shop}. A port in the URI is the number of the Service port. Hosts
 * have no case: {@code ORDERS} is {@code orders}.
 */
public final class ServiceNames {
    /** There is no port in the URI. */
    public static final int NO_PORT = -1;

    private final String ownNamespace;
    private final Map<String, ServiceReference> configured;

    /**
     * Makes the mapping.
     *
     * @param ownNamespace the application's namespace, empty when unknown
     * @param configured the service ids that stand for something else than they say
     */
    public ServiceNames(String ownNamespace, Map<String, ServiceReference> configured) {
        this.ownNamespace = ownNamespace;
        this.configured = new HashMap<>();
        configured.forEach((serviceId, reference) -> this.configured.put(lowerCase(serviceId), reference));
    }

    /** Returns the application's namespace, empty when unknown. */
    public String ownNamespace() {
        return ownNamespace;
    }

    /**
     * Returns what a service id stands for.
     *
     * @throws IllegalArgumentException when it is not the name of a Kubernetes Service; the message says what to do
     */
    public ServiceReference reference(String serviceId) {
        ServiceReference reference = configured.get(lowerCase(serviceId));
        if (reference == null) {
            try {
                reference = ServiceReference.parse(serviceId);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        e.getMessage() + "; if it is meant, name the Service in xds-lb.clients.[" + serviceId
                                + "].resource, and if it is no Service of the cluster, use a client that is not load-balanced",
                        e);
            }
        }
        return reference.inNamespace(ownNamespace);
    }

    /**
     * Returns the name that the control plane knows a service id by.
     *
     * @param port the port in the URI, which wins over a configured one, or {@link #NO_PORT}
     * @throws IllegalArgumentException when it is not the name of a Kubernetes Service
     */
    public String resource(String serviceId, int port) {
        ServiceReference reference = reference(serviceId);
        return port == NO_PORT
                ? reference.resource()
                : new ServiceReference(reference.service(), reference.namespace(), Integer.toString(port)).resource();
    }

    private static String lowerCase(String serviceId) {
        return serviceId.toLowerCase(Locale.ROOT);
    }
}
