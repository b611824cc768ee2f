/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.ConnectionResult;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TcpConnectTest {
    private final TcpConnect check = new TcpConnect(Thread::new, Duration.ofMillis(300));

    @AfterEach
    void close() {
        check.close();
    }

    @Test
    void listener_isConnectedTo_andNothingIsSaid() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            assertThat(check("127.0.0.1", server.getLocalPort())).isEqualTo(ConnectionResult.CONNECTED);
            try (Socket accepted = server.accept()) {
                assertThat(accepted.getInputStream().read()).as("closed").isEqualTo(-1);
            }
        }
    }

    @Test
    void portThatNobodyListensAt_fails() throws Exception {
        int port;
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
        }
        assertThat(check("127.0.0.1", port)).isEqualTo(ConnectionResult.FAILED);
    }

    @Test
    void hostThatDoesNotAnswer_failsInBoundedTime() throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            fill(server, waiting);
            assertThat(check("127.0.0.1", server.getLocalPort())).isEqualTo(ConnectionResult.FAILED);
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    @Test
    void nameThatDoesNotResolve_fails() throws Exception {
        assertThat(check("no-such-host.invalid", 80)).isEqualTo(ConnectionResult.FAILED);
    }

    @Test
    void closed_knowsNothing() throws Exception {
        check.close();
        assertThat(check("127.0.0.1", 80)).isEqualTo(ConnectionResult.UNKNOWN);
    }

    private ConnectionResult check(String host, int port) throws Exception {
        CompletableFuture<ConnectionResult> result = new CompletableFuture<>();
        check.start(Endpoint.builder(host, port).build(), result::complete);
        return result.get(30, TimeUnit.SECONDS);
    }

    /** Connects until nobody is let in any more: a listener whose queue is full drops what comes. */
    private static void fill(ServerSocket server, List<Socket> waiting) throws IOException {
        for (int i = 0; i < 10; i++) {
            Socket socket = new Socket();
            waiting.add(socket);
            try {
                socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), 100);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
    }
}
