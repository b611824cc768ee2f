/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.cluster.ClusterStatus.State;

/**
 * Whether a cluster is awake, and who keeps it so. Awake it has a feed; asleep it has given everything back.
 *
 * <p><b>Writers:</b> every use says so; one that finds it asleep wakes it, on its own thread. The roster puts it to sleep, on the
 * tick or on the thread of whoever takes its room. Both take {@code turning}, which is taken before the locks of the feed and
 * of the publication, and never after them. No foreign code is called with it. <b>Readers:</b> every pick and the tick, without.
 */
final class Wakefulness {
    private final Cluster cluster;
    private final ClusterContext context;
    private final ClusterPublication publication;

    private final Object turning = new Object();
    private volatile boolean asleep = true; // written under turning
    private volatile boolean closed; // written under turning
    private volatile EndpointFeed feed; // one for each time awake; written under turning
    private boolean refused; // to wake, and said so; guarded by turning
    private volatile boolean used; // set by picks, taken back by the slow tick and where it cannot wake
    private volatile long lastUsed; // nanoseconds of the clock; written by the slow tick, and under turning

    /** Makes that of a cluster that sleeps. */
    Wakefulness(Cluster cluster, ClusterContext context, ClusterPublication publication) {
        this.cluster = cluster;
        this.context = context;
        this.publication = publication;
        this.feed = new EndpointFeed(cluster, context);
        this.feed.close();
    }

    /** Returns the feed of this time awake, or a closed one. */
    EndpointFeed feed() {
        return feed;
    }

    boolean isUsedNow() {
        return used;
    }

    /** Returns when it was last seen in use, in nanoseconds of the clock. */
    long lastUsed() {
        return lastUsed;
    }

    /** Says that it is in use. Called by every pick: one volatile read, and one write for each half second. */
    void markUsed() {
        if (!used) {
            used = true;
            if (asleep) {
                wake(false);
            }
        }
    }

    /** Says that it is in use, and makes sure that it is awake, if it can be. */
    void use() {
        markUsed();
        if (asleep) {
            wake(false);
        }
    }

    /** Makes sure that it is awake, even where there is no room for it. */
    void keepAwake() {
        used = true;
        if (asleep) {
            wake(true);
        }
    }

    private void wake(boolean always) {
        EndpointFeed begun;
        synchronized (turning) {
            if (!asleep || closed) {
                return;
            }
            String refusal = context.roster().admit(cluster, always);
            if (refusal != null) {
                used = false; // the next use tries again
                if (!refused) {
                    refused = true;
                    giveBack(new ClusterStatus(
                            State.UNAVAILABLE, context.sourceName() + " is not asked for it: " + refusal));
                }
                return;
            }
            refused = false;
            lastUsed = context.nanoClock().getAsLong();
            begun = new EndpointFeed(cluster, context);
            feed = begun;
            publication.replace(null, begun.waiting());
            asleep = false; // after the feed: who sees it awake must not see the settled one of before
        }
        context.roster().letGo();
        begun.start();
    }

    /**
     * Gives everything back: the subscription, the members' load, what was learnt. Not where somebody uses it.
     *
     * @return whether it sleeps
     */
    boolean sleep() {
        EndpointFeed ended;
        synchronized (turning) {
            if (asleep) {
                return true;
            }
            asleep = true; // before the look: whoever uses it now either is seen here or sees that it sleeps
            if (used || publication.isListenedTo()) {
                asleep = false;
                return false;
            }
            ended = feed;
            ended.end();
            giveBack(new ClusterStatus(
                    State.WAITING, context.sourceName() + " is asked again: nobody had used the cluster for a while"));
        }
        ended.close();
        return true;
    }

    /** Gives everything back, for good. */
    void close() {
        EndpointFeed ended;
        synchronized (turning) {
            closed = true;
            asleep = true;
            ended = feed;
        }
        context.roster().forget(cluster);
        ended.close();
        giveBack(new ClusterStatus(State.UNAVAILABLE, context.sourceName() + " is not asked: the cluster is closed"));
    }

    /** Lets the slow tick look whether it is in use: picked from, listened to, waited for, or with requests in flight. */
    void lookWhetherUsed(long now) {
        boolean picked = used;
        if (picked) { // a use that comes just now is not to be taken back unseen
            used = false;
        }
        if (picked
                || publication.isListenedTo()
                || cluster.overrides().isAny()
                || !feed.isSettled()
                || publication.hasRequests()) {
            lastUsed = now;
        }
    }

    private void giveBack(ClusterStatus status) {
        publication.giveBack(status);
        cluster.forgetFaults();
    }
}
