/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.policy.ConnectionResult;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Opens a TCP connection and closes it again, without a word: whether the port speaks TLS makes no difference. On threads of its
 * own, which are there only while there is something to check: a name may take long to be resolved, and a host that drops packets
 * says nothing until the time is up. What waits for a thread is bounded by what each cluster has under way.
 */
final class TcpConnect implements ConnectionCheck, AutoCloseable {
    /** Long enough for two lost SYN packets within a region; who needs longer is of no use to requests. */
    static final Duration TIMEOUT = Duration.ofSeconds(1);

    private static final int MOST_THREADS = 16;
    private static final long KEEP_THREAD_SECONDS = 10;

    private final ThreadPoolExecutor threads;
    private final int timeoutMillis;

    TcpConnect(ThreadFactory factory) {
        this(factory, TIMEOUT);
    }

    TcpConnect(ThreadFactory factory, Duration timeout) {
        timeoutMillis = Math.toIntExact(timeout.toMillis());
        threads = new ThreadPoolExecutor(
                MOST_THREADS,
                MOST_THREADS,
                KEEP_THREAD_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                factory);
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void start(Endpoint endpoint, Consumer<ConnectionResult> result) {
        try {
            threads.execute(() -> result.accept(connect(endpoint.key())));
        } catch (RejectedExecutionException e) { // closed
            result.accept(ConnectionResult.UNKNOWN);
        }
    }

    /** Ends the threads; what is under way ends when its time is up at the latest. */
    @Override
    public void close() {
        threads.shutdownNow();
    }

    private ConnectionResult connect(EndpointKey endpoint) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(endpoint.host(), endpoint.port()), timeoutMillis);
            return isToItself(socket) ? ConnectionResult.FAILED : ConnectionResult.CONNECTED;
        } catch (ConnectException | SocketTimeoutException | NoRouteToHostException | UnknownHostException e) {
            return ConnectionResult.FAILED;
        } catch (IOException
                | RuntimeException
                | Error e) { // no port, no descriptor, no memory: not the endpoint's doing
            return ConnectionResult.UNKNOWN;
        }
    }

    /** On one host, a port that nobody listens at may be given to the very socket that tries to connect to it. */
    private static boolean isToItself(Socket socket) {
        return socket.getLocalPort() == socket.getPort()
                && socket.getLocalAddress().equals(socket.getInetAddress());
    }
}
