/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.RecentOutcomes;
import dev.xdslb.policy.EjectionState.Phase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * The share of the requests of the last ten seconds that succeeded, of each endpoint against all others. Made and used under
 * {@link OutlierEjection}'s lock, at one moment.
 */
final class SuccessRatios {
    private final int compared;
    private final int ejected;
    private final RecentOutcomes all;

    /** Looks at those who are compared with each other. */
    SuccessRatios(Collection<Member> members) {
        int comparedSoFar = 0;
        int ejectedSoFar = 0;
        long completed = 0;
        long failed = 0;
        for (Member member : members) {
            if (isCompared(member)) {
                comparedSoFar++;
                ejectedSoFar += member.ejection().phase == Phase.TRUSTED ? 0 : 1;
                RecentOutcomes recent = member.load().recentOutcomes();
                completed += recent.completed();
                failed += recent.failed();
            }
        }
        compared = comparedSoFar;
        ejected = ejectedSoFar;
        all = new RecentOutcomes(completed, failed);
    }

    /** One that cannot be connected to is out in any case: it says nothing about the others, and takes nobody's room. */
    static boolean isCompared(Member member) {
        return member.endpoint().health().receivesRequests()
                && !member.ejection().reachability.isUnreachable();
    }

    /**
     * Returns those of some that fail too often, as many as may be ejected, the worst before the others and in no order.
     */
    List<Member> toEject(Collection<Member> judged, EjectionSettings settings, long now) {
        int room = settings.maxEjected(compared) - ejected;
        if (room <= 0 || all.failed() == 0) {
            return List.of();
        }
        double limit = 1 - settings.failureRatio();
        List<Member> failing = new ArrayList<>();
        for (Member member : judged) {
            if (mayBeJudged(member, settings, now) && isCompared(member) && relativeSuccess(member) < limit) {
                failing.add(member);
            }
        }
        return failing.size() <= room ? failing : worst(failing, room);
    }

    /** Sorts the ratios and not the members: each is computed once, and numbers are sorted fastest. */
    private List<Member> worst(List<Member> failing, int count) {
        double[] ratios = new double[failing.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = relativeSuccess(failing.get(i));
        }
        double[] sorted = ratios.clone();
        Arrays.sort(sorted);
        double last = sorted[count - 1];
        int below = 0; // the last one
        while (sorted[below] < last) {
            below++;
        }
        int asGoodAsTheLast = count - below;
        List<Member> worst = new ArrayList<>(count);
        for (int i = 0; i < ratios.length; i++) {
            if (ratios[i] < last || (ratios[i] == last && asGoodAsTheLast-- > 0)) {
                worst.add(failing.get(i));
            }
        }
        return worst;
    }

    /** One that came back is given the time to fill its window anew. */
    private static boolean mayBeJudged(Member member, EjectionSettings settings, long now) {
        RecentOutcomes recent = member.load().recentOutcomes();
        if (recent.failed() == 0 || recent.completed() < settings.minRequests()) {
            return false;
        }
        EjectionState state = member.ejection();
        return state.phase == Phase.TRUSTED
                && (state.ejections == 0 || now - state.changedAt > EndpointLoad.RECENT.toNanos());
    }

    /** Returns its success ratio divided by that of all others. */
    private double relativeSuccess(Member member) {
        RecentOutcomes own = member.load().recentOutcomes();
        return own.successRatio() / all.without(own).successRatio();
    }
}
