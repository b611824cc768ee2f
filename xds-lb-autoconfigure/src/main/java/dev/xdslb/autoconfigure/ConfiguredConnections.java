/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.autoconfigure.XdsLbProperties.Client;
import dev.xdslb.http.ServiceConnection;
import dev.xdslb.http.ServiceConnections;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SNIHostName;
import org.jspecify.annotations.Nullable;

/** Connections to pods as the newest properties say. Written by a refresh, read by each request. */
final class ConfiguredConnections implements ServiceConnections {
    /** Names as DNS has them, with the port that may follow. */
    private static final Pattern AUTHORITY = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?");

    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+(:[0-9]+)?");

    private final boolean isNameVerified; // as of the start, when the clients that verify were made
    private volatile Configured present;

    ConfiguredConnections(XdsLbProperties properties) {
        check(properties);
        isNameVerified = properties.verifyServiceName();
        present = Configured.of(properties);
    }

    /** Takes other properties, which {@link #check} has found in order. */
    void change(XdsLbProperties properties) {
        present = Configured.of(properties);
    }

    @Override
    public ServiceConnection of(String serviceId) {
        Configured configured = present;
        if (configured.clients.isEmpty()) {
            return configured.general;
        }
        return configured.clients.getOrDefault(serviceId.toLowerCase(Locale.ROOT), configured.general);
    }

    @Override
    public boolean isAnyHostPreserved() {
        return present.isAnyHostPreserved;
    }

    @Override
    public boolean isNameVerified() {
        return isNameVerified;
    }

    /**
     * Looks whether properties can be used.
     *
     * @throws XdsLbConfigurationException when they cannot
     */
    static void check(XdsLbProperties properties) {
        properties.clients().forEach((serviceId, client) -> {
            String authority = client.authority();
            if (authority != null
                    && (!AUTHORITY.matcher(authority).matches()
                            || ADDRESS.matcher(authority).matches()
                            || !isName(new ServiceConnection(false, authority).serverName()))) {
                throw XdsLbConfigurationException.value(
                        "xds-lb.clients." + serviceId + ".authority",
                        authority,
                        "it is not a host name with or without a port.",
                        "Give the name that the pods' certificate is for, such as orders.shop.svc.");
            }
        });
    }

    private static boolean isName(@Nullable String host) {
        try {
            return !new SNIHostName(host).getAsciiName().isEmpty();
        } catch (IllegalArgumentException e) { // an empty label, say, or one that is too long
            return false;
        }
    }

    /** What is configured for a service that is named, and for all others. Hosts have no case. */
    private record Configured(
            ServiceConnection general, Map<String, ServiceConnection> clients, boolean isAnyHostPreserved) {
        static Configured of(XdsLbProperties properties) {
            Map<String, ServiceConnection> clients = properties.clients().entrySet().stream()
                    .collect(Collectors.toUnmodifiableMap(
                            entry -> entry.getKey().toLowerCase(Locale.ROOT),
                            entry -> of(entry.getValue(), properties),
                            (first, second) -> first));
            return new Configured(
                    new ServiceConnection(properties.preserveHost(), null),
                    clients,
                    properties.preserveHost() || clients.values().stream().anyMatch(ServiceConnection::preserveHost));
        }

        private static ServiceConnection of(Client client, XdsLbProperties properties) {
            return client.enabled()
                    ? new ServiceConnection(
                            requireNonNullElse(client.preserveHost(), properties.preserveHost()), client.authority())
                    : ServiceConnection.DEFAULT;
        }
    }
}
