/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.policy.EjectionState.Phase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who may be picked at one moment. Immutable; made on the slow path, read by every pick.
 *
 * <p>The rules, in this order: an endpoint that is not ready or draining is out; a degraded one is in only where no
 * healthy one is left; an ejected one is out until its time is up and is then tried with one request, the probe.
 */
public final class Pool {
    private final OutlierEjection ejection;
    private final Candidate[] candidates;
    private final Candidate[] probes;
    private final int known;
    private final int ejected;

    private Pool(OutlierEjection ejection, List<Candidate> candidates, List<Candidate> probes, int known, int ejected) {
        this.ejection = ejection;
        this.candidates = candidates.toArray(Candidate[]::new);
        this.probes = probes.toArray(Candidate[]::new);
        this.known = known;
        this.ejected = ejected;
    }

    /** Decides who of the members may be picked now. */
    public static Pool of(Collection<Member> members, OutlierEjection ejection) {
        return of(members, ejection, endpoint -> true);
    }

    /** Decides who of those members that the caller can use may be picked now. */
    public static Pool of(Collection<Member> members, OutlierEjection ejection, Predicate<Endpoint> usable) {
        List<Member> ready = new ArrayList<>(members.size());
        EndpointHealth best = EndpointHealth.DEGRADED;
        for (Member member : members) {
            EndpointHealth health = member.endpoint().health();
            if (health.receivesRequests() && usable.test(member.endpoint())) {
                ready.add(member);
                best = health == EndpointHealth.HEALTHY ? EndpointHealth.HEALTHY : best;
            }
        }
        double totalWeight = 0;
        List<Member> eligible = new ArrayList<>(ready.size());
        List<Candidate> probes = new ArrayList<>();
        int ejected = 0;
        for (Member member : ready) {
            if (member.endpoint().health() != best) {
                continue;
            }
            Phase phase = member.ejection().phase;
            if (phase == Phase.TRUSTED) {
                eligible.add(member);
                totalWeight += member.endpoint().weight();
                continue;
            }
            ejected++;
            if (phase == Phase.PROBED) {
                probes.add(new Candidate(member.endpoint(), member.load(), member.ejection(), 1, true));
            }
        }
        double meanWeight = totalWeight / Math.max(1, eligible.size());
        List<Candidate> candidates = new ArrayList<>(eligible.size());
        for (Member member : eligible) {
            double weight = member.endpoint().weight() / meanWeight;
            candidates.add(new Candidate(member.endpoint(), member.load(), member.ejection(), weight, false));
        }
        return new Pool(ejection, candidates, probes, members.size(), ejected);
    }

    /** Returns the number of candidates, 0 or more. */
    public int size() {
        return candidates.length;
    }

    /**
     * Returns a candidate.
     *
     * @param index 0 to {@code size() - 1}
     */
    public Candidate get(int index) {
        return candidates[index];
    }

    /** Returns the number of endpoints that the cluster has, ready or not. */
    public int known() {
        return known;
    }

    /** Returns the number of ready endpoints that are left out because they failed. */
    public int ejected() {
        return ejected;
    }

    /** Returns whether every candidate weighs the same. */
    public boolean isUniform() {
        for (Candidate candidate : candidates) {
            if (candidate.weight() != candidates[0].weight()) {
                return false;
            }
        }
        return true;
    }

    /** Returns an ejected endpoint that this very request shall try, or null where none is due. */
    public @Nullable Candidate takeProbe() {
        for (Candidate candidate : probes) {
            if (ejection.tryProbe(candidate)) {
                return candidate;
            }
        }
        return null;
    }
}
