/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.OutOfRangeException;
import org.apiguardian.api.API;

/**
 * What a candidate's weight is the product of.
 *
 * @param controlPlane the weight that the control plane gives it, relative to the mean of its pool; above 0 and finite
 * @param slowStart the share of it that a pod which has just become ready gets; above 0, at most 1
 * @param errorBias the share of it that an endpoint which fails more often than its pool keeps; above 0, at most 1
 * @param refusals the share of it that an endpoint which refuses more requests than its pool keeps; above 0, at most 1
 */
@API(status = API.Status.STABLE)
public record WeightFactors(double controlPlane, double slowStart, double errorBias, double refusals) {
    /** Those of an endpoint like most. */
    static final WeightFactors FULL = new WeightFactors(1, 1, 1, 1);

    /**
     * The least weight. Products of settings that are above 0 by a hair only come to 0, and one over what is less than this to
     * infinity; neither can be divided by or drawn from.
     */
    static final double LEAST = 1e-18;

    public WeightFactors {
        requireWeight("controlPlane", controlPlane, Double.MAX_VALUE);
        requireWeight("slowStart", slowStart, 1);
        requireWeight("errorBias", errorBias, 1);
        requireWeight("refusals", refusals, 1);
    }

    private static void requireWeight(String factor, double value, double most) {
        if (!(value > 0 && value <= most)) { // NaN as well
            throw new OutOfRangeException(factor, value, most == 1 ? "> 0 and <= 1" : "> 0 and finite");
        }
    }

    static WeightFactors of(double controlPlane, double slowStart, double errorBias, double refusals) {
        return controlPlane == 1 && slowStart == 1 && errorBias == 1 && refusals == 1
                ? FULL
                : new WeightFactors(controlPlane, slowStart, errorBias, refusals);
    }

    /** Returns the share of its weight that the endpoint gets: above 0, at most 1. */
    public double share() {
        return Math.max(LEAST, slowStart * errorBias * refusals);
    }

    /** Returns the weight: finite and above 0, at least 1e-18. */
    public double product() {
        return Math.max(LEAST, controlPlane * slowStart * errorBias * refusals);
    }
}
