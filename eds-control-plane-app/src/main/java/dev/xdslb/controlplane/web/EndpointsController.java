/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.web;

import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.SkippedObject;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologySource;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What is served at the moment, and what is not and why. */
@RestController
final class EndpointsController {

    private final Topology topology;
    private final TopologySource source;

    EndpointsController(Topology topology, TopologySource source) {
        this.topology = topology;
        this.source = source;
    }

    /** The answer of {@code /debug/endpoints}. */
    record Endpoints(
            String source,
            boolean synced,
            String problem,
            List<ServiceEndpoints> services,
            List<SkippedObject> skipped) {}

    /**
     * A service.
     *
     * @param policy what its annotations say and is served, by their names; durations as ISO 8601 has them
     */
    record ServiceEndpoints(
            String service, String externalName, Map<String, String> policy, List<PortEndpoints> ports) {}

    record PortEndpoints(String resource, int port, String name, List<DebugEndpoint> endpoints) {}

    record DebugEndpoint(
            String address,
            String health,
            String region,
            String zone,
            String pod,
            String uid,
            int weight,
            String shard,
            @Nullable Instant readySince,
            Map<String, String> labels,
            String kubernetesCluster) {}

    /**
     * Answers for all services, or for one.
     *
     * @param service {@code name.namespace}, or a name that is looked for in all namespaces
     */
    @GetMapping("/debug/endpoints")
    Endpoints endpoints(@RequestParam(required = false) @Nullable String service) {
        TopologySource.Status status = source.status();
        List<ServiceEndpoints> services = topology.services().stream()
                .filter(view -> service == null || matches(view.key(), service))
                .sorted(Comparator.comparing(ServiceView::key))
                .map(EndpointsController::service)
                .toList();
        return new Endpoints(status.source(), topology.isSynced(), status.problem(), services, topology.skipped());
    }

    private static boolean matches(ServiceKey key, String service) {
        return service.equals(key.toString()) || service.equals(key.name());
    }

    private static ServiceEndpoints service(ServiceView view) {
        List<PortEndpoints> ports = view.ports().stream()
                .map(port -> new PortEndpoints(
                        view.key() + ":" + port.port().number(),
                        port.port().number(),
                        port.port().name(),
                        port.endpoints().stream()
                                .map(EndpointsController::endpoint)
                                .toList()))
                .toList();
        return new ServiceEndpoints(view.key().toString(), view.externalName(), policy(view.policy()), ports);
    }

    private static Map<String, String> policy(ServicePolicy policy) {
        Map<String, String> said = new TreeMap<>();
        policy.said().forEach((knob, value) -> said.put(knob.annotation(), value.toString()));
        return said;
    }

    private static DebugEndpoint endpoint(EndpointView endpoint) {
        String host = endpoint.address().indexOf(':') >= 0 ? "[" + endpoint.address() + "]" : endpoint.address();
        return new DebugEndpoint(
                host + ":" + endpoint.port(),
                endpoint.health().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                endpoint.region(),
                endpoint.zone(),
                endpoint.podName(),
                endpoint.podUid(),
                endpoint.weight(),
                endpoint.shard(),
                endpoint.readySince(),
                endpoint.labels(),
                endpoint.cluster().value());
    }
}
