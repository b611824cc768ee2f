/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodReadinessGate;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the conditions of a Pod say of its readiness, and who says so. A kubelet makes {@code Ready} of {@code ContainersReady} and the
 * readiness gates. The node lifecycle controller, which marks the pods of a Node of which nothing is heard, changes
 * {@code Ready} alone: then the other ones are still the kubelet's last word.
 *
 * @param readySince since when it is ready by its kubelet's word; null when it is not, or the time is unknown
 * @param unheardSince since when it is marked; null when it is not
 */
record PodReadiness(@Nullable Instant readySince, @Nullable Instant unheardSince) {
    private static final PodReadiness NONE = new PodReadiness(null, null);

    private static final String READY = "Ready";
    private static final String CONTAINERS_READY = "ContainersReady";
    private static final String TRUE = "True";

    static PodReadiness of(Pod pod) {
        Map<String, PodCondition> conditions = new HashMap<>();
        if (pod.getStatus() != null) {
            List<PodCondition> said = pod.getStatus().getConditions();
            (said == null ? List.<PodCondition>of() : said).forEach(each -> conditions.put(each.getType(), each));
        }
        PodCondition ready = conditions.get(READY);
        if (ready == null) {
            return NONE;
        }
        Instant since = KubernetesTime.parse(ready.getLastTransitionTime());
        if (isTrue(ready)) {
            return new PodReadiness(since, null);
        }
        PodCondition containers = conditions.get(CONTAINERS_READY);
        if (containers == null
                || !isTrue(containers)
                || pod.getMetadata().getDeletionTimestamp() != null
                || !gates(pod).stream().allMatch(gate -> isTrue(conditions.get(gate.getConditionType())))) {
            return NONE;
        }
        Instant readySince = gates(pod).stream()
                .map(gate -> conditions.get(gate.getConditionType()))
                .map(gate -> gate == null ? null : KubernetesTime.parse(gate.getLastTransitionTime()))
                .filter(Objects::nonNull)
                .reduce(KubernetesTime.parse(containers.getLastTransitionTime()), PodReadiness::later);
        return new PodReadiness(readySince, since);
    }

    private static List<PodReadinessGate> gates(Pod pod) {
        List<PodReadinessGate> gates =
                pod.getSpec() == null ? null : pod.getSpec().getReadinessGates();
        return gates == null ? List.of() : gates;
    }

    private static boolean isTrue(@Nullable PodCondition condition) {
        return condition != null && TRUE.equals(condition.getStatus());
    }

    private static @Nullable Instant later(@Nullable Instant a, @Nullable Instant b) {
        return a == null || (b != null && b.isAfter(a)) ? b : a;
    }
}
