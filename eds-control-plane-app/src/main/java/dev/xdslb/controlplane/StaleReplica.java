/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.ads.XdsServer;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.fault.Loop;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Sends the clients of this replica away when its watch is stale and another replica's is not. Without another one the last state is
 * better than none, so then nothing happens.
 *
 * <pre>
 * heard ── bound (2 min) ──▶ asks the others ── one was heard since ──▶ streams end over a minute, new ones are refused
 *   ▲                              └─ none: serves on, and asks again in 10 s                     │
 *   └───────────────────── heard again, or no other is fresh any more ◀──────────────────────────┘
 * </pre>
 *
 * <p>One thread decides; everybody reads.
 */
final class StaleReplica implements SmartLifecycle {
    /**
     * Two watches are heard up to a minute apart, as each has its bookmarks. Another one that was heard later by more than
     * that was heard when this one should have been.
     */
    static final Duration MARGIN = Duration.ofSeconds(90);

    private static final Duration LOOK = Duration.ofSeconds(10);
    /** How many looks in a row find nobody who is fresher before the clients are taken back. */
    static final int MAX_DOUBTS = 3;

    /** How many others are asked in one look: each may take two seconds, and the thread has to be heard from. */
    private static final int MAX_ASKED = 10;

    private static final Duration SHEDDING = Duration.ofMinutes(1); // in which all streams are ended
    private static final String REFUSAL =
            "this replica of the control plane does not hear its API server, another one does: connect again";

    private static final Logger logger = LoggerFactory.getLogger(StaleReplica.class);

    private final Duration bound;
    private final Supplier<Duration> age;
    private final Supplier<List<URI>> peers;
    private final PeerQuestion question;
    private final Clients clients;
    private final Loop loop;
    private int doubts; // looks since a fresher one answered; confined to the thread
    private volatile @Nullable URI fresher; // null while clients are welcome
    private volatile boolean running;

    /** How long ago a replica was heard from, null when it does not say. */
    @FunctionalInterface
    interface PeerQuestion {
        @Nullable
        Duration heard(URI peer) throws InterruptedException;
    }

    /** What is done with the clients. */
    interface Clients {
        void shed(String reason, Duration over);

        void accept();

        static Clients of(XdsServer server) {
            return new Clients() {
                @Override
                public void shed(String reason, Duration over) {
                    server.shed(reason, over);
                }

                @Override
                public void accept() {
                    server.accept();
                }
            };
        }
    }

    /**
     * Creates one that is not started.
     *
     * @param bound how long the watch may be silent
     * @param age how long ago this replica heard from its API server
     * @param peers all replicas; this one may be among them, it is no fresher than itself
     */
    StaleReplica(
            Duration bound,
            Supplier<Duration> age,
            Supplier<List<URI>> peers,
            PeerQuestion question,
            Clients clients,
            Faults faults) {
        this.bound = bound;
        this.age = age;
        this.peers = peers;
        this.question = question;
        this.clients = clients;
        this.loop = new Loop(faults, "stale replica", () -> {
            TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
            look();
        });
    }

    /** Decides anew. */
    void look() throws InterruptedException {
        Duration own = age.get();
        boolean stale = own.compareTo(bound) >= 0;
        URI found = stale ? fresher(own) : null;
        if (found == null && stale && fresher != null && ++doubts < MAX_DOUBTS) {
            return; // who did not answer may be busy for a moment
        }
        doubts = 0;
        if (found != null && fresher == null) {
            logger.error(
                    "nothing was heard from the API server for {} s, and {} hears it: the streams of this replica end, and new ones"
                            + " are refused",
                    own.toSeconds(),
                    found);
            clients.shed(REFUSAL, SHEDDING);
        } else if (found == null && fresher != null) {
            logger.info("clients are served again: the API server was heard {} s ago", own.toSeconds());
            clients.accept();
        }
        fresher = found;
    }

    /** Returns the replica to which the clients are sent, for people; null while they are served here. */
    @Nullable
    URI fresher() {
        return fresher;
    }

    @Override
    public void start() {
        running = true;
        loop.start();
    }

    @Override
    public void stop() {
        running = false;
        loop.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private @Nullable URI fresher(Duration own) throws InterruptedException {
        List<URI> all = new ArrayList<>(peers.get());
        Collections.shuffle(all); // where there are many, others are asked the next time
        for (URI peer : all.subList(0, Math.min(MAX_ASKED, all.size()))) {
            Duration heard = question.heard(peer);
            if (heard != null && heard.plus(MARGIN).compareTo(own) <= 0) {
                return peer;
            }
        }
        return null;
    }
}
