/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.RequestCounts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;

/** The meters of one endpoint of a cluster, for as long as it is one. They count from its first request on, whichever cluster it came by. */
final class EndpointMeters implements AutoCloseable {
    private static final double NANOS_PER_SECOND = 1e9;

    private final EndpointLoad load;
    private final RegisteredMeters meters;

    EndpointMeters(MeterRegistry registry, Tags cluster, Identity identity, EndpointLoad load) {
        this.load = load;
        this.meters = new RegisteredMeters(registry, cluster.and(identity.tags()));
        ClusterMeters.outcomes(meters, XdsLbMeter.ENDPOINT_REQUESTS, this::counts);
        meters.gauge(XdsLbMeter.ENDPOINT_REQUESTS_ACTIVE, load::inFlight);
        meters.seconds(XdsLbMeter.ENDPOINT_COST, () -> load.costNanos() / NANOS_PER_SECOND);
    }

    private RequestCounts counts() {
        return load.counts();
    }

    EndpointLoad load() {
        return load;
    }

    @Override
    public void close() {
        meters.close();
    }

    /** What a registry tells an endpoint of a cluster apart by. */
    record Identity(String zone, String pod, String address) {
        static Identity of(Endpoint endpoint) {
            return new Identity(
                    MeterKey.valueOrNone(endpoint.locality().zone()),
                    MeterKey.valueOrNone(endpoint.podName()),
                    endpoint.address());
        }

        private Tags tags() {
            return Tags.of(
                    MeterKey.ZONE.asString(), zone,
                    MeterKey.POD.asString(), pod,
                    MeterKey.ENDPOINT.asString(), address);
        }
    }
}
