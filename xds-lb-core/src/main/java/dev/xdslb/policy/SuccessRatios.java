/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.RecentOutcomes;
import dev.xdslb.policy.EjectionState.Phase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The share of the requests of the last ten seconds that succeeded, of each endpoint against all others. Made and used under
 * {@link OutlierEjection}'s lock, at one moment.
 */
final class SuccessRatios {
    private int compared;
    private int ejected;
    private RecentOutcomes all = RecentOutcomes.NONE;

    /** Looks at those who are compared with each other. */
    SuccessRatios(Collection<Member> members) {
        for (Member member : members) {
            if (isCompared(member)) {
                compared++;
                ejected += member.ejection().phase == Phase.TRUSTED ? 0 : 1;
                all = all.plus(member.load().recentOutcomes());
            }
        }
    }

    /** One that cannot be connected to is out in any case: it says nothing about the others, and takes nobody's room. */
    static boolean isCompared(Member member) {
        return member.endpoint().health().receivesRequests()
                && !member.ejection().reachability.isUnreachable();
    }

    /** Returns how many more of them may be ejected; below 0 where there are too many. */
    int room(EjectionSettings settings) {
        return settings.maxEjected(compared) - ejected;
    }

    /** Returns those of some that fail too often, the worst first. */
    List<Member> failing(Collection<Member> judged, EjectionSettings settings, long now) {
        List<Member> failing = new ArrayList<>();
        for (Member member : judged) {
            if (isCompared(member)
                    && mayBeJudged(member, settings, now)
                    && relativeSuccess(member) < 1 - settings.failureRatio()) {
                failing.add(member);
            }
        }
        failing.sort(Comparator.comparingDouble(this::relativeSuccess));
        return failing;
    }

    /** One that came back is given the time to fill its window anew. */
    private static boolean mayBeJudged(Member member, EjectionSettings settings, long now) {
        EjectionState state = member.ejection();
        RecentOutcomes recent = member.load().recentOutcomes();
        return state.phase == Phase.TRUSTED
                && recent.failed() > 0
                && recent.completed() >= settings.minRequests()
                && (state.ejections == 0 || now - state.changedAt > EndpointLoad.RECENT.toNanos());
    }

    /** Returns its success ratio divided by that of all others. */
    private double relativeSuccess(Member member) {
        RecentOutcomes own = member.load().recentOutcomes();
        return own.successRatio() / all.without(own).successRatio();
    }
}
