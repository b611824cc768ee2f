/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.fault.Pulse;
import dev.xdslb.controlplane.topology.TopologySource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ThreadsHealthIndicatorTest {
    private final AtomicLong nanos = new AtomicLong();
    private final Faults faults = new Faults(InstantSource.system(), nanos::get);
    private final ThreadsHealthIndicator indicator =
            new ThreadsHealthIndicator(faults, new SourceThatCannotBeReached());

    /** So that it is restarted. What a restart does not mend is not said here. */
    @Test
    void threadThatHangs_isDown_andASourceThatCannotBeReachedIsNot() {
        Pulse pulse = faults.pulse("worker");
        assertThat(indicator.health().getStatus()).isEqualTo(org.springframework.boot.health.contributor.Status.UP);

        nanos.addAndGet(Duration.ofHours(1).toNanos());

        assertThat(indicator.health().getStatus()).isEqualTo(org.springframework.boot.health.contributor.Status.DOWN);
        assertThat(indicator.health().getDetails().get("threads")).asString().contains("worker");
        pulse.beat();
        assertThat(indicator.health().getStatus()).isEqualTo(org.springframework.boot.health.contributor.Status.UP);
    }

    private static final class SourceThatCannotBeReached implements TopologySource {
        @Override
        public void start() {}

        @Override
        public Status status() {
            return new Status("an API server", "cannot be reached");
        }

        @Override
        public void close() {}
    }
}
