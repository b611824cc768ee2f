/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.ServiceReference;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    private static final Pattern WITH_DOMAIN =
            Pattern.compile("(?<service>[^.:]+\\.[^.:]+\\.svc)\\.(?<domain>[^:]*[^:.])\\.?(?<port>(:.*)?)");

    /** The domain of Kubernetes where nobody has given the cluster another one. */
    public static final String USUAL_DOMAIN = "cluster.local";

    private final String ownNamespace;
    private final String clusterDomain;
    private final Map<String, ServiceReference> configured;

    /**
     * Makes the mapping.
     *
     * @param ownNamespace the application's namespace, empty when unknown
     * @param configured the service ids that stand for something else than they say
     */
    public ServiceNames(String ownNamespace, Map<String, ServiceReference> configured) {
        this(ownNamespace, USUAL_DOMAIN, configured);
    }

    /**
     * Makes the mapping.
     *
     * @param ownNamespace the application's namespace, empty when unknown
     * @param clusterDomain the domain that Services have their names in, such as {@code cluster.local}; it may be left out of a name
     * @param configured the service ids that stand for something else than they say
     */
    public ServiceNames(String ownNamespace, String clusterDomain, Map<String, ServiceReference> configured) {
        this.ownNamespace = ownNamespace;
        this.clusterDomain = clusterDomain;
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
                reference = parse(serviceId, clusterDomain);
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

    /**
     * Reads the name of a Service, like {@link ServiceReference#parse}, in a cluster whose domain may be another one than
     * Kubernetes' usual one.
     *
     * @throws IllegalArgumentException when it is no name of a Service
     */
    public static ServiceReference parse(String name, String clusterDomain) {
        Matcher matcher = WITH_DOMAIN.matcher(lowerCase(name));
        return matcher.matches() && matcher.group("domain").equals(lowerCase(clusterDomain))
                ? ServiceReference.parse(matcher.group("service") + matcher.group("port"))
                : ServiceReference.parse(name);
    }

    private static String lowerCase(String serviceId) {
        return serviceId.toLowerCase(Locale.ROOT);
    }
}
