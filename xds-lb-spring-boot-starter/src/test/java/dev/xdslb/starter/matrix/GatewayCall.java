/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.springframework.context.ApplicationContext;

/** A call of a gateway by a socket, whose closing is how such callers cancel. */
final class GatewayCall {
    private static final int SMALL = 65_536;
    private static final int MOST_MILLIS = 20_000;
    private static final String UPGRADE = String.join(
            "\r\n",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    private static final String END_OF_HEAD = "\r\n\r\n";

    private GatewayCall() {}

    static void call(ApplicationContext gateway, Caller caller) throws IOException {
        int port = gateway.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(SMALL); // what is not read, does not come
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.setSoTimeout(MOST_MILLIS);
            caller.cancelledBy(() -> close(socket));
            String connection = caller.outcome() == Outcome.WEB_SOCKET ? UPGRADE : "Connection: close";
            socket.getOutputStream()
                    .write(String.join(
                                    "\r\n",
                                    "GET " + caller.path() + " HTTP/1.1",
                                    "Host: gateway",
                                    BlockingClient.ORDERS + ": "
                                            + caller.outcome().orders(),
                                    connection + END_OF_HEAD)
                            .getBytes(StandardCharsets.ISO_8859_1));
            skipHead(socket.getInputStream());
            caller.use(socket.getInputStream());
        }
    }

    private static void skipHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf(END_OF_HEAD) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the gateway closed the connection after " + head);
            }
            head.append((char) next);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
