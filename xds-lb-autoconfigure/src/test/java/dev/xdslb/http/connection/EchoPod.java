/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import dev.xdslb.endpoint.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A real server that answers what it was called: the header Host, and over TLS the name that it was asked for. */
final class EchoPod implements AutoCloseable {
    private final String address;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** Starts the server, over TLS where there is a certificate. */
    EchoPod(String address, @Nullable SSLContext certificate) throws IOException {
        this.address = address;
        InetSocketAddress bound = new InetSocketAddress(InetAddress.getByName(address), 0);
        if (certificate == null) {
            server = HttpServer.create(bound, 0);
        } else {
            HttpsServer tls = HttpsServer.create(bound, 0);
            tls.setHttpsConfigurator(new HttpsConfigurator(certificate));
            server = tls;
        }
        server.setExecutor(threads);
        server.createContext("/", EchoPod::echo);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    Endpoint endpoint() {
        return Endpoint.builder(address, port())
                .pod("pod-" + port(), "uid-" + port())
                .build();
    }

    /** Returns the address as the header Host has it. */
    String address() {
        return (address.indexOf(':') < 0 ? address : '[' + address + ']') + ':' + port();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void echo(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        String answer = exchange.getRequestHeaders().getFirst("Host") + serverName(exchange);
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static String serverName(HttpExchange exchange) {
        if (!(exchange instanceof HttpsExchange tls) || !(tls.getSSLSession() instanceof ExtendedSSLSession session)) {
            return "";
        }
        return session.getRequestedServerNames().stream()
                .map(name -> " for " + ((SNIHostName) name).getAsciiName())
                .findFirst()
                .orElse(" for nobody");
    }
}
