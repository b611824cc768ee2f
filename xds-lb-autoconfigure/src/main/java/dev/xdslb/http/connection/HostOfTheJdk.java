/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import java.util.Locale;
import java.util.stream.Stream;

/** Whether the JDK's HTTP client may send a header Host. It reads the property once, when its classes are loaded. */
final class HostOfTheJdk {
    static final String PROPERTY = "jdk.httpclient.allowRestrictedHeaders";

    private HostOfTheJdk() {}

    static boolean isAllowed() {
        return Stream.of(System.getProperty(PROPERTY, "").split(","))
                .anyMatch(header -> header.strip().toLowerCase(Locale.ROOT).equals("host"));
    }
}
