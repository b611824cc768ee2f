/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import com.google.common.base.Throwables;
import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.topology.ClusterFeed;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.ObjectScope;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologyObject;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The objects of one kind under one path of the API, listed and watched for as long as this is open. The informer retries by itself
 * whatever fails. One that is silent is given up for another, which lists anew and finds what it missed.
 *
 * <p>The informer's threads submit and count words. One thread starts, looks and closes; everybody asks how it is.
 */
final class WatchedKind<T extends HasMetadata> {
    /** As many as kubectl and client-go ask for at a time. More are not in memory unpruned, and a page is soon begun. */
    private static final long PAGE_SIZE = 500;

    private static final String NOT_YET = "the API server has not listed them yet";

    private static final Logger logger = LoggerFactory.getLogger(WatchedKind.class);

    private final Informable<T> operation;
    private final Supplier<T> newObject;
    private final ObjectScope scope;
    private final Function<T, TopologyObject> prune;
    private final ClusterFeed feed;
    private final FaultBoundary boundary;
    private final Runnable onSettled;
    private final @Nullable Absence absence; // null for a kind that every cluster has
    private final boolean incidental; // nothing depends on it
    private final AtomicBoolean settled = new AtomicBoolean();
    private final AtomicLong words = new AtomicLong(); // changes and failures that were heard
    private final WatchSilence silence;
    private volatile Generation generation;
    private long heardWords; // until the last look, as the next two
    private String heardVersion = "";
    private String heardList = "";
    private volatile String listVersion = ""; // of the last complete list
    private volatile boolean listed;
    private volatile String whyNot = NOT_YET; // listed, for people
    private final Object saying = new Object();
    private @Nullable String saidWhyNot; // to the feed; null while it takes what it has for complete. Guarded by saying
    private volatile boolean silent; // given up for its silence, and not listed since

    /**
     * Creates one that is not started.
     *
     * @param onSettled run once, when all objects that were there have been submitted, or none is to be waited for
     * @param absence null for a kind that every cluster has
     */
    WatchedKind(
            Informable<T> operation,
            Supplier<T> newObject,
            ObjectScope scope,
            Function<T, TopologyObject> prune,
            ClusterFeed feed,
            FaultBoundary boundary,
            Runnable onSettled,
            @Nullable Absence absence,
            long now) {
        this(operation, newObject, scope, prune, feed, boundary, onSettled, absence, now, false);
    }

    private WatchedKind(
            Informable<T> operation,
            Supplier<T> newObject,
            ObjectScope scope,
            Function<T, TopologyObject> prune,
            ClusterFeed feed,
            FaultBoundary boundary,
            Runnable onSettled,
            @Nullable Absence absence,
            long now,
            boolean incidental) {
        this.incidental = incidental;
        this.operation = operation.withLimit(PAGE_SIZE);
        this.scope = scope;
        this.prune = prune;
        this.feed = feed;
        this.boundary = boundary;
        this.onSettled = onSettled;
        this.absence = absence;
        this.silence = new WatchSilence(now);
        this.newObject = newObject;
        this.generation = new Generation();
    }

    /** Returns one that is not started, of a kind on which nothing depends: that it cannot be read is hardly said. */
    static <T extends HasMetadata> WatchedKind<T> incidental(
            Informable<T> operation,
            Supplier<T> newObject,
            ObjectScope scope,
            Function<T, TopologyObject> prune,
            ClusterFeed feed,
            FaultBoundary boundary,
            LongSupplier nanoClock) {
        return new WatchedKind<>(
                operation,
                newObject,
                scope,
                prune,
                feed,
                boundary,
                () -> {},
                new Absence(nanoClock),
                nanoClock.getAsLong(),
                true);
    }

    void start() {
        generation.informer.start();
    }

    void close() {
        generation.close();
    }

    /**
     * Looks whether something was heard since the last look, and gives a silent informer up for a new one.
     *
     * @return whether something was heard
     */
    boolean look(long now) {
        String version = version(); // all that a bookmark changes
        String ofList = listVersion;
        long present = words.get();
        boolean bookmark = !version.isEmpty() && !version.equals(heardVersion) && !version.equals(ofList);
        boolean said = bookmark || present != heardWords;
        boolean relisted = !ofList.equals(heardList);
        heardWords = present;
        heardVersion = version;
        heardList = ofList;
        if (said) {
            silence.word(now);
        } else if (relisted) {
            silence.renewed(now);
        } else if (silence.isTooLong(now, generation.informer.isWatching())) {
            renew();
        }
        if (absence == null) {
            return said || relisted;
        }
        if (absence.isToBeForgotten(now)) {
            forget();
        }
        return relisted || (said && !absence.isAbsent());
    }

    /** Returns whether every cluster has this kind, so that something is wrong where it is not watched. */
    boolean isRequired() {
        return absence == null;
    }

    /** Returns whether the API server says that it knows no such kind. */
    boolean isAbsent() {
        return absence != null && absence.isAbsent();
    }

    /** Returns the resource version that was heard last; empty before the first list. */
    String version() {
        String version = generation.informer.lastSyncResourceVersion();
        return version == null ? "" : version;
    }

    boolean isWatched() {
        return !silent && generation.informer.isWatching();
    }

    /** Returns whether it has ended for good without having been closed; the informers of this version never do. */
    boolean hasEnded() {
        return generation.informer.stopped().toCompletableFuture().isDone();
    }

    /** Returns the path. */
    @Override
    public String toString() {
        return generation.informer.toString();
    }

    private void renew() {
        Generation old = generation;
        logger.atLevel(silence.isUsual() ? Level.DEBUG : Level.WARN)
                .log(
                        "{} is silent though its {} is open; it is listed and watched anew",
                        this,
                        old.informer.isWatching() ? "watch" : "list");
        silent = true;
        old.close();
        Generation next = new Generation(); // a handler that is added later would be told the stubs as if they were new
        next.store.takeOver(old.store);
        generation = next;
        next.informer.start();
    }

    /** Ends the watch for good, and takes back all that it has said. */
    void forgetAll() {
        Generation old = generation;
        old.close();
        old.store.values().toList().forEach(object -> boundary.run(id(object), () -> gone(object)));
        sayKnown();
        settle();
    }

    /** What was known is gone with its kind. It is listed anew from nothing, so that what comes back is new. */
    private void forget() {
        Generation old = generation;
        List<T> known = old.store.values().toList();
        if (known.isEmpty()) {
            return;
        }
        logger.warn("{} does not exist any more, nor do its {} objects", this, known.size());
        old.close();
        known.forEach(object -> boundary.run(id(object), () -> gone(object)));
        Generation next = new Generation();
        generation = next;
        next.informer.start();
    }

    boolean isSettled() {
        return settled.get();
    }

    private Level level() {
        return incidental ? Level.DEBUG : Level.WARN;
    }

    /** Ends the waiting for its first list: what depends on it is not complete then. */
    void settle() {
        if (!listed && !isAbsent()) {
            sayUnlisted(whyNot);
        }
        if (settled.compareAndSet(false, true)) {
            onSettled.run();
        }
    }

    /** Returns whether nothing is known of it, not even that there is nothing. */
    boolean isUnlisted() {
        return !listed && !isAbsent();
    }

    /** Says that nothing is known of it, and why; an empty text while it is being read. */
    void sayUnlisted(String why) {
        synchronized (saying) {
            if (!listed && !why.equals(saidWhyNot)) {
                saidWhyNot = why;
                feed.submit(new TopologyChange.Unlisted(scope, why));
            }
        }
    }

    private void sayKnown() {
        synchronized (saying) {
            if (saidWhyNot != null) {
                saidWhyNot = null;
                feed.submit(new TopologyChange.Listed(scope));
            }
        }
    }

    private void gone(T object) {
        feed.submit(new TopologyChange.Remove(id(object)));
    }

    private ObjectId id(T object) {
        ObjectMeta metadata = object.getMetadata();
        return metadata == null
                ? new ObjectId(scope.kind(), "", "")
                : new ObjectId(
                        scope.kind(),
                        metadata.getNamespace() == null ? "" : metadata.getNamespace(),
                        metadata.getName() == null ? "" : metadata.getName());
    }

    /** One informer and what is done with its objects. On the informer's threads, one call at a time except for {@link #retry}. */
    private final class Generation implements ResourceEventHandler<T> {
        private final VersionItemStore<T> store;
        private final SharedIndexInformer<T> informer;
        private final AtomicBoolean failing = new AtomicBoolean();
        private volatile boolean closed; // what it says is not heard any more

        private Generation() {
            store = new VersionItemStore<>(newObject, boundary);
            informer = operation.runnableInformer(0);
            informer.removeNamespaceIndex()
                    .itemStore(store)
                    .exceptionHandler(this::retry)
                    .addEventHandler(this);
        }

        private void close() {
            closed = true;
            boundary.run("stop of " + informer, informer::stop);
        }

        @Override
        public void onAdd(T object) {
            hear(object, () -> feed.submit(new TopologyChange.Upsert(prune.apply(object))));
        }

        @Override
        public void onUpdate(T before, T object) {
            onAdd(object);
        }

        @Override
        public void onDelete(T object, boolean finalStateUnknown) {
            hear(object, () -> gone(object));
        }

        @Override
        public void onList(String resourceVersion, boolean remainedEmpty) {
            if (closed) {
                return;
            }
            listVersion = resourceVersion;
            boundary.run(informer.toString(), () -> {
                silent = false;
                if (failing.compareAndSet(true, false)) {
                    logger.info("{} is watched again", informer);
                }
                if (absence != null && absence.listed()) {
                    logger.info("{} exists now, and is watched", informer);
                }
                listed = true;
                sayKnown();
                settle();
            });
        }

        /** The client's own handler gives up for ever after some failures; endpoints would then silently grow old. */
        private boolean retry(boolean started, Throwable failure) {
            if (closed) {
                return false;
            }
            words.incrementAndGet();
            int code = Absence.code(failure);
            boundary.run(informer.toString(), () -> couldNot(code));
            if (absence != null && Absence.isDecided(code)) {
                boundary.run(informer.toString(), () -> decided(code));
            }
            if (isAbsent()) {
                return true; // said by its own words
            }
            if (failing.compareAndSet(false, true)) {
                boundary.run(informer.toString(), () -> {
                    logger.atLevel(level())
                            .log(
                                    "{} cannot be watched: {}; {}; trying again until it can",
                                    informer,
                                    Throwables.getRootCause(failure),
                                    listed
                                            ? "the last state is served"
                                            : absence == null
                                                    ? "nothing is served until it can"
                                                    : "what depends on it is not answered, everything else is served");
                    logger.debug("{} cannot be watched", informer, failure);
                });
            }
            return true;
        }

        private void couldNot(int code) {
            whyNot = switch (code) {
                case HttpURLConnection.HTTP_FORBIDDEN ->
                    "403 Forbidden (expected: list and watch on them, as in kubernetes/gateway-api)";
                case HttpURLConnection.HTTP_UNAUTHORIZED ->
                    "401 Unauthorized (expected: a token that the API server takes)";
                default -> NOT_YET;
            };
            synchronized (saying) {
                if (absence != null && !isAbsent() && (settled.get() || saidWhyNot != null)) {
                    sayUnlisted(whyNot);
                }
            }
        }

        private void decided(int code) {
            if (absence != null && absence.failed(code)) {
                failing.set(false);
                logger.atLevel(level())
                        .log(
                                "{} does not exist in this cluster (expected: its CustomResourceDefinition is installed);"
                                        + " everything else is served, and it is looked for until it does",
                                informer);
            }
            if (isAbsent()) {
                sayKnown(); // that there are none
            }
            settle();
        }

        /** What an informer's thread is thrown at ends the informer, or the client's connection, for good. */
        private void hear(T object, Runnable change) {
            if (!closed) {
                words.incrementAndGet();
                boundary.run(id(object), change);
            }
        }
    }
}
