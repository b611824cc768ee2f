/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.EndpointLoad;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint of a cluster, ready or not, with its state that outlives snapshots. Immutable but for that state.
 */
public final class Member {
    /** An endpoint that was not ready for no longer than this is as warm as before. */
    private static final Duration SHORT_FLAP = Duration.ofSeconds(10);

    private final Endpoint endpoint;
    private final EndpointLoad load;
    private final EjectionState ejection;
    private final TotalsSeen totalsSeen;
    private final ReadyWatch readyWatch;
    private final @Nullable Instant readySince;
    private final @Nullable Instant unreadySince; // null while it is ready
    private final double standsFor; // how many endpoints, itself included

    private Member(
            Endpoint endpoint,
            EndpointLoad load,
            EjectionState ejection,
            TotalsSeen totalsSeen,
            ReadyWatch readyWatch,
            @Nullable Instant readySince,
            @Nullable Instant unreadySince,
            double standsFor) {
        this.endpoint = requireNonNull(endpoint, "endpoint");
        this.load = requireNonNull(load, "load");
        this.ejection = requireNonNull(ejection, "ejection");
        this.totalsSeen = requireNonNull(totalsSeen, "totalsSeen");
        this.readyWatch = requireNonNull(readyWatch, "readyWatch");
        this.readySince = readySince;
        this.unreadySince = unreadySince;
        this.standsFor = standsFor;
    }

    /** Returns a member that nothing is known about yet. */
    public static Member of(Endpoint endpoint, EndpointLoad load) {
        return new Member(
                endpoint,
                load,
                new EjectionState(),
                new TotalsSeen(load),
                new ReadyWatch(),
                endpoint.readySince(),
                null,
                1);
    }

    /**
     * Returns the same member as a newer snapshot describes it. Where it was not ready for a short time only, it keeps the
     * ready time from before, so that a flapping probe does not start the slow start again.
     *
     * @param now the present time by the wall clock
     */
    public Member describedBy(Endpoint newer, Instant now) {
        if (!newer.health().receivesRequests()) {
            return new Member(
                    newer,
                    load,
                    ejection,
                    totalsSeen,
                    readyWatch,
                    readySince,
                    unreadySince == null ? now : unreadySince,
                    standsFor);
        }
        boolean shortFlap = readySince != null
                && (unreadySince == null || Duration.between(unreadySince, now).compareTo(SHORT_FLAP) <= 0);
        Instant newReadySince = newer.readySince();
        boolean keepEarlier = shortFlap && newReadySince != null && newReadySince.isAfter(readySince);
        return new Member(
                newer,
                load,
                ejection,
                totalsSeen,
                readyWatch,
                keepEarlier ? readySince : newReadySince,
                null,
                standsFor);
    }

    /** Returns what the newest snapshot says about it. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** Returns what this process measures about it. */
    public EndpointLoad load() {
        return load;
    }

    /**
     * Returns the same member with the weight of several.
     *
     * @param endpoints for how many it stands, itself included, because the client does not use the others; above 0
     */
    public Member standingFor(double endpoints) {
        return endpoints == standsFor
                ? this
                : new Member(endpoint, load, ejection, totalsSeen, readyWatch, readySince, unreadySince, endpoints);
    }

    /** Returns the weight that the control plane gives it and those that it stands for. */
    double weight() {
        return endpoint.weight() * standsFor;
    }

    /** Returns whether requests would go there if it were the only one of its kind that is ready: it has not failed of late. */
    boolean isTrusted() {
        return ejection.phase == EjectionState.Phase.TRUSTED
                && !ejection.isAvoided()
                && !ejection.reachability.isUnreachable();
    }

    EjectionState ejection() {
        return ejection;
    }

    TotalsSeen totalsSeen() {
        return totalsSeen;
    }

    /** Lets the tick look whether it is ready. */
    void lookWhetherReady(long nanos) {
        readyWatch.look(endpoint.health().receivesRequests(), nanos, SHORT_FLAP);
    }

    /**
     * Returns how old a pod is that is slowly started: the time since its ready time by the clock of the control plane, but not
     * less than this process has seen it ready for. So a clock that is behind, or is set back, holds no pod back.
     *
     * @param since its ready time
     * @param now the present time by the wall clock
     */
    Duration age(Instant since, Instant now) {
        Duration told = Duration.between(since, now);
        Duration seen = readyWatch.seenFor();
        return told.compareTo(seen) < 0 ? seen : told;
    }

    /** Returns since when it has been ready, short interruptions apart; null when unknown. */
    @Nullable
    Instant readySince() {
        return readySince;
    }
}
