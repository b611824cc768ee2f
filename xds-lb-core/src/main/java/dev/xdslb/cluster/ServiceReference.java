/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Kubernetes Service and one of its ports, as an application names it, and the resource name that the control plane
 * knows it by.
 *
 * @param service the name of the Service
 * @param namespace its namespace, empty for the application's own
 * @param port the Service port's number or name, empty to let the control plane choose
 */
public record ServiceReference(String service, String namespace, String port) {
    private static final String LABEL = "[a-zA-Z0-9]([-_a-zA-Z0-9]*[a-zA-Z0-9])?";
    private static final Pattern REFERENCE = Pattern.compile("(?<service>" + LABEL + ")(\\.(?<namespace>" + LABEL
            + ")(\\.svc(\\.cluster\\.local)?)?)?\\.?(:(?<port>" + LABEL + "))?");

    public ServiceReference {
        if (service.isEmpty()) {
            throw new IllegalArgumentException("service: empty (expected: the name of a Kubernetes Service)");
        }
    }

    /**
     * Reads {@code orders}, {@code orders.shop}, {@code orders.shop.svc.cluster.local}, each with or without a port such
     * as {@code :8080} or {@code :grpc}. Names of hosts have no case, and may end in a dot: {@code ORDERS} is {@code orders}, as
     * the names of Kubernetes Services and their ports are in lower case.
     *
     * @throws IllegalArgumentException when it is none of these
     */
    public static ServiceReference parse(String text) {
        Matcher matcher = REFERENCE.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "service: \"" + text
                            + "\" (expected: <service>[.<namespace>][:<port>], such as orders, orders.shop or orders.shop:8080)");
        }
        String namespace = matcher.group("namespace");
        String port = matcher.group("port");
        return new ServiceReference(
                matcher.group("service"), namespace == null ? "" : namespace, port == null ? "" : port);
    }

    /** Returns the same reference in this namespace, unless it names one itself. */
    public ServiceReference inNamespace(String defaultNamespace) {
        return namespace.isEmpty() ? new ServiceReference(service, defaultNamespace, port) : this;
    }

    /** Returns the same reference with this port, unless it names one itself. */
    public ServiceReference withPort(String defaultPort) {
        return port.isEmpty() ? new ServiceReference(service, namespace, defaultPort) : this;
    }

    /** Returns {@code service.namespace}, or {@code service} where no namespace is known. */
    public String authority() {
        return namespace.isEmpty() ? service : service + '.' + namespace;
    }

    /** Returns the name to ask the control plane for. */
    public String resource() {
        return port.isEmpty() ? authority() : authority() + ':' + port;
    }
}
