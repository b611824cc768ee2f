/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.policy.EjectionState.Phase;
import dev.xdslb.policy.Exclusion.Reason;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sorts the members of a cluster into those that may be picked and those that may not, with the reason. Used once per plan,
 * on one thread.
 */
final class Eligibility {
    private final UnprovenEndpoints unproven;
    private final Map<EndpointKey, Instant> drained;
    private final List<Exclusion> exclusions = new ArrayList<>();
    private final List<Member> awaitingProbe = new ArrayList<>();
    private final List<Member> ready;
    private final List<Member> eligible;
    private final boolean panic;
    private final int ejected;
    private final long nanos;
    private final Instant now;

    /**
     * Sorts.
     *
     * @param unproven who is to be preferred where requests are rare
     * @param drained which of the draining ones an operator has drained here, and until when
     * @param panicThreshold the share of the ready ones below which those that are trusted are too few
     * @param nanos the present time in nanoseconds of the clock
     * @param now the same moment by the wall clock
     */
    Eligibility(
            Collection<Member> members,
            Predicate<Endpoint> usable,
            UnprovenEndpoints unproven,
            Map<EndpointKey, Instant> drained,
            double panicThreshold,
            long nanos,
            Instant now) {
        this.unproven = unproven;
        this.drained = drained;
        this.nanos = nanos;
        this.now = now;
        this.ready = ready(members, usable);
        List<Exclusion> untrusted = new ArrayList<>();
        List<Member> trusted = trusted(untrusted);
        this.panic = trusted.size() < reachable(ready) * panicThreshold;
        if (panic) { // what is sent to those whose time is up is their probe: nothing else ends it
            this.ejected = 0;
            this.eligible = withoutAvoided(ready);
        } else {
            exclusions.addAll(untrusted);
            this.ejected = untrusted.size();
            this.eligible = withoutUnproven(withoutAvoided(trusted));
        }
    }

    /** Returns those that may be picked. */
    List<Member> eligible() {
        return eligible;
    }

    /** Returns those that one request is to try, if the budget allows; in panic they are eligible as well. */
    List<Member> awaitingProbe() {
        return awaitingProbe;
    }

    /** Returns whether ejection is ignored because so many failed. */
    boolean isPanic() {
        return panic;
    }

    /** Returns the number of those that are left out because they failed. */
    int ejected() {
        return ejected;
    }

    /** Returns all that may not be picked. */
    List<Exclusion> exclusions() {
        return exclusions;
    }

    /** Returns those that may not be picked whoever calls. */
    Set<EndpointKey> leftOut() {
        Set<EndpointKey> leftOut = new HashSet<>();
        for (Exclusion exclusion : exclusions) {
            if (exclusion.reason() != Reason.UNUSABLE_FOR_CALLER) {
                leftOut.add(exclusion.endpoint().key());
            }
        }
        return leftOut;
    }

    private List<Member> ready(Collection<Member> members, Predicate<Endpoint> usable) {
        List<Member> healthy = new ArrayList<>(members.size());
        List<Member> degraded = new ArrayList<>();
        List<Exclusion> drainedHere = new ArrayList<>();
        List<Member> lastResort = new ArrayList<>();
        for (Member member : members) {
            EndpointHealth health = member.endpoint().health();
            Instant drainedUntil = drained.get(member.endpoint().key());
            if (drainedUntil != null) {
                drainedHere.add(exclusion(member, Reason.DRAINED_HERE, drainedUntil));
                if (usable.test(member.endpoint())) {
                    lastResort.add(member);
                }
            } else if (!health.receivesRequests()) {
                exclude(member, health == EndpointHealth.DRAINING ? Reason.DRAINING : Reason.NOT_READY);
            } else if (!usable.test(member.endpoint())) {
                exclude(member, Reason.UNUSABLE_FOR_CALLER);
            } else {
                (health == EndpointHealth.HEALTHY ? healthy : degraded).add(member);
            }
        }
        if (healthy.isEmpty() && degraded.isEmpty() && !lastResort.isEmpty()) {
            return lastResort; // the caller can use no others: one that is drained is better than none
        }
        exclusions.addAll(drainedHere);
        if (healthy.isEmpty()) {
            return degraded;
        }
        degraded.forEach(member -> exclude(member, Reason.DEGRADED));
        return healthy;
    }

    private List<Member> trusted(List<Exclusion> untrusted) {
        List<Member> trusted = new ArrayList<>(ready.size());
        for (Member member : ready) {
            EjectionState state = member.ejection();
            Phase phase = state.phase;
            if (phase == Phase.TRUSTED) {
                trusted.add(member);
            } else if (phase == Phase.EJECTED) {
                untrusted.add(exclusion(member, Reason.EJECTED, wallTime(state.ejectedUntil)));
            } else if (state.reachability.isUnreachable()) {
                untrusted.add(exclusion(member, Reason.UNREACHABLE, null));
            } else {
                untrusted.add(exclusion(member, Reason.AWAITS_PROBE, null));
                if (!state.isAvoided()) {
                    awaitingProbe.add(member);
                }
            }
        }
        return trusted;
    }

    private static int reachable(List<Member> members) {
        int reachable = 0;
        for (Member member : members) {
            reachable += member.ejection().reachability.isUnreachable() ? 0 : 1;
        }
        return reachable;
    }

    /** Leaves out those that cannot be connected to, and then those that refused a moment ago, where any is left. */
    private List<Member> withoutAvoided(List<Member> members) {
        List<Member> reachable = new ArrayList<>(members.size());
        List<Member> rest = new ArrayList<>(members.size());
        List<Exclusion> unreachable = new ArrayList<>();
        List<Exclusion> avoided = new ArrayList<>();
        for (Member member : members) {
            EjectionState state = member.ejection();
            if (state.reachability.isUnreachable()) {
                unreachable.add(exclusion(member, Reason.UNREACHABLE, null));
                continue;
            }
            reachable.add(member);
            if (state.isAvoided()) {
                avoided.add(exclusion(member, Reason.AVOIDED, wallTime(state.avoidedUntil())));
            } else {
                rest.add(member);
            }
        }
        if (reachable.isEmpty()) {
            return members;
        }
        exclusions.addAll(unreachable);
        if (rest.isEmpty()) {
            return reachable;
        }
        exclusions.addAll(avoided);
        return rest;
    }

    private List<Member> withoutUnproven(List<Member> members) {
        List<Member> preferred = unproven.preferred(members);
        if (preferred == members) {
            return members;
        }
        Set<Member> kept = new HashSet<>(preferred); // by identity: the tick may change who is proven meanwhile
        for (Member member : members) {
            if (!kept.contains(member)) {
                exclude(member, Reason.UNPROVEN);
                awaitingProbe.add(member);
            }
        }
        return preferred;
    }

    private void exclude(Member member, Reason reason) {
        exclusions.add(exclusion(member, reason, null));
    }

    private static Exclusion exclusion(Member member, Reason reason, @Nullable Instant until) {
        return new Exclusion(member.endpoint(), reason, until);
    }

    private Instant wallTime(long untilNanos) {
        return now.plusNanos(untilNanos - nanos);
    }
}
