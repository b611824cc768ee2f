/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.kubernetes.StatusSignals;
import dev.xdslb.controlplane.topology.ObjectId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/** What becomes of the statuses of Gateways and routes. Written by the one thread that writes them. */
final class StatusMeters implements StatusSignals {
    private final MeterRegistry registry;

    StatusMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void looked(ObjectId.Kind kind, Outcome outcome) {
        Counter.builder("xdslb.control-plane.status.writes")
                .description("Statuses of objects of the Gateway API that were to be written, by how it went")
                .tag("kind", kind.kubernetesName())
                .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                .register(registry)
                .increment();
    }
}
