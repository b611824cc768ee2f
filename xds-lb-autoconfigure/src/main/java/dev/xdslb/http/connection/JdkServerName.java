/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import java.net.http.HttpClient;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;

/**
 * Lets the JDK's client take a pod for a server of a name, although the URI has an address: it asks for the name and verifies it, and
 * resumes no session that was verified by another one.
 */
final class JdkServerName {
    private JdkServerName() {}

    static Consumer<HttpClient.Builder> of(String name) {
        return builder -> {
            // What other customizers have set can only be read from a client. It opens no connection and ends when it
            // is collected.
            HttpClient configured = builder.build();
            SSLParameters parameters = configured.sslParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            builder.sslParameters(parameters).sslContext(NamedSslContext.of(configured.sslContext(), name));
        };
    }
}
