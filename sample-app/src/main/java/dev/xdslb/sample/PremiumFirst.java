/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;

/**
 * A strategy of this application's own: pods with the label {@code tier=premium} are for requests with the header {@code
 * x-customer-tier: premium}, the other pods for the other requests. Which of its pods a request goes to is left to a
 * strategy of xds-lb. Where a tier has no pod that could be picked, its requests go to any pod.
 */
final class PremiumFirst implements LoadBalancingStrategy {
    static final String HEADER = "x-customer-tier";

    private final LoadBalancingStrategy withinTier;

    PremiumFirst(LoadBalancingStrategy withinTier) {
        this.withinTier = withinTier;
    }

    @Override
    public String name() {
        return "premium-first";
    }

    @Override
    public Picker picker(Pool pool) {
        Picker premium = pickerOf(pool.where(PremiumFirst::isPremium), pool);
        Picker standard = pickerOf(pool.where(candidate -> !isPremium(candidate)), pool);
        return Picker.deciding(request -> "premium".equals(request.header(HEADER)) ? premium : standard);
    }

    private Picker pickerOf(Pool tier, Pool all) {
        return withinTier.picker(tier.size() > 0 ? tier : all);
    }

    private static boolean isPremium(Candidate candidate) {
        return "premium".equals(candidate.endpoint().labels().get("tier"));
    }
}
