/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterStatus.State;
import dev.xdslb.xds.XdsStatus;
import dev.xdslb.xds.XdsStatus.StreamTimes;
import dev.xdslb.xds.XdsStatus.Traffic;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The meters of a process in one registry: its control plane, and what belongs to no cluster. Where the source of the endpoints is no control
 * plane, there are none of that.
 */
final class ProcessMeters implements AutoCloseable {
    private static final double MILLIS_PER_SECOND = 1e3;
    private static final long NANOS_PER_MICRO = 1_000;

    private final ClusterRegistry clusters;
    private final InstantSource clock;
    private final RegisteredMeters meters;
    private volatile Map<State, Long> states = Map.of();
    private volatile ControlPlaneState controlPlane;
    private volatile int faults;

    ProcessMeters(MeterRegistry registry, ClusterRegistry clusters, InstantSource clock, EndpointBudget budget) {
        this.clusters = clusters;
        this.clock = clock;
        this.controlPlane = ControlPlaneState.of(clusters.source(), clock);
        this.meters = new RegisteredMeters(registry, Tags.empty());
        for (State state : State.values()) {
            meters.gauge(
                    XdsLbMeter.CLUSTERS,
                    () -> states.getOrDefault(state, 0L),
                    MeterKey.STATE.asString(),
                    state.name().toLowerCase(Locale.ROOT));
        }
        meters.counter(XdsLbMeter.LEASES_ABANDONED, clusters::abandonedLeases);
        meters.counter(XdsLbMeter.FAULTS, clusters::faultCount);
        meters.gauge(XdsLbMeter.FAULTS_ACTIVE, () -> faults);
        meters.seconds(XdsLbMeter.TICK_AGE, () -> clusters.sinceTick().toMillis() / MILLIS_PER_SECOND);
        if (controlPlane.status() != null) {
            registerControlPlane();
        }
        if (budget.isAny()) {
            meters.gauge(XdsLbMeter.ENDPOINTS_UNMETERED, budget::without);
        }
    }

    private void registerControlPlane() {
        meters.gauge(XdsLbMeter.STREAM_CONNECTED, () -> {
            XdsStatus status = controlPlane.status();
            return status != null && status.connected() ? 1 : 0;
        });
        meters.counter(XdsLbMeter.STREAM_ATTEMPTS, () -> traffic(Traffic::streams));
        meters.counter(XdsLbMeter.STREAM_FAILURES, () -> times(StreamTimes::failed));
        meters.timer(
                XdsLbMeter.STREAM_ANSWER_TIME,
                () -> times(StreamTimes::answered),
                () -> times(times -> micros(times.untilAnswer())));
        meters.timer(
                XdsLbMeter.STREAM_LIFE, () -> times(StreamTimes::ended), () -> times(times -> micros(times.life())));
        String result = MeterKey.RESULT.asString();
        meters.counter(
                XdsLbMeter.UPDATES,
                () -> traffic(traffic -> traffic.responses() - traffic.rejected()),
                result,
                "accepted");
        meters.counter(XdsLbMeter.UPDATES, () -> traffic(Traffic::rejected), result, "rejected");
        meters.seconds(XdsLbMeter.CONFIG_AGE, () -> controlPlane.dataAge().toMillis() / MILLIS_PER_SECOND);
    }

    private long traffic(ToLongFunction<Traffic> counter) {
        XdsStatus status = controlPlane.status();
        return status == null ? 0 : counter.applyAsLong(status.traffic());
    }

    private long times(ToLongFunction<StreamTimes> number) {
        XdsStatus status = controlPlane.status();
        return status == null ? 0 : number.applyAsLong(status.streamTimes());
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / NANOS_PER_MICRO;
    }

    /** Looks at everything as it is now. */
    void refresh(Collection<Cluster> awake) {
        Map<State, Long> counted = new EnumMap<>(State.class);
        for (Cluster cluster : awake) {
            counted.merge(cluster.status().state(), 1L, Long::sum);
        }
        states = counted;
        controlPlane = ControlPlaneState.of(clusters.source(), clock);
        faults = clusters.faults().size();
    }

    @Override
    public void close() {
        meters.close();
    }
}
