/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterStatus.State;
import dev.xdslb.cluster.Fault;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.xds.XdsStatus;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * Whether requests can be balanced, and why not. Reads what is published, wakes nothing and waits for nothing.
 *
 * <ul>
 *   <li>{@code DOWN}: the tick is silent, so nothing is ejected or brought back any more
 *   <li>{@code OUT_OF_SERVICE}: a configured service has no endpoint that a request could go to
 *   <li>{@code UNKNOWN}: whether one has is not known yet
 *   <li>{@code UP}: otherwise, also where the control plane is away and its last endpoints are in use; the details tell
 * </ul>
 */
public final class XdsLbHealthIndicator extends AbstractHealthIndicator {
    /** Far more than a tick takes, and more than a garbage collection: a hundred ticks. */
    static final Duration SILENT_TICK = ClusterRegistry.TICK.multipliedBy(100);

    /** How many services and faults are named. */
    static final int MAX_NAMED = 100;

    private final ClusterRegistry clusters;
    private final Supplier<Set<String>> configured;
    private final InstantSource clock;

    /**
     * Makes the indicator.
     *
     * @param configured the resources of the services that the configuration names at the moment
     */
    public XdsLbHealthIndicator(ClusterRegistry clusters, Supplier<Set<String>> configured, InstantSource clock) {
        super("xds-lb: looking at its health failed");
        this.clusters = clusters;
        this.configured = configured;
        this.clock = clock;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        Collection<Cluster> awake = clusters.clusters();
        Set<String> names = configured.get();
        List<ServiceHealth> services = new ArrayList<>(awake.size());
        for (Cluster cluster : awake) {
            services.add(ServiceHealth.of(cluster, names.contains(cluster.resource())));
        }
        services.sort(Comparator.comparing(ServiceHealth::rank).thenComparing(ServiceHealth::resource));

        Duration silent = clusters.sinceTick();
        if (silent.compareTo(SILENT_TICK) > 0) {
            builder.down()
                    .withDetail(
                            "tick",
                            "was last heard from " + seconds(silent) + " ago (expected: every "
                                    + ClusterRegistry.TICK.toMillis()
                                    + " ms): something that it calls does not return; a thread dump shows it at xds-lb-tick");
        } else {
            builder.status(worst(services));
        }
        controlPlane(builder);
        Map<String, Object> shown = new LinkedHashMap<>();
        services.stream().limit(MAX_NAMED).forEach(service -> shown.put(service.resource(), service.details()));
        builder.withDetail("services", shown);
        if (services.size() > MAX_NAMED) {
            builder.withDetail("moreServices", services.size() - MAX_NAMED);
        }
        List<Fault> faults = clusters.faults();
        builder.withDetail(
                "faults",
                faults.stream()
                        .limit(MAX_NAMED)
                        .map(fault -> fault.what() + ": " + fault.error() + " (" + fault.times() + " times)")
                        .toList());
        if (faults.size() > MAX_NAMED) {
            builder.withDetail("moreFaults", faults.size() - MAX_NAMED);
        }
    }

    private static Status worst(List<ServiceHealth> services) {
        return services.isEmpty() || services.get(0).rank() >= ServiceHealth.UP_RANK
                ? Status.UP
                : services.get(0).status();
    }

    private void controlPlane(Health.Builder builder) {
        ControlPlaneState state = ControlPlaneState.of(clusters.source(), clock);
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("source", state.source());
        XdsStatus status = state.status();
        if (status != null) {
            details.put("connected", status.connected());
            details.put("since", status.since().truncatedTo(ChronoUnit.SECONDS));
            if (!status.trouble().isEmpty()) {
                details.put("trouble", status.trouble());
            }
            details.put("dataAge", seconds(state.dataAge()));
        }
        builder.withDetail("controlPlane", details);
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }

    /** One service. */
    private record ServiceHealth(
            String resource,
            boolean configured,
            Status status,
            State from,
            int endpoints,
            int outside,
            int eligible,
            String reason) {
        /** From which rank on a service does not count. */
        private static final int UP_RANK = 2;

        static ServiceHealth of(Cluster cluster, boolean configured) {
            ClusterPicker picker = cluster.picker();
            State from = picker.status().state();
            int eligible = picker.plan().eligible();
            String reason = eligible > 0
                    ? picker.status().reason()
                    : picker.explain(RequestAttributes.NONE).failure();
            int outside = picker.clientSubset().outside().size();
            int endpoints = picker.plan().known() + outside;
            Status status = eligible > 0 ? Status.UP : from == State.WAITING ? Status.UNKNOWN : Status.OUT_OF_SERVICE;
            return new ServiceHealth(
                    cluster.resource(), configured, status, from, endpoints, outside, eligible, reason);
        }

        /** The worst first; what only requests name comes last, as anybody may ask for anything. */
        int rank() {
            if (!configured) {
                return UP_RANK + 1;
            }
            return status.equals(Status.OUT_OF_SERVICE) ? 0 : status.equals(Status.UNKNOWN) ? 1 : UP_RANK;
        }

        Map<String, Object> details() {
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("status", status.getCode());
            details.put("configured", configured);
            details.put("from", from.name());
            details.put("endpoints", endpoints);
            if (outside > 0) {
                details.put("outsideTheSubset", outside);
            }
            details.put("eligible", eligible);
            if (!reason.isEmpty()) {
                details.put("reason", reason);
            }
            return details;
        }
    }
}
