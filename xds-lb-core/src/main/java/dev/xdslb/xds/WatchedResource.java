/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.FaultBoundary;
import dev.xdslb.xds.XdsStatus.State;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A name that somebody watches and what is known about it: the last good content, kept until a newer one or the
 * control plane's word that there is none, and never given up for age.
 *
 * <p>Confined to the client's executor; only {@link #status()} may be read by any thread.
 *
 * @param <T> what such a resource says
 */
final class WatchedResource<T> {
    private final String name;
    private final ResourceDecoder<?, T> decoder;
    private final Clock clock;
    private final FaultBoundary boundary; // around those who are told
    private final Set<ResourceWatcher<T>> watchers = new LinkedHashSet<>();
    private String version = ""; // of the content
    private @Nullable T content;
    private @Nullable String absence; // never beside a content
    private @Nullable String trouble; // why nothing newer is known, as the watchers were told
    private @Nullable Future<?> answerTimer;
    private volatile XdsStatus.Resource status;

    WatchedResource(String name, ResourceDecoder<?, T> decoder, Clock clock, FaultBoundary boundary) {
        this.name = name;
        this.decoder = decoder;
        this.clock = clock;
        this.boundary = boundary;
        this.status = new XdsStatus.Resource(name, State.REQUESTED, "", 0, Instant.EPOCH, "");
    }

    XdsStatus.Resource status() {
        return status;
    }

    boolean isWatched() {
        return !watchers.isEmpty();
    }

    /** Whether somebody waits for it who has never been told that it is there, or is not. */
    boolean awaitsFirstNews() {
        return isWatched() && content == null && absence == null;
    }

    boolean hasContent() {
        return content != null;
    }

    /** Returns the version in use, empty for none. */
    String version() {
        return version;
    }

    /** Adds a watcher and tells it what the others know. */
    void add(ResourceWatcher<T> watcher) {
        watchers.add(watcher);
        T known = content;
        String knownAbsence = absence;
        String knownTrouble = trouble;
        String knownVersion = version;
        if (known != null) {
            tell(watcher, telling -> telling.onResource(knownVersion, known));
        }
        if (knownAbsence != null) {
            tell(watcher, telling -> telling.onAbsent(knownAbsence));
        }
        if (knownTrouble != null) {
            tell(watcher, telling -> telling.onUnavailable(knownTrouble));
        }
    }

    void remove(ResourceWatcher<T> watcher) {
        watchers.remove(watcher);
    }

    /** Takes a new content into use. */
    void accept(String newVersion, T newContent) {
        stopWaiting();
        boolean news = content == null || trouble != null || !content.equals(newContent);
        version = newVersion;
        content = newContent;
        absence = null;
        trouble = null;
        replaceStatus(State.ACKED, "");
        if (news) {
            tell(watcher -> watcher.onResource(newVersion, newContent));
        }
    }

    /** Keeps what is known and says why the newest answer is not it. Returns whether that is a new reason. */
    boolean refuse(String problem, String reason) {
        stopWaiting();
        boolean news = status.state() != State.NACKED || !status.problem().equals(problem);
        absence = null;
        replaceStatus(State.NACKED, problem);
        unavailable(reason);
        return news;
    }

    /** There is no such resource. */
    void absent(String reason) {
        stopWaiting();
        boolean news = trouble != null || !reason.equals(absence);
        version = "";
        content = null;
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
    void asked(Future<?> timer) {
        stopWaiting();
        answerTimer = timer;
    }

    /** The answer is here, or the stream that was asked is gone. */
    void stopWaiting() {
        if (answerTimer != null) {
            answerTimer.cancel(false);
            answerTimer = null;
        }
    }

    /** The control plane has nothing to say about the resource for the time being. */
    void withoutAnswer(String reason) {
        stopWaiting();
        replaceStatus(status.state(), reason);
        unavailable(reason);
    }

    private void replaceStatus(State state, String problem) {
        T inUse = content;
        int endpoints = inUse == null ? 0 : decoder.endpoints(inUse);
        status = new XdsStatus.Resource(name, state, version, endpoints, clock.instant(), problem);
    }

    private void tell(Consumer<ResourceWatcher<T>> news) {
        for (ResourceWatcher<T> watcher : List.copyOf(watchers)) {
            tell(watcher, news);
        }
    }

    /** Whoever fails at the news costs neither others theirs nor the control plane its acknowledgement. */
    private void tell(ResourceWatcher<T> watcher, Consumer<ResourceWatcher<T>> news) {
        boundary.run(() -> news.accept(watcher));
    }
}
