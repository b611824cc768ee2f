/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import com.google.protobuf.Parser;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.xds.proto.ClusterLoadAssignment;
import dev.xdslb.xds.proto.HealthStatus;
import dev.xdslb.xds.proto.LbEndpoint;
import dev.xdslb.xds.proto.LocalityLbEndpoints;
import dev.xdslb.xds.proto.Node;
import dev.xdslb.xds.proto.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns {@code envoy.config.endpoint.v3.ClusterLoadAssignment} into endpoints, and says what is wrong with one that cannot
 * be used: a list is taken whole or not at all.
 *
 * <p>What the control plane adds under {@code filter_metadata["dev.xdslb"]} refines the picks and is never a reason to
 * refuse a list: a value that is not of the agreed form counts as unknown.
 */
final class EndpointDecoder implements ResourceDecoder<ClusterLoadAssignment, List<Endpoint>> {
    static final String METADATA_KEY = "dev.xdslb";

    /** Envoy's limit for {@code LocalityLbEndpoints.priority}. */
    private static final int MAX_PRIORITY = 128;

    /** No Service has as many pods: Kubernetes is tested up to 150,000 in a whole cluster. */
    private static final int MAX_ENDPOINTS = 100_000;

    @Override
    public String typeUrl() {
        return AdsMethods.ENDPOINTS_TYPE_URL;
    }

    @Override
    public String noun() {
        return "an endpoint list";
    }

    @Override
    public Parser<ClusterLoadAssignment> parser() {
        return ClusterLoadAssignment.parser();
    }

    @Override
    public String nameField() {
        return "cluster_name";
    }

    @Override
    public String name(ClusterLoadAssignment assignment) {
        return assignment.getClusterName();
    }

    @Override
    public int endpoints(List<Endpoint> endpoints) {
        return endpoints.size();
    }

    @Override
    public List<Endpoint> decode(ClusterLoadAssignment assignment) throws UnusableResourceException {
        long count = assignment.getEndpointsList().stream()
                .mapToLong(LocalityLbEndpoints::getLbEndpointsCount)
                .sum();
        if (count > MAX_ENDPOINTS) {
            throw new UnusableResourceException("endpoints: " + count + " (expected: at most " + MAX_ENDPOINTS + ')');
        }
        List<Endpoint> endpoints = new ArrayList<>();
        Set<InetSocketAddress> addresses = new HashSet<>();
        for (int i = 0; i < assignment.getEndpointsCount(); i++) {
            LocalityLbEndpoints group = assignment.getEndpoints(i);
            String place = "endpoints[" + i + ']';
            int priority = group.getPriority();
            if (priority < 0 || priority > MAX_PRIORITY) {
                throw new UnusableResourceException(place + ".priority: " + Integer.toUnsignedString(priority)
                        + " (expected: 0 to " + MAX_PRIORITY + ')');
            }
            Locality locality = locality(group.getLocality());
            for (int j = 0; j < group.getLbEndpointsCount(); j++) {
                Endpoint endpoint = endpoint(
                        place + ".lb_endpoints[" + j + ']', group.getLbEndpoints(j), locality, priority, addresses);
                endpoints.add(endpoint);
            }
        }
        return List.copyOf(endpoints);
    }

    private static Endpoint endpoint(
            String place, LbEndpoint source, Locality locality, int priority, Set<InetSocketAddress> addresses)
            throws UnusableResourceException {
        SocketAddress socket = source.getEndpoint().getAddress().getSocketAddress();
        String host = socket.getAddress();
        InetAddress ip = IpLiteral.parse(host);
        if (ip == null) {
            throw new UnusableResourceException(place + ".address: \"" + host + "\" (expected: an IP address)");
        }
        int port = port(place, socket);
        if (!addresses.add(new InetSocketAddress(ip, port))) {
            throw new UnusableResourceException(
                    place + ".address: " + host + " port " + port + " twice (expected: distinct addresses)");
        }
        Struct metadata = source.getMetadata().getFilterMetadataOrDefault(METADATA_KEY, Struct.getDefaultInstance());
        return Endpoint.builder(host, port)
                .locality(locality)
                .priority(priority)
                .weight(weight(place, source))
                .health(health(source.getHealthStatus()))
                .pod(text(metadata, "pod"), text(metadata, "uid"))
                .readySince(instant(text(metadata, "ready_since")))
                .shard(text(metadata, "shard"))
                .labels(labels(metadata))
                .build();
    }

    private static int port(String place, SocketAddress socket) throws UnusableResourceException {
        int port = socket.getPortValue(); // 0 where a named port was given, too
        if (port < 1 || port > 65535) {
            String given = socket.hasNamedPort()
                    ? '"' + socket.getNamedPort() + '"'
                    : Integer.toUnsignedString(socket.getPortValue());
            throw new UnusableResourceException(place + ".port: " + given + " (expected: 1 to 65535)");
        }
        return port;
    }

    private static int weight(String place, LbEndpoint source) throws UnusableResourceException {
        if (!source.hasLoadBalancingWeight()) {
            return 1;
        }
        int weight = source.getLoadBalancingWeight().getValue();
        if (weight < 1) { // above the maximum it is negative, the wire's type being unsigned
            throw new UnusableResourceException(place + ".load_balancing_weight: " + Integer.toUnsignedString(weight)
                    + " (expected: 1 to " + Integer.MAX_VALUE + ')');
        }
        return weight;
    }

    private static EndpointHealth health(HealthStatus status) {
        return switch (status) {
            case UNKNOWN, HEALTHY -> EndpointHealth.HEALTHY;
            case DEGRADED -> EndpointHealth.DEGRADED;
            case DRAINING -> EndpointHealth.DRAINING;
            // A status that is newer than this client is no promise that requests are welcome.
            case UNHEALTHY, TIMEOUT, UNRECOGNIZED -> EndpointHealth.UNHEALTHY;
        };
    }

    private static Locality locality(Node.Locality locality) {
        return new Locality(locality.getRegion(), locality.getZone(), locality.getSubZone());
    }

    private static String text(Struct metadata, String field) {
        return metadata.getFieldsOrDefault(field, Value.getDefaultInstance()).getStringValue();
    }

    private static @Nullable Instant instant(String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static Map<String, String> labels(Struct metadata) {
        Map<String, String> labels = new HashMap<>();
        metadata.getFieldsOrDefault("labels", Value.getDefaultInstance())
                .getStructValue()
                .getFieldsMap()
                .forEach((name, value) -> {
                    if (value.hasStringValue()) {
                        labels.put(name, value.getStringValue());
                    }
                });
        return labels;
    }
}
