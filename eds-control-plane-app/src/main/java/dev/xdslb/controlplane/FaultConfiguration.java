/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What fails in the control plane, for readiness and the meters. */
@Configuration(proxyBeanMethods = false)
class FaultConfiguration {

    @Bean
    Faults faults() {
        return new Faults();
    }

    @Bean
    MeterBinder faultMeters(Faults faults) {
        return registry -> {
            faults.observe(
                    boundary -> FunctionCounter.builder("xdslb.control-plane.faults", boundary, FaultBoundary::count)
                            .description("What was thrown where it ended nothing but the work that threw it")
                            .tag("place", boundary.place())
                            .register(registry));
            Gauge.builder(
                            "xdslb.control-plane.silent-threads",
                            faults,
                            all -> all.silent().size())
                    .description("Threads that have ended or hang; the control plane is not ready")
                    .register(registry);
        };
    }
}
