/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import dev.xdslb.endpoint.Endpoint;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads an address that a test gives. */
final class GivenAddress {
    static final String LOOPBACK = "127.0.0.1";

    private static final int MAX_PORT = 65535;
    private static final Pattern ADDRESS = Pattern.compile("(?:\\[([0-9a-fA-F:.%]+)]|([^\\s:/\\[\\]]+)):([0-9]{1,5})");

    private GivenAddress() {}

    /**
     * Reads an address.
     *
     * @param who what to name when it cannot be read
     * @param address {@code host:port}, an IPv6 address in brackets
     */
    static Endpoint parse(String who, String address) {
        Matcher matcher = ADDRESS.matcher(address.strip());
        if (!matcher.matches()) {
            throw new IllegalStateException(who + " is at \"" + address
                    + "\", which is not an address (expected: host:port, such as 127.0.0.1:8080 or [::1]:8080)");
        }
        String host = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
        return at(who, host, Integer.parseInt(matcher.group(3)));
    }

    /** Returns the endpoint at an address; port 0 and below is what servers say that have not started. */
    static Endpoint at(String who, String host, int port) {
        if (port <= 0) {
            throw new NotKnownYetException(who + " has port " + port + ": its server has not started");
        }
        if (port > MAX_PORT) {
            throw new IllegalStateException(who + " has port " + port + " (expected: 1 to 65535)");
        }
        return Endpoint.builder(host, port).build();
    }
}
