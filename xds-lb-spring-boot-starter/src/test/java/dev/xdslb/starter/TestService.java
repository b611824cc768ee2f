/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import com.sun.net.httpserver.HttpServer;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Services whose pods are real servers, and the source that knows them; others are absent. */
final class TestService implements EndpointSource {
    private final Map<String, EndpointSnapshot> snapshots = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
    private final Queue<String> hosts = new ConcurrentLinkedQueue<>();
    private final List<HttpServer> servers = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** Makes pods of a resource, each of which answers with this status and its own name. */
    void pods(String resource, Map<String, Integer> statusByName) throws IOException {
        List<Endpoint> endpoints = new ArrayList<>();
        for (Map.Entry<String, Integer> pod : statusByName.entrySet()) {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", exchange -> {
                requests.computeIfAbsent(pod.getKey(), name -> new AtomicInteger())
                        .incrementAndGet();
                exchange.getRequestBody().readAllBytes();
                hosts.add(exchange.getRequestHeaders().getFirst("Host"));
                byte[] body = pod.getKey().getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(pod.getValue(), body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            server.start();
            servers.add(server);
            endpoints.add(Endpoint.builder("127.0.0.1", server.getAddress().getPort())
                    .pod(pod.getKey(), "uid-" + pod.getKey())
                    .build());
        }
        snapshots.put(resource, new EndpointSnapshot(resource, "1", endpoints));
    }

    /** Says that a resource has these endpoints. */
    void declare(String resource, Endpoint... endpoints) {
        snapshots.put(resource, new EndpointSnapshot(resource, "1", List.of(endpoints)));
    }

    /** Returns the header Host of the next request that came, null where none did. */
    String takeHost() {
        return hosts.poll();
    }

    /** Returns those of all requests that came since. */
    List<String> drainHosts() {
        List<String> drained = new ArrayList<>();
        for (String host = hosts.poll(); host != null; host = hosts.poll()) {
            drained.add(host);
        }
        return drained;
    }

    int requests(String pod) {
        return requests.getOrDefault(pod, new AtomicInteger()).get();
    }

    @Override
    public Subscription subscribe(String resource, Watcher watcher) {
        EndpointSnapshot snapshot = snapshots.get(resource);
        threads.execute(() -> {
            if (snapshot == null) {
                watcher.onAbsent("there is no " + resource);
            } else {
                watcher.onSnapshot(snapshot);
            }
        });
        return () -> {};
    }

    @Override
    public String description() {
        return "control plane of the test";
    }

    @Override
    public void close() {
        servers.forEach(server -> server.stop(0));
        threads.shutdownNow();
    }
}
