/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.endpoint.EndpointKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of one request, for whoever sends it several times without saying so: Reactor's {@code retry()} or a circuit
 * breaker subscribes again to the same request, and an attempt cannot see the one before it. An attempt that failed is
 * remembered, so that the next one goes elsewhere; an answer ends the memory, because what is sent after it is a new request.
 *
 * <p>An attempt after one that failed is a retry, which goes elsewhere and counts in the service's retry budget. One after a stream of
 * events that was lost goes elsewhere, too, and is a new request: the one before was answered.
 *
 * <p>It travels in an attribute of the request, in the Reactor Context under this class, or with the thread that {@link #call calls}.
 * Attempts may overlap; each change replaces the list, and of two at the same time one may be lost.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class Attempts {
    /** The attribute of a request that carries it. */
    public static final String ATTRIBUTE = Attempts.class.getName();

    /** More than anybody retries. */
    private static final int MAX = 16;

    /**
     * Later than this after a failure nobody retries it any more: a {@code Mono} that is kept in a field is subscribed to for new requests as
     * well.
     */
    private static final Duration LONGEST_BETWEEN = Duration.ofSeconds(10);

    private static final ThreadLocal<@Nullable Attempts> OF_THREAD = new ThreadLocal<>();

    private volatile List<Failed> failed = List.of();
    private volatile @Nullable RuntimeException refusal; // null - the last attempt got an instance

    /** Returns those that this thread is in the middle of, null for none. */
    @API(status = API.Status.INTERNAL)
    public static @Nullable Attempts ofThread() {
        return OF_THREAD.get();
    }

    /**
     * Links the blocking requests that this thread sends meanwhile: those to a service where one of them has failed are retries of it, until
     * there is an answer. Called once around what retries on this thread, such as a method that is {@code @Retryable}; or, with the same
     * attempts, within each try, on whatever thread:
     *
     * <pre>{@code
     * String order = new Attempts().call(() -> retryableOrders.get(7));
     *
     * Attempts attempts = new Attempts();
     * Callable<String> retried = Retry.decorateCallable(retry, () -> attempts.call(() -> orders.get(7)));
     * }</pre>
     *
     * @throws Exception what it throws
     */
    public <T extends @Nullable Object> T call(Callable<T> requests) throws Exception {
        Attempts outer = OF_THREAD.get();
        OF_THREAD.set(this);
        try {
            return requests.call();
        } finally {
            if (outer == null) {
                OF_THREAD.remove();
            } else {
                OF_THREAD.set(outer);
            }
        }
    }

    /** Returns those that the attributes of a request carry, null for none. */
    static @Nullable Attempts in(@Nullable Map<String, Object> attributes) {
        return attributes != null && attributes.get(ATTRIBUTE) instanceof Attempts attempts ? attempts : null;
    }

    /** Remembers that an attempt failed where it went. */
    @API(status = API.Status.INTERNAL)
    public void failed(PickedServiceInstance at) {
        failed = with(new Failed(at.cluster(), at.key(), at.cluster().now(), false), failed);
    }

    /** Remembers that a stream was lost where the attempt went, after a part of it had come: nothing before that is to be retried any more. */
    @API(status = API.Status.INTERNAL)
    public void lost(PickedServiceInstance at) {
        List<Failed> before = failed.stream().map(Failed::asAnswered).toList();
        failed = with(new Failed(at.cluster(), at.key(), at.cluster().now(), true), before);
    }

    private static List<Failed> with(Failed latest, List<Failed> before) {
        List<Failed> after = new ArrayList<>(before);
        after.removeIf(
                earlier -> earlier.isOver() || (earlier.cluster == latest.cluster && earlier.at.equals(latest.at)));
        if (after.size() == MAX) {
            after.remove(0); // the latest says whether the next one is a retry
        }
        after.add(latest);
        return List.copyOf(after);
    }

    /** Forgets all, as there is an answer. */
    @API(status = API.Status.INTERNAL)
    public void answered() {
        if (!failed.isEmpty()) {
            failed = List.of();
        }
    }

    /** Returns why the last attempt got no instance, null where it got one. */
    public @Nullable RuntimeException refusal() {
        return refusal;
    }

    void refused(RuntimeException reason) {
        refusal = reason;
    }

    void picked() {
        if (refusal != null) {
            refusal = null;
        }
    }

    Collection<EndpointKey> failed() {
        List<Failed> present = failed;
        return present.isEmpty()
                ? List.of()
                : present.stream()
                        .filter(attempt -> !attempt.isOver())
                        .map(Failed::at)
                        .toList();
    }

    /** Returns whether a request to a cluster is one that has failed there before, and was not answered since. */
    boolean isRetryOf(Cluster cluster) {
        for (Failed attempt : failed) {
            if (attempt.cluster == cluster && !attempt.answered && !attempt.isOver()) {
                return true;
            }
        }
        return false;
    }

    /**
     * An attempt that later ones avoid.
     *
     * @param answered whether they are new requests all the same
     */
    private record Failed(Cluster cluster, EndpointKey at, Instant when, boolean answered) {
        private Failed asAnswered() {
            return new Failed(cluster, at, when, true);
        }

        private boolean isOver() {
            return when.plus(LONGEST_BETWEEN).isBefore(cluster.now());
        }
    }
}
