/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.reactivestreams.Publisher;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/**
 * The one pod of all services, and the control plane that knows it. It is asked for {@code /what/service}. Services whose names begin with
 * {@code refused-}, {@code stuck-} and {@code no-endpoint-} have another endpoint, or none.
 */
final class Pod implements EndpointSource {
    static final String BODY = "0123456789";

    private final LoopResources loop = LoopResources.create("pod");
    private final DisposableServer server;
    private final ServerSocket full;
    private final List<SocketChannel> waiting = new ArrayList<>();
    private final int closedPort;
    private final Map<String, Integer> requests = new ConcurrentHashMap<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    Pod() throws IOException {
        server = HttpServer.create()
                .runOn(loop) // not the one that ends with an application
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> answer(request, response))
                .bindNow();
        try (ServerSocket closed = new ServerSocket(0)) {
            closedPort = closed.getLocalPort();
        }
        full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        for (int i = 0; i < 4; i++) { // more than it lets wait: the next one gets no answer at all
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), full.getLocalPort()));
            waiting.add(channel);
        }
    }

    /** Returns how many requests of a service have come. */
    int requests(String service) {
        return requests.getOrDefault(service, 0);
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        String[] path = request.uri().substring(1).split("/", 2);
        int number = requests.merge(path[1], 1, Integer::sum);
        return Answers.to(path[0], number, response);
    }

    @Override
    public Subscription subscribe(String resource, Watcher watcher) {
        List<Endpoint> endpoints = new ArrayList<>();
        if (!resource.startsWith("no-endpoint-")) {
            int port = resource.startsWith("refused-")
                    ? closedPort
                    : resource.startsWith("stuck-") ? full.getLocalPort() : server.port();
            endpoints.add(Endpoint.builder("127.0.0.1", port)
                    .pod(resource, "uid-" + resource) // or all services would count as one
                    .build());
        }
        thread.execute(() -> watcher.onSnapshot(new EndpointSnapshot(resource, "1", endpoints)));
        return () -> {};
    }

    @Override
    public String description() {
        return "control plane of the test";
    }

    /** The application closes what it was fed by; the pod stays. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    void stop() {
        thread.shutdownNow();
        server.disposeNow();
        loop.dispose();
        try {
            for (SocketChannel channel : waiting) {
                channel.close();
            }
            full.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
