/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.Topology;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The other replicas, as this one last saw them, and what each says of its own watch. They are asked themselves: what an
 * API server says that cannot be reached nobody knows, and who answers can be reached.
 */
final class Peers {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final String PORT = "http"; // of kubernetes/service.yaml

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final JsonMapper json = new JsonMapper();
    private final KubernetesClusterName cluster;

    Peers(KubernetesClusterName cluster) {
        this.cluster = cluster;
    }

    /** Returns where the replicas of a Service are asked, this one among them. */
    static List<URI> of(Topology topology, ServiceKey service) {
        ServiceView view = topology.service(service);
        if (view == null) {
            return List.of();
        }
        return view.ports().stream()
                .filter(port -> port.port().name().equals(PORT))
                .flatMap(port -> port.endpoints().stream())
                .map(Peers::uri)
                .toList();
    }

    /** Returns how long ago a replica heard from its API server; null when it does not say that it watches it. */
    @Nullable
    Duration heard(URI peer) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(peer.resolve("/debug/clusters"))
                .timeout(TIMEOUT)
                .build();
        CompletableFuture<HttpResponse<String>> asked = client.sendAsync(request, BodyHandlers.ofString());
        try {
            HttpResponse<String> response = asked.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return response.statusCode() == 200 ? heard(json.readTree(response.body())) : null;
        } catch (ExecutionException | TimeoutException | JacksonException e) {
            return null;
        } finally {
            asked.cancel(true); // the request's own time-out ends with the headers
        }
    }

    private @Nullable Duration heard(JsonNode answer) {
        for (JsonNode each : answer.path("clusters")) {
            if (each.path("name").asString("").equals(cluster.value())
                    && each.path("state").asString("").equals("synced")) {
                return Duration.ofMillis((long) (each.path("secondsSinceHeard").asDouble(Double.MAX_VALUE) * 1e3));
            }
        }
        return null;
    }

    private static URI uri(EndpointView endpoint) {
        String host = endpoint.address().indexOf(':') >= 0 ? "[" + endpoint.address() + "]" : endpoint.address();
        return URI.create("http://" + host + ":" + endpoint.port());
    }
}
