/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.time.Instant;
import java.util.Collection;

/**
 * The shares of their weight that the members of a pool get at one moment: slow start times error bias. Both compare a
 * member with its pool, so the pool is looked at first.
 */
final class WeightShares {
    /** With more than this share of its endpoints inside the slow-start window, a pool has no old ones to spare them. */
    private static final double MOSTLY_NEW = 0.5;

    /** How many standard deviations below the pool's a success ratio may be by chance. */
    private static final double CHANCE_DEVIATIONS = 2;

    private final PolicySettings settings;
    private final Instant now;
    private final boolean ramps;
    private final boolean partsMayRamp;
    private final double poolSuccessRatio;

    WeightShares(PolicySettings settings, Instant now, Collection<Member> pool) {
        this.settings = settings;
        this.now = now;
        int young = 0;
        long completed = 0;
        long failed = 0;
        for (Member member : pool) {
            young += slowStartShare(member) < 1 ? 1 : 0;
            completed += member.load().recentlyCompleted();
            failed += member.load().recentlyFailed();
        }
        this.ramps = young > 0 && young <= pool.size() * MOSTLY_NEW;
        this.partsMayRamp = young > 0 && young < pool.size();
        this.poolSuccessRatio = successRatio(completed, failed);
    }

    /**
     * Returns a number that changes when the share of its weight changes that a member gets in this pool, or in a part of it
     * that some caller is restricted to: a part may have enough old members to ramp where the whole has not.
     */
    double inAnyPart(Member member) {
        return (partsMayRamp ? slowStartShare(member) : 1) * errorBias(member);
    }

    /** Returns the share that a member which has just become ready gets. */
    double slowStart(Member member) {
        return ramps ? slowStartShare(member) : 1;
    }

    /**
     * Returns the share that a member which fails more often than the pool keeps. Two standard deviations are taken for chance:
     * else the bias feeds on itself in a burst that hits all, where the unlucky get less and the others show it.
     */
    double errorBias(Member member) {
        int completed = member.load().recentlyCompleted();
        double success = successRatio(completed, member.load().recentlyFailed());
        double deviation = Math.sqrt(poolSuccessRatio * (1 - poolSuccessRatio) / (completed + 1.0));
        return settings.errorBias().share(success + CHANCE_DEVIATIONS * deviation, poolSuccessRatio);
    }

    private double slowStartShare(Member member) {
        Instant readySince = member.readySince();
        return readySince == null ? 1 : settings.slowStart().share(member.age(readySince, now));
    }

    /** One success more than there were, so that an idle endpoint is trusted and one failure alone is not the end. */
    private static double successRatio(long completed, long failed) {
        return (completed - failed + 1) / (completed + 1.0);
    }
}
