/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.topology.ClusterView.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Kubernetes cluster: what its source has said so far, what of it is served, and how it is.
 *
 * <p>What a source has not said completely is not served: a new source (other credentials, a restart) begins with nothing,
 * and replaces what is served when it is complete, so what vanished in between is found.
 *
 * <p>The writer thread writes everything but what the source's thread says, and which source that is; everybody reads the
 * volatile fields.
 */
final class KubernetesCluster {
    /** The feed of who submits by the cluster's name alone. */
    static final long ANY_FEED = 0;

    private static final long NO_FEED = -1;

    private static final Logger logger = LoggerFactory.getLogger(KubernetesCluster.class);

    final KubernetesClusterName name;
    private final TopologySettings settings;

    // Confined to the writer thread.
    private ClusterObjects incoming;
    private final List<TopologyChange> damaged = new ArrayList<>(); // changes that may be applied by half
    private long openedAt;
    private long lostAt;
    private long removedAt;

    // Written by the writer thread, read by everybody.
    private volatile @Nullable ClusterObjects complete; // null before the first time that a source was complete
    private volatile boolean required;
    private volatile State state = State.SYNCING;
    private volatile int objects;
    private volatile List<String> unlisted = List.of(); // for people
    private volatile int held; // endpoints that are served as ready and are not

    // Written by the source's threads and who opens it, read by everybody.
    private volatile long feed;
    private volatile long heardAt; // by the writer thread, too: a change counts while nothing is lost
    private volatile String problem = "";

    KubernetesCluster(KubernetesClusterName name, TopologySettings settings, boolean required, long now) {
        this.name = name;
        this.required = required;
        this.openedAt = now;
        this.settings = settings;
        this.incoming = new ClusterObjects(settings.massNotReady());
        this.heardAt = now;
    }

    /** Hears from now on how a new source is; what that submits comes after {@link #open}. Called by who opens it. */
    void expect(long newFeed) {
        feed = newFeed;
        problem = "";
    }

    /** Begins to listen to a new source. */
    void open(long newFeed, boolean isRequired, long now) {
        feed = newFeed;
        required = isRequired;
        openedAt = now;
        incoming = new ClusterObjects(settings.massNotReady());
        damaged.clear();
        objects = 0;
        unlisted = List.of();
        if (complete == null) {
            enter(State.SYNCING, now);
        } else if (state != State.DROPPED) {
            enter(State.STALE, now);
        }
    }

    boolean listensTo(long otherFeed) {
        return otherFeed == feed || (otherFeed == ANY_FEED && feed != NO_FEED);
    }

    void heard(long now) {
        heardAt = now;
        problem = "";
    }

    /** Hears a change. Of a source that has lost the watch of one kind of objects, the other kinds go on saying something. */
    void said(long now) {
        if (problem.isEmpty()) {
            heardAt = now;
        }
    }

    void lost(String why) {
        problem = why;
    }

    /** Applies a change and adds what looks different now. */
    void apply(TopologyChange change, Touched touched, long now) {
        ClusterObjects before = complete;
        try {
            incoming.apply(change, incoming == before && isServed() ? touched : new Touched());
        } catch (Throwable thrown) {
            damaged.add(change);
            throw thrown;
        }
        objects = incoming.size();
        if (change instanceof TopologyChange.Unlisted || change instanceof TopologyChange.Listed) {
            unlisted = texts(incoming.unlisted());
        }
        if (change instanceof TopologyChange.Synced && incoming != before) {
            if (before != null) {
                before.touchAll(touched);
            }
            complete = incoming;
            incoming.touchAll(touched);
            enter(State.SYNCED, now);
        }
    }

    private static List<String> texts(Map<ObjectScope, String> unlisted) {
        List<String> texts = new ArrayList<>();
        unlisted.forEach((scope, reason) -> texts.add(scope + ": " + (reason.isEmpty() ? "being read" : reason)));
        return List.copyOf(texts);
    }

    /** Indexes all objects anew after something was thrown in the middle of a change. */
    void mend(FaultBoundary boundary, Touched touched) {
        if (damaged.isEmpty()) {
            return;
        }
        boolean wasComplete = incoming == complete;
        List<TopologyChange> again = new ArrayList<>(damaged);
        ClusterObjects mended = incoming.mended(again, boundary);
        damaged.clear();
        incoming = mended;
        if (wasComplete) {
            complete = mended;
            mended.touchAll(touched);
        }
    }

    /** Looks what time has changed: adds what looks different now, and returns whether nothing of it is left. */
    boolean look(long now, Touched touched) {
        boolean servedBefore = isServed();
        boolean quiet = !problem.isEmpty();
        switch (state) {
            case SYNCING -> {
                if (!required && now - openedAt >= settings.syncTimeout().toNanos()) {
                    enter(State.TIMED_OUT, now);
                }
            }
            case SYNCED -> {
                if (quiet) {
                    enter(State.STALE, now);
                }
            }
            case STALE -> {
                if (!quiet && incoming == complete) {
                    enter(State.SYNCED, now);
                } else if (!required && now - lostAt >= settings.keepLost().toNanos()) {
                    enter(State.DROPPED, now);
                }
            }
            case DROPPED -> {
                if (!quiet && incoming == complete) {
                    enter(State.SYNCED, now);
                }
            }
            case REMOVED, TIMED_OUT -> {}
        }
        boolean gone = state == State.REMOVED
                && now - removedAt >= settings.keepRemoved().toNanos();
        ClusterObjects present = complete;
        if (present != null && (gone ? servedBefore : servedBefore != isServed())) {
            present.touchAll(touched);
        }
        return gone;
    }

    /** Takes the cluster out; what is served of it stays for a short time. */
    void remove(long now) {
        removedAt = now;
        feed = NO_FEED;
        enter(State.REMOVED, now);
    }

    boolean isRequired() {
        return required;
    }

    boolean hasBeenSynced() {
        return complete != null;
    }

    State state() {
        return state;
    }

    /** Returns what is served; null when nothing is. */
    @Nullable
    ClusterObjects served() {
        return isServed() ? complete : null;
    }

    /** Learns how many endpoints are served as ready though Kubernetes takes them for not ready. */
    void held(int endpoints) {
        if (held == 0 && endpoints > 0) {
            logger.error(
                    "Kubernetes cluster {} takes many pods at once for not ready, without a word of their kubelets, which cannot"
                            + " reach the API server: they are served as ready until they are heard from, for {} at most",
                    name,
                    settings.massNotReady().hold());
        } else if (held > 0 && endpoints == 0) {
            logger.warn("Kubernetes cluster {}: no endpoint is served as ready any more that is not", name);
        }
        held = endpoints;
    }

    /** Returns what the present source has said, complete or not. */
    ClusterObjects incoming() {
        return incoming;
    }

    ClusterView view(long now) {
        State current = state;
        Duration age = Duration.ofNanos(Math.max(0, now - heardAt));
        return new ClusterView(name, required, current, isServed(), age, problem, objects, unlisted, held);
    }

    private boolean isServed() {
        return complete != null && state != State.DROPPED;
    }

    private void enter(State next, long now) {
        if (next == state) {
            return;
        }
        if (next == State.STALE) {
            lostAt = now;
        }
        switch (next) {
            case STALE ->
                logger.warn(
                        "Kubernetes cluster {} is not heard from: {}; its last endpoints are served {}",
                        name,
                        problem.isEmpty() ? "a new source begins" : problem,
                        required ? "until it is" : "for " + settings.keepLost());
            case DROPPED ->
                logger.error(
                        "Kubernetes cluster {} has not been heard from for {}: its endpoints are not served any more",
                        name,
                        settings.keepLost());
            case TIMED_OUT ->
                logger.warn(
                        "Kubernetes cluster {} was not synced within {}: the others are served without it",
                        name,
                        settings.syncTimeout());
            case REMOVED ->
                logger.info("Kubernetes cluster {} was removed: its endpoints go in {}", name, settings.keepRemoved());
            case SYNCED -> logger.info("Kubernetes cluster {} is {}", name, state == State.STALE ? "back" : "synced");
            case SYNCING -> {}
        }
        state = next;
    }
}
