/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServicePolicy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/** What plain xDS cannot say of a policy, or not as exactly, for our own client. */
final class OurPolicy {
    static final String METADATA = "dev.xdslb";

    /** What CDS says as well as we could, or what our own client has no use for. */
    private static final Set<PolicyKnob> ELSEWHERE = EnumSet.of(
            PolicyKnob.SLOW_START,
            PolicyKnob.SLOW_START_MIN_SHARE,
            PolicyKnob.SLOW_START_AGGRESSION,
            PolicyKnob.EJECTION_CONSECUTIVE_FAILURES,
            PolicyKnob.EJECTION_FAILURE_RATIO,
            PolicyKnob.EJECTION_MIN_REQUESTS,
            PolicyKnob.EJECTION_BASE_TIME,
            PolicyKnob.EJECTION_MAX_TIME,
            PolicyKnob.EJECTION_MAX_SHARE,
            PolicyKnob.EJECTION_INTERVAL,
            PolicyKnob.PANIC_THRESHOLD);

    private OurPolicy() {}

    static Struct of(ServicePolicy policy) {
        Struct.Builder ours = Struct.newBuilder();
        policy.said().forEach((knob, value) -> {
            boolean isUseless =
                    knob == PolicyKnob.ENDPOINTS_PER_CLIENT && policy.picksByKey(); // of two clusters, one each
            if (!ELSEWHERE.contains(knob) && !isUseless) {
                ours.putFields(knob.field(), value(value));
            }
        });
        return ours.build();
    }

    private static Value value(Object value) {
        Value.Builder builder = Value.newBuilder();
        if (value instanceof Number number) {
            return builder.setNumberValue(number.doubleValue()).build();
        }
        if (value instanceof Boolean flag) {
            return builder.setBoolValue(flag).build();
        }
        if (value instanceof Duration duration) {
            return builder.setNumberValue((double) duration.toMillis()).build();
        }
        return builder.setStringValue((String) value).build();
    }
}
