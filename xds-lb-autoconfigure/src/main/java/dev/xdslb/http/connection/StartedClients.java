/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Clients by name that have threads of their own until they are stopped, which nobody does who does not know of them. Thread-safe. */
final class StartedClients {
    private static final Logger log = LoggerFactory.getLogger(StartedClients.class);

    /** A client waits for its threads as it stops: five seconds with Jetty. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int AT_ONCE = 16;

    private final Duration patience;
    private final Set<AutoCloseable> stops = ConcurrentHashMap.newKeySet();

    StartedClients() {
        this(PATIENCE);
    }

    /** Waits for this long at most until all have stopped. */
    StartedClients(Duration patience) {
        this.patience = patience;
    }

    /** Remembers how to stop a client. */
    void add(AutoCloseable stop) {
        stops.add(stop);
    }

    /** Forgets a client that was stopped. */
    void remove(AutoCloseable stop) {
        stops.remove(stop);
    }

    int size() {
        return stops.size();
    }

    /** Stops those that are left, several at once. Who takes too long is left to go on by himself: the threads are daemons. */
    void stopAll() {
        List<AutoCloseable> left = List.copyOf(stops);
        stops.clear();
        if (left.isEmpty()) {
            return;
        }
        ExecutorService stopping = Executors.newFixedThreadPool(Math.min(left.size(), AT_ONCE), task -> {
            Thread thread = new Thread(task, "xds-lb-stop-clients");
            thread.setDaemon(true);
            return thread;
        });
        left.forEach(client -> stopping.execute(() -> stop(client)));
        stopping.shutdown();
        try {
            if (!stopping.awaitTermination(patience.toNanos(), NANOSECONDS)) {
                log.warn(
                        "Of {} HTTP clients by name some did not stop within {}; their threads may outlive the application context.",
                        left.size(),
                        patience);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void stop(AutoCloseable client) {
        try {
            client.close();
        } catch (Throwable e) { // of a library
            log.debug("a client by name could not be stopped", e);
        }
    }
}
