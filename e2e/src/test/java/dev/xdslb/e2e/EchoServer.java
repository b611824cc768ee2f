/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A pod in this process that answers with its name and what it was asked. Below {@code /slow} it takes its time. */
final class EchoServer implements AutoCloseable {

    private static final long SLOW_MS = 3_000;

    private final String name;
    private final HttpServer server;
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final ObjectMapper json = new ObjectMapper();
    private volatile Duration time = Duration.ZERO;
    private volatile boolean failing;
    private final AtomicInteger refusals = new AtomicInteger();

    EchoServer(String name) {
        this.name = name;
        try {
            server = HttpServer.create(new InetSocketAddress(0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(workers);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Lets every request take this long, and fail or not. */
    void behave(Duration time, boolean failing) {
        this.time = time;
        this.failing = failing;
    }

    /** Answers the next requests, so many of them, with 503. */
    void refuse(int requests) {
        refusals.set(requests);
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
            if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                exchange.sendResponseHeaders(503, -1);
                return;
            }
            if (failing) {
                exchange.sendResponseHeaders(500, -1);
                return;
            }
            if (exchange.getRequestURI().getPath().startsWith("/slow")) {
                TimeUnit.MILLISECONDS.sleep(SLOW_MS);
            }
            ObjectNode said = json.createObjectNode();
            said.put("pod", name);
            said.put("method", exchange.getRequestMethod());
            said.put("path", exchange.getRequestURI().toString());
            ObjectNode headers = said.putObject("headers");
            exchange.getRequestHeaders()
                    .forEach(
                            (header, values) -> headers.put(header.toLowerCase(Locale.ROOT), String.join(",", values)));
            byte[] body = json.writeValueAsBytes(said);
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.getResponseHeaders().set("x-from", name);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
