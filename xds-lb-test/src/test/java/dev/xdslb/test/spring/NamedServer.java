/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** A server on a port of its own that answers with its name, in place of WireMock or the like. */
final class NamedServer implements AutoCloseable {
    private final HttpServer server;
    private final String name;

    NamedServer(String name) {
        this(name, 200);
    }

    NamedServer(String name, int status) {
        this.name = name;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", exchange -> {
            byte[] body = name.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    /** As WireMock and others have it. */
    public int port() {
        return server.getAddress().getPort();
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    HttpServer server() {
        return server;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    @Override
    public String toString() {
        return name;
    }
}
