/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.EndpointSource.Watcher;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import dev.xdslb.xds.XdsStatus.State;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A name that somebody watches and what is known about it: the last good snapshot, kept until a newer one or the
 * control plane's word that there is none, and never given up for age.
 *
 * <p>Confined to the client's executor; only {@link #status()} may be read by any thread.
 */
final class WatchedResource {
    private final String name;
    private final Clock clock;
    private final Set<Watch> watches = new LinkedHashSet<>();
    private String version = ""; // of the snapshot
    private @Nullable EndpointSnapshot snapshot;
    private @Nullable String absence; // never beside a snapshot
    private @Nullable String trouble; // why nothing newer is known, as the watchers were told
    private @Nullable ScheduledFuture<?> answerTimer;
    private volatile XdsStatus.Resource status;

    WatchedResource(String name, Clock clock) {
        this.name = name;
        this.clock = clock;
        this.status = new XdsStatus.Resource(name, State.REQUESTED, "", 0, Instant.EPOCH, "");
    }

    XdsStatus.Resource status() {
        return status;
    }

    boolean isWatched() {
        return !watches.isEmpty();
    }

    boolean hasSnapshot() {
        return snapshot != null;
    }

    /** Returns the version in use, empty for none. */
    String version() {
        return version;
    }

    /** Adds a watcher and tells it what the others know. */
    void add(Watch watch) {
        watches.add(watch);
        EndpointSnapshot known = snapshot;
        String knownAbsence = absence;
        String knownTrouble = trouble;
        if (known != null) {
            watch.tell(watcher -> watcher.onSnapshot(known));
        }
        if (knownAbsence != null) {
            watch.tell(watcher -> watcher.onAbsent(knownAbsence));
        }
        if (knownTrouble != null) {
            watch.tell(watcher -> watcher.onUnavailable(knownTrouble));
        }
    }

    void remove(Watch watch) {
        watches.remove(watch);
    }

    /** Takes a new list into use. */
    void accept(String newVersion, List<Endpoint> endpoints) {
        answered();
        EndpointSnapshot before = snapshot;
        boolean news = before == null || trouble != null || !before.endpoints().equals(endpoints);
        EndpointSnapshot after = new EndpointSnapshot(name, newVersion, endpoints);
        version = newVersion;
        snapshot = after;
        absence = null;
        trouble = null;
        status = new XdsStatus.Resource(name, State.ACKED, newVersion, endpoints.size(), clock.instant(), "");
        if (news) {
            tell(watcher -> watcher.onSnapshot(after));
        }
    }

    /** Keeps what is known and says why the newest answer is not it. Returns whether that is a new reason. */
    boolean refuse(String problem, String reason) {
        answered();
        boolean news = status.state() != State.NACKED || !status.problem().equals(problem);
        absence = null;
        replaceStatus(State.NACKED, problem);
        unavailable(reason);
        return news;
    }

    /** There is no such resource. */
    void absent(String reason) {
        answered();
        boolean news = trouble != null || !reason.equals(absence);
        version = "";
        snapshot = null;
        absence = reason;
        trouble = null;
        replaceStatus(State.DOES_NOT_EXIST, reason);
        if (news) {
            tell(watcher -> watcher.onAbsent(reason));
        }
    }

    /** Nothing new can be known at the moment. */
    void unavailable(String reason) {
        if (!reason.equals(trouble)) {
            trouble = reason;
            tell(watcher -> watcher.onUnavailable(reason));
        }
    }

    /** What stood in the way is over; watchers learn it from the next answer. */
    void troubleOver(String reason) {
        if (reason.equals(trouble)) {
            trouble = null;
        }
    }

    /** The question is on its way; the timer runs until anything is heard of the resource. */
    void asked(ScheduledFuture<?> timer) {
        stopWaiting();
        answerTimer = timer;
    }

    /** The stream that was asked is gone. */
    void stopWaiting() {
        if (answerTimer != null) {
            answerTimer.cancel(false);
            answerTimer = null;
        }
    }

    /** The control plane has nothing to say about the resource for the time being. */
    void withoutAnswer(String reason) {
        answered();
        replaceStatus(status.state(), reason);
        unavailable(reason);
    }

    private void answered() {
        stopWaiting();
    }

    private void replaceStatus(State state, String problem) {
        EndpointSnapshot inUse = snapshot;
        int endpoints = inUse == null ? 0 : inUse.endpoints().size();
        status = new XdsStatus.Resource(name, state, version, endpoints, clock.instant(), problem);
    }

    private void tell(Consumer<Watcher> news) {
        for (Watch watch : List.copyOf(watches)) {
            watch.tell(news);
        }
    }
}
