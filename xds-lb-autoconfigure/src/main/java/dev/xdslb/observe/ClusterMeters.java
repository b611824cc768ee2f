/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.cluster.RequestTotals;
import dev.xdslb.load.RequestCounts;
import dev.xdslb.policy.Member;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one cluster in one registry. They read what {@link #refresh} has looked at last, so that a scrape costs the same however
 * many endpoints there are. Refreshed and closed by one thread at a time; scraped by any.
 */
final class ClusterMeters implements AutoCloseable {
    private final MeterRegistry registry;
    private final Cluster cluster;
    private final EndpointBudget budget;
    private final Tags tags;
    private final RegisteredMeters own;
    private final Map<String, RegisteredMeters> zones = new HashMap<>();
    private final Map<EndpointMeters.Identity, EndpointMeters> endpoints = new HashMap<>();
    private volatile RequestTotals totals;
    private volatile Census census;
    private volatile long ejections;
    private volatile boolean panic;

    ClusterMeters(MeterRegistry registry, Cluster cluster, EndpointBudget budget) {
        this.registry = registry;
        this.cluster = cluster;
        this.budget = budget;
        this.tags = Tags.of(MeterKey.CLUSTER.asString(), cluster.resource());
        this.totals = cluster.picker().totals();
        this.census = Census.of(cluster.picker());
        this.own = new RegisteredMeters(registry, tags);
        try {
            register();
        } catch (Throwable e) { // a registry that is full, say: it is tried again, from the beginning
            own.close();
            throw e;
        }
    }

    private void register() {
        outcomes(own, XdsLbMeter.REQUESTS, () -> totals.ended());
        own.gauge(XdsLbMeter.REQUESTS_ACTIVE, () -> totals.inFlight());
        own.timer(
                XdsLbMeter.RESPONSE_TIME,
                () -> totals.ended().timed(),
                () -> totals.ended().timedMicros());
        String reason = MeterKey.REASON.asString();
        own.counter(XdsLbMeter.PICKS_FAILED, () -> totals.withoutEndpoint(), reason, "no-endpoint");
        own.counter(XdsLbMeter.PICKS_FAILED, () -> totals.beyondLimit(), reason, "limit");
        own.counter(XdsLbMeter.PICKS_FAILED, () -> totals.failedStrategy(), reason, "strategy");
        String result = MeterKey.RESULT.asString();
        own.counter(XdsLbMeter.RETRIES, () -> cluster.retryBudget().retries(), result, "sent");
        own.counter(XdsLbMeter.RETRIES, () -> cluster.retryBudget().refused(), result, "refused");
        own.counter(XdsLbMeter.EJECTIONS, () -> ejections);
        own.gauge(XdsLbMeter.PANIC, () -> panic ? 1 : 0);
    }

    /** Registers a counter for each outcome. */
    static void outcomes(RegisteredMeters meters, XdsLbMeter meter, Supplier<RequestCounts> counts) {
        String outcome = MeterKey.OUTCOME.asString();
        meters.counter(meter, () -> counts.get().succeeded(), outcome, "success");
        meters.counter(meter, () -> counts.get().failed(), outcome, "failure");
        meters.counter(meter, () -> counts.get().refused(), outcome, "refused");
        meters.counter(meter, () -> counts.get().cancelled(), outcome, "cancelled");
    }

    /** Looks at the cluster as it is now. */
    void refresh() {
        ClusterPicker picker = cluster.picker();
        totals = picker.totals();
        ejections = picker.plan().ejections();
        panic = picker.plan().isPanic();
        Census present = Census.of(picker);
        census = present;
        zones.entrySet().removeIf(zone -> {
            boolean gone = !present.zones().containsKey(zone.getKey());
            if (gone) {
                zone.getValue().close();
            }
            return gone;
        });
        present.zones().keySet().forEach(zone -> zones.computeIfAbsent(zone, this::zone));
        if (budget.isAny()) {
            refreshEndpoints(picker);
        }
    }

    private RegisteredMeters zone(String zone) {
        RegisteredMeters meters =
                new RegisteredMeters(registry, tags.and(MeterKey.ZONE.asString(), MeterKey.valueOrNone(zone)));
        for (Standing standing : Standing.values()) {
            meters.gauge(
                    XdsLbMeter.ENDPOINTS,
                    () -> census.count(zone, standing),
                    MeterKey.STATE.asString(),
                    standing.word());
        }
        return meters;
    }

    /** Those that have gone make room first: one that comes may have their address. */
    private void refreshEndpoints(ClusterPicker picker) {
        Map<EndpointMeters.Identity, Member> present = new HashMap<>();
        for (Member member : picker.members()) {
            present.put(EndpointMeters.Identity.of(member.endpoint()), member);
        }
        Set<EndpointMeters.Identity> gone = new HashSet<>();
        endpoints.forEach((identity, meters) -> {
            Member member = present.get(identity);
            if (member == null || member.load() != meters.load()) {
                gone.add(identity);
            }
        });
        gone.forEach(identity -> close(endpoints.remove(identity)));
        int without = 0;
        for (Map.Entry<EndpointMeters.Identity, Member> entry : present.entrySet()) {
            if (!endpoints.containsKey(entry.getKey())) {
                if (budget.take()) {
                    endpoints.put(
                            entry.getKey(),
                            new EndpointMeters(
                                    registry,
                                    tags,
                                    entry.getKey(),
                                    entry.getValue().load()));
                } else {
                    without++;
                }
            }
        }
        budget.without(this, without);
    }

    private void close(@Nullable EndpointMeters meters) {
        if (meters != null) {
            meters.close();
            budget.giveBack();
        }
    }

    @Override
    public void close() {
        own.close();
        zones.values().forEach(RegisteredMeters::close);
        zones.clear();
        endpoints.values().forEach(this::close);
        endpoints.clear();
        budget.without(this, 0);
    }
}
