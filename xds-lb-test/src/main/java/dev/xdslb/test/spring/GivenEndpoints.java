/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import dev.xdslb.endpoint.Endpoint;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import org.springframework.util.ObjectUtils;

/**
 * Makes endpoints of what a test has at hand. Servers for tests have no type in common; they have methods of the same name, which
 * are called by reflection, so that no such library is needed here.
 *
 * @param who what to name when something cannot be used
 * @param placeholders resolves them in an address
 */
record GivenEndpoints(String who, UnaryOperator<String> placeholders) {
    private static final List<String> PORTS = List.of("getFirstMappedPort", "port", "getPort", "getLocalPort");

    List<Endpoint> of(@Nullable Object given) {
        return endpoints(given).toList();
    }

    private Stream<Endpoint> endpoints(@Nullable Object given) {
        if (given instanceof Iterable<?> several) {
            return StreamSupport.stream(several.spliterator(), false).flatMap(this::endpoints);
        }
        if (given instanceof Object[] || (given != null && given.getClass().isArray())) {
            return Stream.of(ObjectUtils.toObjectArray(given)).flatMap(this::endpoints);
        }
        return Stream.of(endpoint(given));
    }

    private Endpoint endpoint(@Nullable Object given) {
        if (given == null) {
            throw new NotKnownYetException(who + " is null");
        }
        if (given instanceof Endpoint endpoint) {
            return endpoint;
        }
        if (given instanceof InetSocketAddress address) {
            return at(address);
        }
        if (given instanceof Integer port) {
            return GivenAddress.at(who, GivenAddress.LOOPBACK, port);
        }
        if (given instanceof CharSequence address) {
            return GivenAddress.parse(who, placeholders.apply(address.toString()));
        }
        if (given instanceof URI uri) {
            return GivenAddress.at(who, uri.getHost(), uri.getPort());
        }
        return server(given);
    }

    private Endpoint server(Object server) {
        for (String name : PORTS) {
            Object port = call(server, name);
            if (port instanceof Integer number) {
                return GivenAddress.at(who, host(server, name), number);
            }
        }
        if (call(server, "getAddress") instanceof InetSocketAddress address) {
            return at(address);
        }
        throw new IllegalStateException(who + " is a " + server.getClass().getName()
                + ", which does not tell its port (expected: an Endpoint, \"host:port\", a port, an InetSocketAddress, a server"
                + " with a method port(), getPort(), getLocalPort() or getAddress(), or several of these)");
    }

    /** Where the port is not that of the server itself, it is that of the machine with the container. */
    private String host(Object server, String portMethod) {
        return portMethod.equals(PORTS.get(0)) && call(server, "getHost") instanceof String host
                ? host
                : GivenAddress.LOOPBACK;
    }

    /** A server listens on all addresses of its machine unless it was told otherwise. */
    private Endpoint at(InetSocketAddress address) {
        boolean any = address.getAddress() != null && address.getAddress().isAnyLocalAddress();
        String host = any
                ? GivenAddress.LOOPBACK
                : address.getAddress() == null
                        ? address.getHostString()
                        : address.getAddress().getHostAddress();
        return GivenAddress.at(who, host, address.getPort());
    }

    /** Calls a method without parameters; returns null where there is none. */
    private @Nullable Object call(Object server, String name) {
        Method method = ClassUtils.getMethodIfAvailable(server.getClass(), name);
        if (method == null) {
            return null;
        }
        try {
            Method callable = ClassUtils.getPubliclyAccessibleMethodIfPossible(method, server.getClass());
            callable.trySetAccessible();
            return callable.invoke(server);
        } catch (InvocationTargetException e) { // servers that were not started throw here
            throw new NotKnownYetException(who + ": " + name + "() failed: " + e.getCause(), e);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(who + ": " + name + "() cannot be called: " + e.getMessage(), e);
        }
    }
}
