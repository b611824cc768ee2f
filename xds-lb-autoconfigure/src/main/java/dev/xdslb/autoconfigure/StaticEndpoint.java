/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.endpoint.Endpoint;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads an endpoint that is written into the configuration. */
final class StaticEndpoint {
    private static final Pattern ADDRESS = Pattern.compile("(?:\\[([0-9a-fA-F:.%]+)]|([^\\s:/\\[\\]]+)):([0-9]{1,5})");

    private StaticEndpoint() {}

    /**
     * Reads an address.
     *
     * @param property what to name when it cannot be read
     * @param address {@code host:port}, an IPv6 address in brackets
     */
    static Endpoint parse(String property, String address) {
        Matcher matcher = ADDRESS.matcher(address.strip());
        if (matcher.matches()) {
            String host = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
            int port = Integer.parseInt(matcher.group(3));
            if (port >= 1 && port <= 65535) {
                return Endpoint.builder(host, port).build();
            }
        }
        throw XdsLbConfigurationException.value(
                property, address, "it is not an address.", "Give host:port, such as 10.0.0.7:8080 or [::1]:8080.");
    }
}
