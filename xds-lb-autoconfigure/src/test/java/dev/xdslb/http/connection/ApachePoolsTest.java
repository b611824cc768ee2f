/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;

/** The pool of Apache's client, with a server that is asked until it is there no more. */
@Timeout(30)
class ApachePoolsTest {

    @Test
    void moreRequestsThanApacheHasConnectionsByItself_goOutAtOnce() throws Exception {
        int requests = 30;
        CountDownLatch all = new CountDownLatch(requests);
        try (Server server = new Server(all)) {
            ApachePools pools = new ApachePools();
            ClientHttpRequestFactory client = pools.customize(ClientHttpRequestFactoryBuilder.httpComponents())
                    .build();
            CompletableFuture<?> answers = CompletableFuture.completedFuture(null);
            for (int i = 0; i < requests; i++) {
                CompletableFuture<Object> answer = new CompletableFuture<>();
                answers = CompletableFuture.allOf(answers, answer);
                new Thread(() -> complete(answer, client, server)).start();
            }
            answers.get(20, TimeUnit.SECONDS); // each is answered when all are there
        }
    }

    private static void complete(CompletableFuture<Object> answer, ClientHttpRequestFactory client, Server server) {
        try {
            get(client, server);
            answer.complete("answered");
        } catch (IOException e) {
            answer.completeExceptionally(e);
        }
    }

    private static void get(ClientHttpRequestFactory client, Server server) throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + server.socket.getLocalPort() + "/");
        try (ClientHttpResponse response =
                client.createRequest(uri, HttpMethod.GET).execute()) {
            response.getBody().readAllBytes();
        }
    }

    /** Answers a request as soon as all are there, and keeps connections open. */
    private static final class Server implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        private final CountDownLatch closedByClient = new CountDownLatch(1);
        private final AtomicBoolean closed = new AtomicBoolean();

        Server(CountDownLatch all) throws IOException {
            Thread accepting = new Thread(() -> accept(all));
            accepting.setDaemon(true);
            accepting.start();
        }

        private void accept(CountDownLatch all) {
            try {
                while (!closed.get()) {
                    Socket connection = socket.accept();
                    Thread answering = new Thread(() -> answer(connection, all));
                    answering.setDaemon(true);
                    answering.start();
                }
            } catch (IOException e) {
                assertThat(closed).isTrue();
            }
        }

        private void answer(Socket connection, CountDownLatch all) {
            try (connection) {
                InputStream in = connection.getInputStream();
                StringBuilder head = new StringBuilder();
                while (head.indexOf("\r\n\r\n") < 0) {
                    head.append((char) in.read());
                }
                all.countDown();
                all.await(20, TimeUnit.SECONDS);
                connection
                        .getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
                if (in.read() < 0) {
                    closedByClient.countDown();
                }
            } catch (IOException | InterruptedException e) {
                closedByClient.countDown();
            }
        }

        @Override
        public void close() throws IOException {
            closed.set(true);
            socket.close();
        }
    }
}
