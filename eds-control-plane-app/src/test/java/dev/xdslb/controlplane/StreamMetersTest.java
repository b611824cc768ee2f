/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.ads.ResourceType;
import io.grpc.Status;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StreamMetersTest {
    private static final ResourceType ENDPOINTS = new ResourceType("ENDPOINTS", "type.googleapis.com/e", false, null);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final StreamMeters meters = new StreamMeters(registry);

    @Test
    void whatHappens_isMeasuredByType() {
        meters.pushed(ENDPOINTS, 1_000);
        meters.pushed(ENDPOINTS, 500);
        meters.pushed(null, 20);
        meters.queued(ENDPOINTS, Duration.ofMillis(3));
        meters.acknowledged(ENDPOINTS, Duration.ofMillis(40));
        meters.converged(ENDPOINTS, Duration.ofMillis(90));
        meters.rejected(ENDPOINTS);
        meters.unanswered(ENDPOINTS);
        meters.stale(ENDPOINTS);
        meters.coalesced(ENDPOINTS);

        assertThat(counted("pushes", "endpoints")).isEqualTo(2);
        assertThat(counted("sent", "endpoints")).isEqualTo(1_500);
        assertThat(counted("pushes", "not-served")).isEqualTo(1);
        assertThat(counted("nacks", "endpoints")).isEqualTo(1);
        assertThat(counted("unanswered", "endpoints")).isEqualTo(1);
        assertThat(counted("nonces.stale", "endpoints")).isEqualTo(1);
        assertThat(counted("coalesced", "endpoints")).isEqualTo(1);
        assertThat(millis("queue.time")).isEqualTo(3);
        assertThat(millis("ack.time")).isEqualTo(40);
        assertThat(millis("convergence")).isEqualTo(90);
    }

    @Test
    void streams_areCounted_andTheirEndsByStatus() {
        meters.opened();
        meters.opened();
        meters.closed(Status.Code.RESOURCE_EXHAUSTED);
        meters.refused(Status.Code.UNAVAILABLE);

        assertThat(registry.get("xdslb.control-plane.streams").gauge().value()).isEqualTo(1);
        assertThat(registry.get("xdslb.control-plane.streams.ended")
                        .tag("status", "resource-exhausted")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("xdslb.control-plane.streams.refused")
                        .tag("status", "unavailable")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    /** Whoever wants a quantile over several replicas needs buckets. */
    @Test
    void convergence_isAHistogram() {
        meters.converged(ENDPOINTS, Duration.ofMillis(90));

        assertThat(registry.get("xdslb.control-plane.convergence")
                        .timer()
                        .takeSnapshot()
                        .histogramCounts())
                .filteredOn(bucket -> bucket.bucket(TimeUnit.MILLISECONDS) == 100)
                .singleElement()
                .satisfies(bucket -> assertThat(bucket.count()).isEqualTo(1));
    }

    @Test
    void everyMeter_hasTheTypeAsItsOnlyTag_andADescription() {
        meters.pushed(ENDPOINTS, 1);

        assertThat(registry.getMeters())
                .extracting(Meter::getId)
                .filteredOn(id -> id.getTag("type") != null && !id.getName().endsWith(".histogram"))
                .hasSize(9)
                .allSatisfy(id -> assertThat(id.getDescription()).isNotBlank())
                .allSatisfy(
                        id -> assertThat(id.getTags()).extracting(Tag::getKey).containsExactly("type"));
    }

    private double counted(String name, String type) {
        return registry.get("xdslb.control-plane." + name)
                .tag("type", type)
                .counter()
                .count();
    }

    private double millis(String name) {
        return registry.get("xdslb.control-plane." + name)
                .tag("type", "endpoints")
                .timer()
                .totalTime(TimeUnit.MILLISECONDS);
    }
}
