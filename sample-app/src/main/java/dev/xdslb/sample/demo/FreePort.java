/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Finds a port to listen on. */
final class FreePort {
    private FreePort() {}

    /**
     * Returns the wanted port, or any free one where somebody else listens on it, be it on one address or on all.
     *
     * @param wanted 0 for any
     */
    static int preferably(int wanted) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        if (wanted != 0
                && canListen(new InetSocketAddress(wanted))
                && canListen(new InetSocketAddress(loopback, wanted))) {
            return wanted;
        }
        try (ServerSocket any = new ServerSocket(0, 1, loopback)) {
            return any.getLocalPort();
        }
    }

    private static boolean canListen(InetSocketAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            // On POSIX systems this allows what a server allows itself: a port with remains of closed connections.
            socket.setReuseAddress(!System.getProperty("os.name", "").startsWith("Windows"));
            socket.bind(address, 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
