/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import org.jspecify.annotations.Nullable;

/** The {@code Cookie} header: {@code a=1; b=2} (RFC 6265, section 4.2.1). */
final class CookieHeader {
    private CookieHeader() {}

    /** Returns the value of the first cookie of a name without making anything but the result, null where there is none. */
    static @Nullable String value(String header, String name) {
        int start = 0;
        while (start < header.length()) {
            int semicolon = header.indexOf(';', start);
            int end = semicolon < 0 ? header.length() : semicolon;
            while (start < end && header.charAt(start) == ' ') {
                start++;
            }
            int equals = start + name.length();
            if (equals < end && header.charAt(equals) == '=' && header.startsWith(name, start)) {
                return header.substring(equals + 1, end).strip();
            }
            start = end + 1;
        }
        return null;
    }
}
