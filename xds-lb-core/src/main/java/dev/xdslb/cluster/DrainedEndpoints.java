/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.EndpointKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which endpoints of a cluster an operator has drained in this process, and until when. To everybody who comes after it, a drained endpoint
 * looks as if the control plane had said that it drains: it gets no new request, and what is under way ends in peace.
 *
 * <p>A drain is forgotten with its endpoint. It is not obeyed while nobody else could take the requests: one that is drained is better
 * than none.
 *
 * <p>When a drain ends, the endpoint counts as ready since then: it has cooled down, and is slowly started as after a long interruption.
 *
 * <p>Not thread-safe but for {@link #all} and {@link #obeyed}: the publication's lock is held.
 */
final class DrainedEndpoints {
    private static final Logger log = LoggerFactory.getLogger(DrainedEndpoints.class);

    private final String resource;
    private final LongSupplier nanoClock;
    private final InstantSource wallClock;
    private final Map<EndpointKey, Term> drains = new HashMap<>();
    private final Map<EndpointKey, Instant> returned = new HashMap<>(); // when a drain ended
    private volatile Map<EndpointKey, Instant> all = Map.of();
    private volatile Map<EndpointKey, Instant> obeyed = Map.of();
    private boolean ignoring; // whether a drain is not obeyed, so that it is said once

    DrainedEndpoints(String resource, LongSupplier nanoClock, InstantSource wallClock) {
        this.resource = resource;
        this.nanoClock = nanoClock;
        this.wallClock = wallClock;
    }

    /**
     * Drains an endpoint, or one that is drained for another time. {@link #over} is to be asked anew.
     *
     * @param told what the source says
     * @throws IllegalArgumentException when there is no such endpoint
     * @throws IllegalStateException when no other endpoint could take its requests
     */
    void drain(EndpointKey key, Duration time, List<Endpoint> told, @Nullable SubsetSettings subset) {
        Endpoint asked = null;
        for (Endpoint endpoint : told) {
            asked = endpoint.key().equals(key) ? endpoint : asked;
        }
        if (asked == null) {
            throw new IllegalArgumentException(key.address() + " is no endpoint of " + resource);
        }
        if (drains.containsKey(key)) { // it was looked at when the drain began
            drains.put(key, Term.begin(time, nanoClock, wallClock));
            return;
        }
        String part = part(asked, subset);
        for (Endpoint endpoint : told) {
            if (endpoint.health().receivesRequests()
                    && !endpoint.key().equals(key)
                    && !drains.containsKey(endpoint.key())
                    && part(endpoint, subset).equals(part)) {
                drains.put(key, Term.begin(time, nanoClock, wallClock));
                return;
            }
        }
        throw new IllegalStateException(key.address() + " is the last ready endpoint of " + resource
                + (part.isEmpty() ? "" : " with the label value " + part)
                + " that is not drained: its requests could go nowhere else");
    }

    /** Returns whether it was drained. {@link #over} is to be asked anew. */
    boolean undrain(EndpointKey key) {
        if (drains.remove(key) == null) {
            return false;
        }
        returns(key);
        return true;
    }

    private void returns(EndpointKey key) {
        if (obeyed.containsKey(key)) {
            returned.put(key, wallClock.instant());
        }
    }

    /** Forgets what is due; returns whether anything was, so that {@link #over} is to be asked anew. */
    boolean endDue() {
        if (drains.isEmpty()) {
            return false;
        }
        long now = nanoClock.getAsLong();
        return drains.entrySet().removeIf(entry -> {
            boolean due = entry.getValue().isOver(now);
            if (due) {
                returns(entry.getKey());
                log.info(
                        "{}: {} is not drained any more: its time is up",
                        resource,
                        entry.getKey().address());
            }
            return due;
        });
    }

    /** Returns all that are drained, with the time at which that ends. May be called by any thread. */
    Map<EndpointKey, Instant> all() {
        return all;
    }

    /** Returns those that get no request because they are drained, with the time at which that ends. May be called by any thread. */
    Map<EndpointKey, Instant> obeyed() {
        return obeyed;
    }

    /**
     * Returns what the source says with the drains over it; the same object where there are none and were none.
     *
     * @param subset by which requests are routed: the others of the same value take the requests of one that is drained
     */
    List<Endpoint> over(List<Endpoint> told, @Nullable SubsetSettings subset) {
        forgetThoseGone(told);
        Set<String> served = served(told, subset);
        Map<EndpointKey, Instant> nowObeyed = new HashMap<>();
        List<Endpoint> result = told;
        boolean nowIgnoring = false;
        if (!drains.isEmpty() || !returned.isEmpty()) {
            result = new ArrayList<>(told.size());
            for (Endpoint endpoint : told) {
                Term drain = endpoint.health().receivesRequests() ? drains.get(endpoint.key()) : null;
                if (drain == null) {
                    result.add(returned(endpoint));
                } else if (served.contains(part(endpoint, subset))) {
                    nowObeyed.put(endpoint.key(), drain.until());
                    result.add(described(endpoint, EndpointHealth.DRAINING, endpoint.readySince()));
                } else {
                    nowIgnoring = true;
                    result.add(endpoint);
                }
            }
        }
        obeyed = Map.copyOf(nowObeyed);
        Map<EndpointKey, Instant> ends = new HashMap<>();
        drains.forEach((key, drain) -> ends.put(key, drain.until()));
        all = Map.copyOf(ends);
        say(nowIgnoring);
        return result;
    }

    private void forgetThoseGone(List<Endpoint> told) {
        if (drains.isEmpty() && returned.isEmpty()) {
            return;
        }
        Set<EndpointKey> present = new HashSet<>();
        told.forEach(endpoint -> present.add(endpoint.key()));
        drains.keySet().retainAll(present);
        returned.keySet().retainAll(present);
    }

    /** Returns the label values of which an endpoint is ready that is not drained. */
    private Set<String> served(List<Endpoint> told, @Nullable SubsetSettings subset) {
        Set<String> served = new HashSet<>();
        if (!drains.isEmpty()) {
            for (Endpoint endpoint : told) {
                if (endpoint.health().receivesRequests() && !drains.containsKey(endpoint.key())) {
                    served.add(part(endpoint, subset));
                }
            }
        }
        return served;
    }

    /** Returns an endpoint, ready since its last drain ended where that is later than the source says. */
    private Endpoint returned(Endpoint endpoint) {
        Instant since = returned.get(endpoint.key());
        Instant told = endpoint.readySince();
        return since == null || told == null || !since.isAfter(told)
                ? endpoint
                : described(endpoint, endpoint.health(), since);
    }

    private void say(boolean nowIgnoring) {
        if (nowIgnoring && !ignoring) {
            log.warn("{}: endpoints that are drained here get requests, because no other one is ready", resource);
        }
        ignoring = nowIgnoring;
    }

    private static String part(Endpoint endpoint, @Nullable SubsetSettings subset) {
        return subset == null ? "" : subset.valueOf(endpoint);
    }

    private static Endpoint described(Endpoint endpoint, EndpointHealth health, @Nullable Instant readySince) {
        return new Endpoint(
                endpoint.key(),
                endpoint.locality(),
                endpoint.priority(),
                endpoint.weight(),
                health,
                endpoint.podName(),
                readySince,
                endpoint.shard(),
                endpoint.labels());
    }
}
