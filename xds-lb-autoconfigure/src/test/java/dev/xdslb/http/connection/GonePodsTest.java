/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.HttpResources;

/**
 * What reactor-netty keeps of pods that are gone: each is asked once, and then never again. Pods are loopback addresses of one server,
 * which closes no connection by itself. {@code -Dxdslb.churn.pods=10000} makes them ten thousand.
 */
@Timeout(300)
class GonePodsTest {
    private static final int PODS = Integer.getInteger("xdslb.churn.pods", 300);
    private static final Duration IDLE = Duration.ofSeconds(1);

    private Server server;

    @BeforeEach
    void start() throws IOException {
        server = new Server();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void reactorNettyUnderWebClient_keepsNeitherPoolNorConnection() {
        ReactorPools pools = new ReactorPools(() -> null, HttpResources::get, IDLE);
        ClientHttpConnector connector =
                pools.customize(ClientHttpConnectorBuilder.reactor()).build();
        WebClient client = WebClient.builder().clientConnector(connector).build();

        churn(
                "reactor-netty",
                uri -> client.get().uri(uri).retrieve().toBodilessEntity().block());

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(server.open()).as("connections").isZero();
            assertThat(pools.pools().isDisposed()).as("all pools are gone").isTrue();
        });
        pools.destroy();
    }

    @Test
    void reactorNettyUnderRestClient_keepsNeitherPoolNorConnection() {
        ReactorPools pools = new ReactorPools(() -> null, HttpResources::get, IDLE);
        ClientHttpRequestFactory factory =
                pools.customize(ClientHttpRequestFactoryBuilder.reactor()).build();

        churn("reactor-netty", uri -> get(factory, uri));

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(server.open()).as("connections").isZero();
            assertThat(pools.pools().isDisposed()).as("all pools are gone").isTrue();
        });
        pools.destroy();
    }

    @Test
    void poolsOfAnApplicationsOwn_stay() {
        var own = new ReactorResourceFactory();
        own.setUseGlobalResources(false);
        var builder = ClientHttpConnectorBuilder.reactor();

        assertThat(new ReactorPools(() -> own, HttpResources::get, IDLE).customize(builder))
                .isSameAs(builder);
    }

    private interface Call {
        void to(URI uri) throws IOException;
    }

    private void churn(String client, Call call) {
        long before = live();
        for (int i = 1; i <= PODS; i++) {
            URI uri = URI.create("http://127.0." + (1 + i / 250) + '.' + (1 + i % 250) + ':' + server.port() + '/');
            try {
                call.to(uri);
            } catch (IOException e) {
                throw new IllegalStateException(uri.toString(), e);
            }
        }
        System.out.printf(
                "%s: %d bytes for each of %d pods, %d connections%n",
                client, (live() - before) / PODS, PODS, server.open());
    }

    private static void get(ClientHttpRequestFactory factory, URI uri) throws IOException {
        try (ClientHttpResponse response =
                factory.createRequest(uri, HttpMethod.GET).execute()) {
            response.getBody().readAllBytes();
        }
    }

    private static long live() {
        System.gc();
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** Answers all and keeps connections open, as a pod does that is out of its service and not at its end. */
    private static final class Server implements AutoCloseable {
        private static final byte[] ANSWER =
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);

        private final ServerSocketChannel socket = ServerSocketChannel.open().bind(new InetSocketAddress(0), 1000);
        private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
        private final ExecutorService threads = Executors.newCachedThreadPool();

        Server() throws IOException {
            threads.execute(this::accept);
        }

        int port() {
            return socket.socket().getLocalPort();
        }

        int open() {
            return open.size();
        }

        private void accept() {
            try {
                while (true) {
                    SocketChannel connection = socket.accept();
                    open.add(connection);
                    threads.execute(() -> answer(connection));
                }
            } catch (ClosedChannelException e) {
                // the end
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        private void answer(SocketChannel connection) {
            try (connection) {
                ByteBuffer head = ByteBuffer.allocate(4096); // a request comes at once
                while (connection.read(head.clear()) >= 0) {
                    connection.write(ByteBuffer.wrap(ANSWER));
                }
            } catch (IOException e) {
                // reset
            } finally {
                open.remove(connection);
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
            for (SocketChannel connection : open) {
                connection.close();
            }
            threads.shutdownNow();
        }
    }
}
