/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.EndpointLoad;
import dev.xdslb.policy.EjectionState.Phase;
import java.util.Collection;

/**
 * How the members of a pool do at one moment: what a request's end is judged against. Taken under the lock of whom it serves.
 *
 * <p>A few hundred members are looked at whenever the end of a request asks for it. More are looked at a hundred times a second
 * at most, see {@link Censuses}: when five thousand of ten thousand fail at once, every request asks.
 */
final class Census {
    private int compared;
    private int trusted;
    private int failing;
    private int refusing;

    Census(Collection<Member> members) {
        for (Member member : members) {
            EndpointLoad load = member.load();
            refusing += load.refusedInARow() > 0 ? 1 : 0;
            if (SuccessRatios.isCompared(member)) {
                compared++;
                if (member.ejection().phase == Phase.TRUSTED) {
                    trusted++;
                    failing += load.consecutiveFailures() > 0 ? 1 : 0;
                }
            }
        }
    }

    /** Returns how many are compared with each other: see {@link SuccessRatios#isCompared}. */
    int compared() {
        return compared;
    }

    /** Returns how many of those are left out because they failed. */
    int ejected() {
        return compared - trusted;
    }

    /** Returns the share of the others that failed their last request, 0 where there are too few others to say. */
    double othersFailing() {
        return trusted > 2 ? Math.max(0, failing - 1) / (trusted - 1.0) : 0;
    }

    /** Returns how many refused their last request. */
    int refusing() {
        return refusing;
    }

    /** Learns that one of those that failed their last request has been ejected since. */
    void ejectedOne() {
        trusted--;
        failing = Math.max(0, failing - 1);
    }
}
