/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.migration;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;

/** As much of Consul's HTTP API as its client asks for. */
final class FakeConsul implements AutoCloseable {
    private static final String INSTANCES = "/v1/health/service/";

    private final HttpServer server;
    private final Map<String, Integer> portByService = new ConcurrentSkipListMap<>();

    FakeConsul() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    void register(String service, int port) {
        portByService.put(service, port);
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = body(exchange.getRequestURI().getPath()).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.getResponseHeaders().add("X-Consul-Index", "1");
        exchange.getResponseHeaders().add("X-Consul-KnownLeader", "true");
        exchange.getResponseHeaders().add("X-Consul-LastContact", "0");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String body(String path) {
        if (path.startsWith(INSTANCES)) {
            String service = path.substring(INSTANCES.length());
            Integer port = portByService.get(service);
            return port == null ? "[]" : '[' + instance(service, port) + ']';
        }
        if (path.equals("/v1/catalog/services")) {
            return new TreeMap<>(portByService)
                    .keySet().stream().map(name -> '"' + name + "\": []").collect(Collectors.joining(", ", "{", "}"));
        }
        return path.equals("/v1/status/leader") ? "\"127.0.0.1:8300\"" : "{}";
    }

    private static String instance(String service, int port) {
        return """
                {"Node": {"ID": "1", "Node": "node", "Address": "127.0.0.1", "Datacenter": "dc1", "Meta": {}},
                 "Service": {"ID": "%1$s-1", "Service": "%1$s", "Tags": [], "Address": "127.0.0.1", "Meta": {"version": "7"},
                  "Port": %2$d},
                 "Checks": []}
                """.formatted(service, port);
    }
}
