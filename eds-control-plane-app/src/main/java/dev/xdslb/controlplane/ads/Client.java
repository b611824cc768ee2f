/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import com.google.protobuf.Value;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.type.v3.SemanticVersion;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a stream, as its first request says.
 *
 * @param nodeId never empty
 * @param userAgent as sent, for people
 * @param said where it says that it runs; the variant completes that
 */
record Client(String nodeId, String userAgent, ClientVariant variant, ClientPlace said) {
    /** Before, Envoy refuses routes whose hosts come over ADS, too (envoyproxy/envoy#42812). */
    private static final int PARTS_SINCE_MAJOR = 1;

    private static final int PARTS_SINCE_MINOR = 37;

    private static final String GRPC_AGENT_PREFIX = "grpc"; // "gRPC Java", "grpc-c", "grpc-node", …

    /** Returns what is wrong with what a node says of itself, for the client; null when nothing is. */
    static @Nullable String problem(Node node) {
        if (node.getId().isEmpty()) {
            return "the first request has no node.id (expected: a name that is unique among the clients)";
        }
        Map<String, String> kept = Map.of(
                "node.id", node.getId(),
                "node.user_agent_name", node.getUserAgentName(),
                "node.locality.region", node.getLocality().getRegion(),
                "node.locality.zone", node.getLocality().getZone(),
                "node.metadata.namespace", metadata(node, "namespace"),
                "node.metadata.pod", metadata(node, "pod"),
                "node.metadata.service", metadata(node, "service"),
                "node.metadata.gateway", metadata(node, "gateway"),
                "node.cluster", node.getCluster());
        for (Map.Entry<String, String> field : kept.entrySet()) {
            if (ClientText.isTooLong(field.getValue())) {
                return field.getKey() + " has " + field.getValue().length() + " characters (expected: at most "
                        + ClientText.MAX_CHARS + "): " + ClientText.shown(field.getValue());
            }
        }
        return null;
    }

    /** Returns the client that a node describes; the store knows the place of a pod that does not know it itself. */
    static Client of(Node node, ResourceStore store) {
        return of(node, store, Set.of());
    }

    /** Returns the same, for one that has shown a certificate with these names, on a stream of one type. */
    static Client of(Node node, ResourceStore store, Set<String> certifiedNames) {
        return of(node, store, certifiedNames, false);
    }

    /**
     * Returns the same.
     *
     * @param parts whether what the stream speaks can say which parts of a resource change: the incremental protocol, for all types
     */
    static Client of(Node node, ResourceStore store, Set<String> certifiedNames, boolean parts) {
        String agent = node.getUserAgentName();
        Family family = switch (agent) {
            case "xds-lb" -> Family.XDS_LB;
            case "envoy" -> Family.ENVOY;
            default -> Family.GRPC;
        };
        String namespace = metadata(node, "namespace");
        String pod = metadata(node, "pod");
        ClientPlace said = new ClientPlace(
                node.getLocality().getRegion(), node.getLocality().getZone());
        ClientPlace place = pod.isEmpty() ? said : said.or(store.placeOf(namespace, pod));
        return new Client(
                node.getId(),
                agent,
                new ClientVariant(
                        family,
                        namespace,
                        place,
                        pod,
                        metadata(node, "service"),
                        gateway(node, family),
                        certifiedNames,
                        parts && family == Family.ENVOY && takesParts(node)),
                said);
    }

    /** Returns this client as one that is given every resource whole. */
    Client withoutParts() {
        return new Client(nodeId, userAgent, variant.withoutParts(), said);
    }

    /** Returns this client at the place where its pod is now; this one where that is unknown, or the same. */
    Client at(ClientPlace known) {
        ClientPlace place = said.or(known);
        return known.equals(ClientPlace.UNKNOWN) || place.equals(variant.place())
                ? this
                : new Client(nodeId, userAgent, variant.at(place), said);
    }

    /**
     * Whether an empty list in the first request means "everything". gRPC clients name what they want, and send an
     * empty list when they want nothing any more; whoever says nothing of itself is taken at the protocol's word.
     */
    boolean emptyMeansWildcard() {
        return !userAgent.regionMatches(true, 0, GRPC_AGENT_PREFIX, 0, GRPC_AGENT_PREFIX.length());
    }

    /** An Envoy that says nothing in its metadata may do so by the name of its own cluster, which has a slash then. */
    private static String gateway(Node node, Family family) {
        if (family != Family.ENVOY) {
            return "";
        }
        String said = metadata(node, "gateway");
        return said.isEmpty() && node.getCluster().contains("/") ? node.getCluster() : said;
    }

    private static boolean takesParts(Node node) {
        SemanticVersion version = node.getUserAgentBuildVersion().getVersion();
        return version.getMajorNumber() > PARTS_SINCE_MAJOR
                || (version.getMajorNumber() == PARTS_SINCE_MAJOR && version.getMinorNumber() >= PARTS_SINCE_MINOR);
    }

    private static String metadata(Node node, String name) {
        return node.getMetadata()
                .getFieldsOrDefault(name, Value.getDefaultInstance())
                .getStringValue();
    }
}
