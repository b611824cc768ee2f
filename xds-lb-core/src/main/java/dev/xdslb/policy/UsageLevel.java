/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.load.EndpointLoad;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Keeps the usage of a cluster's endpoints comparable: moves their mean by weight to 0, and lets what is more than {@value #KEPT}
 * requests from it fade. So an endpoint that is new or was seldom picked gets as much as the others after a few requests, and not what it
 * missed; one that was left out, because it was not ready, drained or ejected, begins level with the others when it is back.
 *
 * <p>Tells all endpoints of the longest jump that turned out to be over at one of them, see {@code ResponseTime}.
 *
 * <p>What a strategy counts is its own affair; a usage that is no number, or none that can be reached, is taken for the mean.
 *
 * <p>An endpoint that several clusters use is levelled by each of them; what one of them thereby forgets, the next picks make up
 * for. Used by the tick's thread only, but for {@link #admit}.
 */
final class UsageLevel {
    /**
     * Two draws out of equal endpoints keep them within about as many requests of each other. One of little weight is as much ahead
     * by a single request as the others are by many: it keeps as many of its own, or it would get one whenever they are forgotten.
     */
    private static final double KEPT = 3;

    /** How long what is beyond matters: it falls to 1/e in this time. */
    private static final double FADING_SECONDS = 2;

    /** More requests than this nobody sends within a tenth of a second. */
    private static final double MOST = 1e15;

    private long requestsSeen;

    /** Takes in what happened since the last tick. */
    void tick(Collection<Member> members, double elapsedSeconds) {
        double usage = 0;
        double weights = 0;
        long requests = 0;
        for (Member member : members) {
            EndpointLoad load = member.load();
            double weight = member.weight();
            usage += weight * usage(load);
            weights += weight;
            requests += load.succeeded() + load.failed() + load.refused();
        }
        double mean = members.isEmpty() ? 0 : usage / weights;
        double meanWeight = weights / Math.max(1, members.size());
        double remaining = Math.exp(-elapsedSeconds / FADING_SECONDS);
        long more = requests - requestsSeen; // below 0 where endpoints went
        requestsSeen = requests;
        double longest = 0; // of the jumps that turned out to be over
        long jumpedAt = 0;
        for (Member member : members) {
            EndpointLoad load = member.load();
            double ahead = usage(load) - mean;
            double kept = KEPT * Math.max(1, meanWeight / member.weight());
            double beyond = Math.max(0, Math.abs(ahead) - kept);
            load.usage(Math.copySign(Math.abs(ahead) - beyond * (1 - remaining), ahead));
            load.passedOver(more);
            double jumpOver = load.takeJumpOver();
            if (jumpOver > longest) {
                longest = jumpOver;
                jumpedAt = load.overJumpedAt();
            }
        }
        if (longest > 0) {
            for (Member member : members) {
                member.load().jumpOverElsewhere(jumpedAt, longest);
            }
        }
    }

    /**
     * Lets those that may be picked again begin no further back than where the others are. What they missed meanwhile is nobody's debt: a
     * caller that sends one request after the other would send them all there until it is paid. What they had too much of, such as
     * requests that they refused, they keep. Any thread.
     *
     * @param members all that the plan was made of
     */
    static void admit(Collection<Member> members, Eligibility eligibility) {
        double usage = 0;
        double weights = 0;
        List<Member> back = new ArrayList<>();
        for (Member member : eligibility.eligible()) {
            EjectionState state = member.ejection();
            if (state.leftOut) {
                state.leftOut = false;
                back.add(member);
            } else {
                usage += member.weight() * usage(member.load());
                weights += member.weight();
            }
        }
        if (weights > 0) {
            for (Member member : back) {
                member.load().usage(Math.max(usage(member.load()), usage / weights));
            }
        }
        Set<EndpointKey> leftOut = eligibility.leftOut();
        if (!leftOut.isEmpty()) {
            for (Member member : members) {
                if (leftOut.contains(member.endpoint().key())) {
                    member.ejection().leftOut = true;
                }
            }
        }
    }

    /** One such value among ten thousand would make the mean, and with it all others, such a value for good. */
    private static double usage(EndpointLoad load) {
        double usage = load.usage();
        return Math.abs(usage) <= MOST ? usage : 0;
    }
}
