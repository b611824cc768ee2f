/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.ZoneKey;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a port as a ClusterLoadAssignment that Envoy and gRPC of every language accept: a locality is always
 * set and has a weight, no locality and no address occurs twice, addresses are IP addresses.
 */
final class EndpointsTranslation {

    /** What plain xDS cannot say, for our own client. */
    private static final String OUR_METADATA = "dev.xdslb";

    /** Where Envoy looks for subsets. */
    private static final String ENVOY_METADATA = "envoy.lb";

    private static final String SHARD = "shard";

    /** The fields of every map's entries. */
    private static final int ENTRY_KEY = 1;

    private static final int ENTRY_VALUE = 2;

    private static final int BYTES_PER_ENDPOINT = 200; // about, without labels

    private EndpointsTranslation() {}

    /**
     * Returns the bytes of a {@link ClusterLoadAssignment}, as protobuf writes it with the keys of maps in order: every change of an
     * endpoint costs the encoding of all, which by protobuf's builders is more than sending it to fifty clients.
     *
     * @param all whether endpoints that must not get requests are included. In panic Envoy ignores health, so it must
     *     not know them; our client wants to know how much capacity exists
     * @param near whose endpoints come before others: those of its node, then those of its region; empty where all are
     *     alike
     * @param oneRing whether all endpoints of a priority are one locality, whatever their zones are
     * @param zoneWeights how the requests to the nearest endpoints that are not on the own Node are divided among their zones,
     *     by zone; what is not in it weighs what its endpoints weigh that are ready
     */
    static ByteString encode(
            String name,
            List<EndpointView> endpoints,
            boolean all,
            ClientPlace near,
            boolean oneRing,
            Map<ZoneKey, Integer> zoneWeights) {
        return encode(name, endpoints, all, near, oneRing, zoneWeights, null, 0);
    }

    /**
     * Returns the same.
     *
     * @param shared where the endpoints of each zone are taken from; null where they are not those of the zone, or not as they are
     * @param port the port that has these endpoints
     */
    static ByteString encode(
            String name,
            List<EndpointView> endpoints,
            boolean all,
            ClientPlace near,
            boolean oneRing,
            Map<ZoneKey, Integer> zoneWeights,
            SharedBlocks.@Nullable Use shared,
            int port) {
        SortedMap<Place, List<EndpointView>> localities = new TreeMap<>(Place.ORDER);
        for (EndpointView endpoint : endpoints) {
            if (all || isKnownToEveryone(endpoint)) {
                Place place = Place.of(endpoint, near);
                localities
                        .computeIfAbsent(oneRing ? place.ofAllZones(near) : place, missing -> new ArrayList<>())
                        .add(endpoint);
            }
        }
        // Priorities have no gaps: where nothing is near, what is next is of the first.
        List<Integer> distances = localities.keySet().stream()
                .map(Place::distance)
                .distinct()
                .sorted()
                .toList();
        ByteString written = ByteString.EMPTY;
        List<Map.Entry<Place, List<EndpointView>>> fromTheLast = new ArrayList<>(localities.entrySet());
        Collections.reverse(fromTheLast);
        for (Map.Entry<Place, List<EndpointView>> locality : fromTheLast) {
            Place place = locality.getKey();
            List<EndpointView> members = locality.getValue();
            boolean isDivided = place.distance() == Place.NEAR && !zoneWeights.isEmpty();
            Integer given = isDivided ? zoneWeights.get(new ZoneKey(place.region(), place.zone())) : null;
            ToIntFunction<EndpointView> weights =
                    oneRing && isDivided ? RingWeights.of(members, zoneWeights) : EndpointView::weight;
            long weight = oneRing ? 1 : Math.max(1, given == null ? readyWeight(members) : given);
            ByteString block = shared == null
                    ? block(members, weights)
                    : shared.of(
                            new SharedBlocks.Key(port, all, place.region(), place.zone()),
                            () -> block(members, weights));
            written = locality(place, block, weight, distances.indexOf(place.distance()))
                    .concat(written);
        }
        BackwardsWriter head = new BackwardsWriter(name.length());
        head.textIfAny(ClusterLoadAssignment.CLUSTER_NAME_FIELD_NUMBER, name);
        return head.written().concat(written);
    }

    /** Returns the field of a locality with endpoints that are written already. */
    private static ByteString locality(Place place, ByteString endpoints, long weight, int priority) {
        BackwardsWriter behind = new BackwardsWriter(16);
        if (priority > 0) {
            behind.unsigned(LocalityLbEndpoints.PRIORITY_FIELD_NUMBER, priority);
        }
        int weightEnd = behind.end();
        behind.unsigned(
                UInt32Value.VALUE_FIELD_NUMBER, (int) weight); // an unsigned number of 32 bits travels in an int
        behind.message(LocalityLbEndpoints.LOAD_BALANCING_WEIGHT_FIELD_NUMBER, weightEnd);
        ByteString last = behind.written();
        BackwardsWriter before = new BackwardsWriter(64);
        before.textIfAny(Locality.SUB_ZONE_FIELD_NUMBER, place.subZone());
        before.textIfAny(Locality.ZONE_FIELD_NUMBER, place.zone());
        before.textIfAny(Locality.REGION_FIELD_NUMBER, place.region());
        before.message(LocalityLbEndpoints.LOCALITY_FIELD_NUMBER, 0);
        before.messageOf(ClusterLoadAssignment.ENDPOINTS_FIELD_NUMBER, before.end() + endpoints.size() + last.size());
        return before.written().concat(endpoints).concat(last);
    }

    /** Returns the fields of the endpoints of a locality. */
    private static ByteString block(List<EndpointView> endpoints, ToIntFunction<EndpointView> weights) {
        BackwardsWriter out = new BackwardsWriter(endpoints.size() * BYTES_PER_ENDPOINT);
        for (int i = endpoints.size() - 1; i >= 0; i--) {
            write(endpoints.get(i), weights.applyAsInt(endpoints.get(i)), out);
        }
        return out.written();
    }

    /** Clients that balance over localities send nothing to the others, so these weigh nothing. */
    private static long readyWeight(List<EndpointView> endpoints) {
        long weight = 0;
        for (EndpointView endpoint : endpoints) {
            if (endpoint.health() == EndpointView.Health.READY) {
                weight += endpoint.weight();
            }
        }
        return weight;
    }

    /**
     * A locality. Some clients know no locality twice, so the endpoints of the own node are one of their own, a part of
     * the zone.
     *
     * @param subZone the own node, empty for all other ones
     */
    private record Place(String region, String zone, String subZone, int distance) {
        /** In the own region, where there is one. */
        static final int NEAR = 1;

        static final Comparator<Place> ORDER =
                Comparator.comparing(Place::region).thenComparing(Place::zone).thenComparing(Place::subZone);

        static Place of(EndpointView endpoint, ClientPlace near) {
            boolean sameNode = !near.node().isEmpty() && endpoint.isOn(near.kubernetesCluster(), near.node());
            boolean sameRegion = near.region().isEmpty() || near.region().equals(endpoint.region());
            return new Place(
                    endpoint.region(),
                    endpoint.zone(),
                    sameNode ? near.node() : "",
                    sameNode ? 0 : sameRegion ? NEAR : 2);
        }

        /** Returns the locality of all that are as near as this; those of different distances have different names. */
        Place ofAllZones(ClientPlace near) {
            return new Place(distance == NEAR ? near.region() : "", "", subZone, distance);
        }
    }

    private static boolean isKnownToEveryone(EndpointView endpoint) {
        return switch (endpoint.health()) {
            case READY, DRAINING -> true;
            case NOT_READY, STOPPING -> false;
        };
    }

    private static void write(EndpointView endpoint, int weight, BackwardsWriter out) {
        int end = out.end();
        out.unsigned(UInt32Value.VALUE_FIELD_NUMBER, weight);
        out.message(LbEndpoint.LOAD_BALANCING_WEIGHT_FIELD_NUMBER, end);
        int metadata = out.end();
        writeMetadata(endpoint, out);
        if (out.end() > metadata) {
            out.message(LbEndpoint.METADATA_FIELD_NUMBER, metadata);
        }
        out.unsigned(LbEndpoint.HEALTH_STATUS_FIELD_NUMBER, health(endpoint).getNumber());
        int address = out.end();
        out.unsigned(SocketAddress.PORT_VALUE_FIELD_NUMBER, endpoint.port());
        out.text(SocketAddress.ADDRESS_FIELD_NUMBER, endpoint.address());
        out.message(Address.SOCKET_ADDRESS_FIELD_NUMBER, address);
        out.message(Endpoint.ADDRESS_FIELD_NUMBER, address);
        out.message(LbEndpoint.ENDPOINT_FIELD_NUMBER, address);
        out.message(LocalityLbEndpoints.LB_ENDPOINTS_FIELD_NUMBER, end);
    }

    private static HealthStatus health(EndpointView endpoint) {
        return switch (endpoint.health()) {
            case READY -> HealthStatus.HEALTHY;
            case NOT_READY -> HealthStatus.UNHEALTHY;
            case DRAINING, STOPPING -> HealthStatus.DRAINING;
        };
    }

    /** Maps have no order of their own; here it is that of their keys, so that every replica makes the same bytes. */
    private static void writeMetadata(EndpointView endpoint, BackwardsWriter out) {
        SortedMap<String, String> forEnvoy = new TreeMap<>();
        endpoint.labels().forEach((key, value) -> put(forEnvoy, key, value));
        if (!endpoint.labels().containsKey(SHARD)
                || endpoint.labels().get(SHARD).isEmpty()) {
            put(forEnvoy, SHARD, endpoint.shard());
        }
        int end = out.end();
        if (!forEnvoy.isEmpty()) {
            writeTexts(forEnvoy, out);
            entry(ENVOY_METADATA, Metadata.FILTER_METADATA_FIELD_NUMBER, end, out);
        }
        end = out.end();
        writeOurs(endpoint, out);
        if (out.end() > end) {
            entry(OUR_METADATA, Metadata.FILTER_METADATA_FIELD_NUMBER, end, out);
        }
    }

    /** The fields in the order of their names, from the last: uid, shard, ready_since, pod, labels. */
    private static void writeOurs(EndpointView endpoint, BackwardsWriter out) {
        writeText("uid", endpoint.podUid(), out);
        writeText(SHARD, endpoint.shard(), out);
        if (endpoint.readySince() != null) {
            writeText("ready_since", DateTimeFormatter.ISO_INSTANT.format(endpoint.readySince()), out);
        }
        writeText("pod", endpoint.podName(), out);
        if (!endpoint.labels().isEmpty()) {
            SortedMap<String, String> labels = new TreeMap<>();
            endpoint.labels().forEach((key, value) -> put(labels, key, value));
            int end = out.end();
            writeTexts(labels, out);
            out.message(Value.STRUCT_VALUE_FIELD_NUMBER, end);
            entry("labels", Struct.FIELDS_FIELD_NUMBER, end, out);
        }
    }

    private static void put(Map<String, String> texts, String key, String value) {
        if (!value.isEmpty()) {
            texts.put(key, value);
        }
    }

    /** Writes the fields of a struct. */
    private static void writeTexts(SortedMap<String, String> texts, BackwardsWriter out) {
        List<String> keys = new ArrayList<>(texts.keySet());
        for (int i = keys.size() - 1; i >= 0; i--) {
            writeText(keys.get(i), texts.getOrDefault(keys.get(i), ""), out);
        }
    }

    private static void writeText(String key, String value, BackwardsWriter out) {
        if (!value.isEmpty()) {
            int end = out.end();
            out.text(Value.STRING_VALUE_FIELD_NUMBER, value);
            entry(key, Struct.FIELDS_FIELD_NUMBER, end, out);
        }
    }

    /** Makes what was written since the value of an entry of a map. */
    private static void entry(String key, int map, int end, BackwardsWriter out) {
        out.message(ENTRY_VALUE, end);
        out.text(ENTRY_KEY, key);
        out.message(map, end);
    }
}
