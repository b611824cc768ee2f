/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Host names as the Gateway API has them: {@code shop.example.com}, {@code *.example.com} for everything under it, however
 * deep, and the empty one for every host. Always in lower case.
 */
final class Hostname {
    private static final Pattern LABELS =
            Pattern.compile("(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern ADDRESS = Pattern.compile("[0-9]+(\\.[0-9]+){3}");

    private static final int MAX_LENGTH = 253; // RFC 1123

    private Hostname() {}

    /** Returns the name as it is compared, null for what is no name of a host. */
    static @Nullable String canonical(String hostname) {
        String lower = hostname.toLowerCase(Locale.ROOT);
        return lower.isEmpty()
                        || (lower.length() <= MAX_LENGTH
                                && LABELS.matcher(lower).matches()
                                && !ADDRESS.matcher(lower).matches())
                ? lower
                : null;
    }

    /** Returns whether every host of the other one is one of this. */
    static boolean covers(String hostname, String other) {
        if (hostname.isEmpty() || hostname.equals(other)) {
            return true;
        }
        return hostname.startsWith("*.") && !other.isEmpty() && other.endsWith(hostname.substring(1));
    }

    /** Returns the hosts that are of both, null where there are none. */
    static @Nullable String intersection(String one, String other) {
        if (covers(one, other)) {
            return other;
        }
        return covers(other, one) ? one : null;
    }
}
