/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.RecentAnswers;
import dev.xdslb.load.RecentOutcomes;
import java.time.Instant;
import java.util.Collection;

/**
 * The shares of their weight that the members of a pool get at one moment: slow start times error bias times refusals. All
 * compare a member with its pool, so the pool is looked at first.
 */
final class WeightShares {
    /** With more than this share of its endpoints inside the slow-start window, a pool has no old ones to spare them. */
    private static final double MOSTLY_NEW = 0.5;

    /** How many standard deviations below the pool's a success ratio may be by chance. */
    private static final double CHANCE_DEVIATIONS = 2;

    /**
     * What refuses everything keeps, so that its recovery is seen. Also the steps of the share: refusals fade for a minute and
     * longer, and each change makes new pickers, among them rings and tables.
     */
    static final double MIN_REFUSALS_SHARE = 0.05;

    /** How strongly refusals count. 1 leaves 1 of 3 pods that refuses everything too much while it is being found out. */
    private static final int REFUSALS_EXPONENT = 2;

    /** Where nearly everything is refused, nobody refuses more than the others. */
    private static final double ALL_REFUSED = 0.95;

    /** The good answers that an endpoint's refusals are diluted with, so that the first one is not the end. */
    private static final double PRIOR_ANSWERS = 0.16;

    private final PolicySettings settings;
    private final Instant now;
    private final boolean ramps;
    private final boolean partsMayRamp;
    private final double poolSuccessRatio;
    private final double poolRefusedShare;

    WeightShares(PolicySettings settings, Instant now, Collection<Member> pool) {
        this.settings = settings;
        this.now = now;
        int young = 0;
        RecentOutcomes outcomes = RecentOutcomes.NONE;
        double refused = 0;
        double answered = 0;
        for (Member member : pool) {
            young += slowStartShare(member) < 1 ? 1 : 0;
            outcomes = outcomes.plus(member.load().recentOutcomes());
            RecentAnswers answers = member.load().recentAnswers();
            refused += answers.refused();
            answered += answers.answered();
        }
        this.poolRefusedShare = refused / (answered + PRIOR_ANSWERS);
        this.ramps = young > 0 && young <= pool.size() * MOSTLY_NEW;
        this.partsMayRamp = young > 0 && young < pool.size();
        this.poolSuccessRatio = outcomes.successRatio();
    }

    /**
     * Returns a number that changes when the share of its weight changes that a member gets in this pool, or in a part of it
     * that some caller is restricted to: a part may have enough old members to ramp where the whole has not.
     */
    double inAnyPart(Member member) {
        return (partsMayRamp ? slowStartShare(member) : 1) * errorBias(member) * refusals(member);
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
        RecentOutcomes own = member.load().recentOutcomes();
        double deviation = Math.sqrt(poolSuccessRatio * (1 - poolSuccessRatio) / (own.completed() + 1.0));
        return settings.errorBias().share(own.successRatio() + CHANCE_DEVIATIONS * deviation, poolSuccessRatio);
    }

    /**
     * Returns the share that a member which refuses a larger part of its requests than the pool keeps. What refuses is busy, not
     * broken: it answers fast, and would attract requests for that. Where all refuse alike, as with a quota, nothing changes.
     */
    double refusals(Member member) {
        RecentAnswers own = member.load().recentAnswers();
        if (own.refused() == 0 || poolRefusedShare > ALL_REFUSED) {
            return 1;
        }
        double deviation = Math.sqrt(poolRefusedShare * (1 - poolRefusedShare) / (own.answered() + 1));
        double share = own.refused() / (own.answered() + PRIOR_ANSWERS) - CHANCE_DEVIATIONS * deviation;
        double accepted = Math.max(0, Math.min(1, (1 - share) / (1 - poolRefusedShare)));
        double kept = Math.rint(Math.pow(accepted, REFUSALS_EXPONENT) / MIN_REFUSALS_SHARE) * MIN_REFUSALS_SHARE;
        return Math.max(MIN_REFUSALS_SHARE, Math.min(1, kept));
    }

    private double slowStartShare(Member member) {
        Instant readySince = member.readySince();
        return readySince == null ? 1 : settings.slowStart().share(member.age(readySince, now));
    }
}
