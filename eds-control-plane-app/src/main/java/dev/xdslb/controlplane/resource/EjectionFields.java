/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.UInt32Value;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServicePolicy;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import java.time.Duration;

/**
 * When an endpoint that fails is left out. Envoy and gRPC have rules that nobody has asked for in force as soon as the message is there,
 * and others not unless they are told; both are set so that what is said is what is done.
 */
final class EjectionFields {

    /** A failure ratio means something from two endpoints on; Envoy's and gRPC's own is 5, more than most services have pods. */
    /** What Envoy and gRPC take for the base where it is not said. */
    private static final Duration BASE_OF_OTHERS = Duration.ofSeconds(30);

    private static final int FEWEST_ENDPOINTS = 2;

    private static final int FEWEST_REQUESTS = 10; // of our client, where the Service does not say

    private static final UInt32Value NEVER = UInt32Value.of(0);
    private static final UInt32Value ALWAYS = UInt32Value.of(100);

    private EjectionFields() {}

    static void set(Cluster.Builder cluster, ServicePolicy policy, Family family) {
        Double maxShare = policy.number(PolicyKnob.EJECTION_MAX_SHARE);
        if (maxShare != null && maxShare == 0 && family != Family.XDS_LB) {
            return; // gRPC ejects one whatever the share is
        }
        OutlierDetection.Builder detection = OutlierDetection.newBuilder();
        setTimes(detection, policy, family);
        Integer failures = policy.count(PolicyKnob.EJECTION_CONSECUTIVE_FAILURES);
        if (failures != null) {
            detection.setConsecutive5Xx(UInt32Value.of(failures));
        }
        if (maxShare != null) {
            detection.setMaxEjectionPercent(percent(maxShare));
        }
        setRatio(detection, policy, family);
        if (detection.build().equals(OutlierDetection.getDefaultInstance())) {
            return;
        }
        if (family != Family.XDS_LB) {
            detection.setEnforcingSuccessRate(NEVER); // nobody has asked for it
        }
        cluster.setOutlierDetection(detection);
    }

    private static void setTimes(OutlierDetection.Builder detection, ServicePolicy policy, Family family) {
        Duration base = policy.duration(PolicyKnob.EJECTION_BASE_TIME);
        Duration max = policy.duration(PolicyKnob.EJECTION_MAX_TIME);
        if (base == null && max != null && max.compareTo(BASE_OF_OTHERS) < 0 && family != Family.XDS_LB) {
            base = max; // Envoy refuses a cluster whose longest ejection is shorter than its base, said or not
        }
        if (base != null) {
            detection.setBaseEjectionTime(Durations.of(base));
        }
        if (max != null) { // of two Kubernetes clusters, each may have said one
            detection.setMaxEjectionTime(Durations.of(base != null && base.compareTo(max) > 0 ? base : max));
        }
        Duration interval = policy.duration(PolicyKnob.EJECTION_INTERVAL);
        if (interval != null && family != Family.XDS_LB) {
            detection.setInterval(Durations.of(interval));
        }
    }

    private static void setRatio(OutlierDetection.Builder detection, ServicePolicy policy, Family family) {
        Double ratio = policy.number(PolicyKnob.EJECTION_FAILURE_RATIO);
        Integer requests = policy.count(PolicyKnob.EJECTION_MIN_REQUESTS);
        boolean isOurs = family == Family.XDS_LB;
        if (ratio == null ? requests == null || !isOurs : ratio == 1 && !isOurs) { // 1 switches the rule off
            return;
        }
        detection.setEnforcingFailurePercentage(ALWAYS);
        if (ratio != null) {
            detection.setFailurePercentageThreshold(percent(ratio));
        }
        if (requests != null || !isOurs) {
            detection.setFailurePercentageRequestVolume(UInt32Value.of(requests == null ? FEWEST_REQUESTS : requests));
        }
        if (!isOurs) {
            detection.setFailurePercentageMinimumHosts(UInt32Value.of(FEWEST_ENDPOINTS));
        }
    }

    private static UInt32Value percent(double share) {
        return UInt32Value.of(share == 0 ? 0 : (int) Math.max(1, Math.round(share * 100)));
    }
}
