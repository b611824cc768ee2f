/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.topology.TopologySource;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Down when a thread has ended that should not, or has not been heard from for a minute. Part of liveness: nothing but a restart brings it
 * back. What a restart does not mend, such as an API server that does not answer, is no part of it.
 */
final class ThreadsHealthIndicator implements HealthIndicator {
    private final Faults faults;
    private final TopologySource source;

    ThreadsHealthIndicator(Faults faults, TopologySource source) {
        this.faults = faults;
        this.source = source;
    }

    @Override
    public Health health() {
        List<String> silent = new ArrayList<>(faults.silent());
        silent.addAll(source.ended());
        return silent.isEmpty()
                ? Health.up().build()
                : Health.down().withDetail("threads", silent).build();
    }
}
