/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.xdslb.endpoint.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A real HTTP server on a port of its own; the path of a request says how it behaves. */
public final class TestPod implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicInteger requests = new AtomicInteger();
    private final Map<String, HttpHandler> handlers = new HashMap<>();
    private volatile String behaviour = "/ok";
    private final CountDownLatch restOfBody = new CountDownLatch(1);

    public TestPod() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/ok", exchange -> answer(exchange, 200, "pod " + port()));
        server.createContext("/bad-request", exchange -> answer(exchange, 400, "no"));
        server.createContext("/broken", exchange -> answer(exchange, 503, "broken"));
        server.createContext("/hang", this::hang);
        server.createContext("/half", this::half);
        server.createContext("/reset", this::reset);
        server.createContext("/busy", exchange -> refuse(exchange, 429, null));
        server.createContext("/busy-for-a-minute", exchange -> refuse(exchange, 503, "60"));
        server.createContext("/ndjson", exchange -> stream(exchange, "application/x-ndjson", 0, "{\"n\":1}\n"));
        server.createContext("/events", exchange -> stream(exchange, "text/event-stream", 0, "data: 1\n\n"));
        server.createContext("/download", exchange -> stream(exchange, "application/zip", 2 << 20, "PK"));
        server.createContext("/x", exchange -> handlers.get(behaviour).handle(exchange));
        handlers.put("/ok", exchange -> answer(exchange, 200, "pod " + port()));
        handlers.put("/error", exchange -> answer(exchange, 500, "broken"));
        handlers.put("/hang", this::hang);
        handlers.put("/hang-after-headers", this::hangAfterHeaders);
        handlers.put("/reset", this::reset);
        handlers.put("/reset-chunked", this::resetChunked);
        handlers.put("/lost-events", exchange -> lose(exchange, "data: lost\n\n"));
        handlers.put("/lost-before-events", exchange -> lose(exchange, ""));
        handlers.put("/busy", exchange -> refuse(exchange, 429, null));
        handlers.put("/ndjson", exchange -> stream(exchange, "application/x-ndjson", 0, "{\"n\":1}\n"));
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public Endpoint endpoint() {
        return Endpoint.builder("127.0.0.1", port())
                .pod("pod-" + port(), "uid-" + port())
                .build();
    }

    public int requests() {
        return requests.get();
    }

    /** Answers requests for {@code /x} from now on as others for this path. */
    public void behaveLike(String path) {
        behaviour = path;
    }

    /** Lets answers of {@code /half} go on. */
    public void sendRestOfBody() {
        restOfBody.countDown();
    }

    @Override
    public void close() {
        closing.countDown();
        restOfBody.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange, int status, String body) throws IOException {
        requests.incrementAndGet();
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getRequestBody().readAllBytes();
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    private void refuse(HttpExchange exchange, int status, @Nullable String retryAfter) throws IOException {
        if (retryAfter != null) {
            exchange.getResponseHeaders().add("Retry-After", retryAfter);
        }
        answer(exchange, status, "busy");
    }

    /** Sends the headers and a first part at once, the rest never. */
    private void stream(HttpExchange exchange, String contentType, long length, String first) throws IOException {
        requests.incrementAndGet();
        exchange.getResponseHeaders().add("Content-Type", contentType);
        exchange.sendResponseHeaders(200, length);
        exchange.getResponseBody().write(first.getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
        await(closing);
        exchange.close();
    }

    /** Closes the connection within a body of unknown length. */
    private void resetChunked(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write("short".getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
        throw new IOException("closes the connection");
    }

    /** Closes the connection within a stream of events. */
    private void lose(HttpExchange exchange, String events) throws IOException {
        requests.incrementAndGet();
        exchange.getResponseHeaders().add("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write(events.getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
        throw new IOException("closes the connection");
    }

    private void hangAfterHeaders(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        exchange.sendResponseHeaders(200, 8);
        exchange.getResponseBody().flush();
        await(closing);
        exchange.close();
    }

    private void hang(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        await(closing);
        exchange.close();
    }

    /** Sends the headers and the first half of the body at once. */
    private void half(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        exchange.sendResponseHeaders(200, 8);
        exchange.getResponseBody().write("half".getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
        await(restOfBody);
        exchange.getResponseBody().write("rest".getBytes(StandardCharsets.UTF_8));
        exchange.close();
    }

    /** Promises more than it sends, then closes the connection. */
    private void reset(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        exchange.sendResponseHeaders(200, 1000);
        exchange.getResponseBody().write("short".getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
        throw new IOException("closes the connection");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
