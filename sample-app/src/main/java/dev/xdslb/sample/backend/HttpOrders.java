/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.json.JsonMapper;

/** A pod's HTTP server: {@code GET /orders/{id}}. */
final class HttpOrders {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String pod;
    private final PodWork work;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final DisposableServer server;
    private final int port; // a server that has ended does not know it any more

    /** Starts the server; port 0 takes any free port. */
    HttpOrders(String pod, InetSocketAddress address, PodWork work) {
        this.pod = pod;
        this.work = work;
        this.server = HttpServer.create()
                .bindAddress(() -> address)
                .channelGroup(connections)
                .route(routes -> routes.get("/orders/{id}", this::order))
                .bindNow();
        this.port = server.port();
    }

    int port() {
        return port;
    }

    boolean isServing() {
        return server.channel().isOpen();
    }

    /** Breaks off: connections are reset, requests in flight get no answer. */
    void kill() {
        server.channel().close().syncUninterruptibly();
        for (Channel connection : connections) {
            connection.config().setOption(ChannelOption.SO_LINGER, 0); // closing then sends a reset
            var unused = connection.close();
        }
    }

    /** Takes no new connection, answers what it has begun, then ends. */
    void drain(Duration patience) {
        server.disposeNow(patience);
    }

    private Publisher<Void> order(HttpServerRequest request, HttpServerResponse response) {
        String client = request.requestHeaders().get(BackendPod.CLIENT, "http");
        response.header(BackendPod.POD, pod);
        return work.request(client).flatMap(result -> switch (result) {
            case DONE ->
                response.header("content-type", "application/json")
                        .sendByteArray(Mono.fromSupplier(() ->
                                JSON.writeValueAsBytes(new OrderAnswer(String.valueOf(request.param("id")), pod))))
                        .then();
            case FAILED -> response.status(500).send();
            case OVERLOADED -> response.status(503).send();
        });
    }
}
