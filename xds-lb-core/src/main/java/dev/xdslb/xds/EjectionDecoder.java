/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.ServicePolicy.Ejection;
import dev.xdslb.xds.proto.OutlierDetection;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads {@code outlier_detection}. A rule that the control plane does not have enforced says nothing. */
final class EjectionDecoder {
    private static final String PLACE = "outlier_detection.";

    private EjectionDecoder() {}

    /**
     * Decodes.
     *
     * @param notObeyed told what is not obeyed
     */
    static Ejection decode(OutlierDetection detection, OurFields ours, List<String> notObeyed)
            throws UnusableResourceException {
        Duration base = detection.hasBaseEjectionTime()
                ? Ranges.duration(PLACE + "base_ejection_time", detection.getBaseEjectionTime(), false)
                : null;
        Duration max = detection.hasMaxEjectionTime()
                ? Ranges.duration(PLACE + "max_ejection_time", detection.getMaxEjectionTime(), false)
                : null;
        if (base != null && max != null && max.compareTo(base) < 0) {
            throw new UnusableResourceException(
                    PLACE + "max_ejection_time: " + max + " (expected: at least base_ejection_time, " + base + ')');
        }
        boolean byRatio = isRatioEnforced(detection, notObeyed);
        return new Ejection(
                consecutiveFailures(detection, notObeyed),
                byRatio && detection.hasFailurePercentageThreshold()
                        ? Ranges.share(
                                PLACE + "failure_percentage_threshold",
                                (double) Integer.toUnsignedLong(detection
                                        .getFailurePercentageThreshold()
                                        .getValue()),
                                false)
                        : null,
                byRatio && detection.hasFailurePercentageRequestVolume()
                        ? Ranges.count(
                                PLACE + "failure_percentage_request_volume",
                                detection.getFailurePercentageRequestVolume().getValue(),
                                Integer.MAX_VALUE)
                        : null,
                base,
                max,
                detection.hasMaxEjectionPercent()
                        ? Ranges.share(
                                PLACE + "max_ejection_percent",
                                (double) Integer.toUnsignedLong(
                                        detection.getMaxEjectionPercent().getValue()),
                                true)
                        : null,
                ours.number("ejection_probe_budget"),
                ours.flag("ejection_tcp_health_check"));
    }

    private static @Nullable Integer consecutiveFailures(OutlierDetection detection, List<String> notObeyed)
            throws UnusableResourceException {
        if (detection.hasEnforcingConsecutive5Xx()
                && detection.getEnforcingConsecutive5Xx().getValue() == 0) {
            notObeyed.add(PLACE + "enforcing_consecutive_5xx 0");
            return null;
        }
        return detection.hasConsecutive5Xx()
                ? Ranges.count(
                        PLACE + "consecutive_5xx", detection.getConsecutive5Xx().getValue(), Integer.MAX_VALUE)
                : null;
    }

    /** Unless it is said, it is not (Envoy: {@code enforcing_failure_percentage} defaults to 0). */
    private static boolean isRatioEnforced(OutlierDetection detection, List<String> notObeyed) {
        if (detection.getEnforcingFailurePercentage().getValue() != 0) {
            return true;
        }
        if (detection.hasFailurePercentageThreshold() || detection.hasFailurePercentageRequestVolume()) {
            notObeyed.add(PLACE + "failure_percentage_threshold without enforcing_failure_percentage");
        }
        return false;
    }
}
