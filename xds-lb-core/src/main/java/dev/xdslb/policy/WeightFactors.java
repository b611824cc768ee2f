/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

/**
 * What a candidate's weight is the product of.
 *
 * @param controlPlane the weight that the control plane gives it, relative to the mean of its pool; above 0
 * @param slowStart the share of it that a pod which has just become ready gets; above 0, at most 1
 * @param errorBias the share of it that an endpoint which fails more often than its pool keeps; above 0, at most 1
 * @param refusals the share of it that an endpoint which refuses more requests than its pool keeps; above 0, at most 1
 */
public record WeightFactors(double controlPlane, double slowStart, double errorBias, double refusals) {
    /** Those of an endpoint like most. */
    static final WeightFactors FULL = new WeightFactors(1, 1, 1, 1);

    static WeightFactors of(double controlPlane, double slowStart, double errorBias, double refusals) {
        return controlPlane == 1 && slowStart == 1 && errorBias == 1 && refusals == 1
                ? FULL
                : new WeightFactors(controlPlane, slowStart, errorBias, refusals);
    }

    /** Returns the weight. */
    public double product() {
        return controlPlane * slowStart * errorBias * refusals;
    }
}
