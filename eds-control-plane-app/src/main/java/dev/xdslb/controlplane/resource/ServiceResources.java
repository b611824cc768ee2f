/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.ByteString;
import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.resource.proto.ZoneClients;
import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.ZoneKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The resources of one state of a service, encoded when somebody first asks for them, then shared. A new state gets a new
 * object, so nothing here is ever out of date, but for what cannot be encoded because of a fault: then the state before
 * goes on being served. Both are bounded by {@link #MAX_BYTES}: clients on other Nodes, or whose requests are divided among
 * zones otherwise, may get another encoding each.
 */
final class ServiceResources {

    /** No Node, for a client of which the own one has no endpoint. */
    static final ClientPlace NO_NODE = new ClientPlace("", "", "", "-");

    /**
     * What the encodings may have that are kept, without what they {@linkplain SharedBlocks share}; with one beyond it, those go that
     * nobody has asked for the longest.
     */
    static final long MAX_BYTES = 16L << 20;

    private static final long OVERHEAD_BYTES = 512; // of one that is kept, about: its key, name and version

    private record Key(ServiceType type, String requestedName, int port, Audience audience) {
        /** Returns what stands for this one where it cannot be encoded: the same, perhaps with other weights. */
        Key lasting() {
            return new Key(type, requestedName, port, audience.anyWeights());
        }
    }

    /** How much goes at once, as a part of all, so that not each new one looks for the oldest. */
    private static final long ROOM_SHARE = 4;

    /** An encoding, how much of it nobody else has, and when it was last asked for. */
    private static final class Kept {
        private final EncodedResource resource;
        private final long bytes;
        private volatile long asked;

        Kept(EncodedResource resource, long bytes, long asked) {
            this.resource = resource;
            this.bytes = bytes;
            this.asked = asked;
        }
    }

    /** A Node of a Kubernetes cluster. */
    private record Node(String cluster, String name) {}

    private record PortOfRegion(int port, String region) {}

    /** What is ready in a zone: how many endpoints, and what they weigh together. */
    record ReadyInZone(int endpoints, long weight) {
        ReadyInZone and(ReadyInZone other) {
            return new ReadyInZone(endpoints + other.endpoints, weight + other.weight);
        }
    }

    private final ServiceView view;
    private final FaultBoundary boundary;
    private final Map<Key, Kept> encoded = new ConcurrentHashMap<>();
    private final SharedBlocks blocks = new SharedBlocks();
    private final AtomicLong asks = new AtomicLong(); // the clock of Kept.asked
    private final AtomicLong encodedBytes = new AtomicLong(); // of what is in encoded, but for what it shares
    private final Map<Key, EncodedResource> lastGood =
            new ConcurrentHashMap<>(); // of states before, until encoded anew
    private final Set<Node> nodes; // of the endpoints; empty where it does not matter
    private final Set<String> regions; // of the endpoints; empty where they are of one Kubernetes cluster
    private final Map<PortOfRegion, Map<ZoneKey, ReadyInZone>> ready = new ConcurrentHashMap<>();
    private volatile @Nullable Map<ZoneKey, Integer> readyByZone;
    private volatile @Nullable ByteString clientsByZone;

    /**
     * Takes over a new state.
     *
     * @param before the state before; null when the service is new
     */
    ServiceResources(ServiceView view, @Nullable ServiceResources before, FaultBoundary boundary) {
        this.view = view;
        this.boundary = boundary;
        Set<KubernetesClusterName> clusters = new HashSet<>();
        Set<String> found = new HashSet<>();
        Set<Node> foundNodes = new HashSet<>();
        for (PortView port : view.ports()) {
            for (EndpointView endpoint : port.endpoints()) {
                clusters.add(endpoint.cluster());
                found.add(endpoint.region());
                if (view.policy().dependsOnNode()) {
                    foundNodes.add(new Node(endpoint.cluster().value(), endpoint.node()));
                }
            }
        }
        regions = clusters.size() > 1 ? found : Set.of();
        nodes = foundNodes;
        if (before != null) {
            Map<Key, EncodedResource> last = new HashMap<>();
            before.encoded.forEach((key, kept) -> last.put(key, kept.resource));
            long left = takeOver(last, MAX_BYTES);
            takeOver(before.lastGood, left);
        }
    }

    /** Takes over what may be asked for again, and returns for how many bytes there is room then. */
    private long takeOver(Map<Key, EncodedResource> before, long room) {
        long left = room;
        for (Map.Entry<Key, EncodedResource> entry : before.entrySet()) {
            Key key = entry.getKey().lasting();
            long bytes = bytes(entry.getValue());
            if (bytes <= left && isOfThisState(key) && lastGood.putIfAbsent(key, entry.getValue()) == null) {
                left -= bytes;
            }
        }
        return left;
    }

    /** What was made for a Node or a region that has no endpoint any more, nobody asks for. */
    private boolean isOfThisState(Key key) {
        ClientPlace near = key.audience().near();
        return (near.node().isEmpty() || near.node().equals(NO_NODE.node()) || nodes.contains(nodeOf(near)))
                && (near.region().isEmpty() || regions.contains(near.region()))
                && view.ports().stream().anyMatch(port -> port.port().number() == key.port());
    }

    private static long bytes(EncodedResource resource) {
        return resource.any().size() + OVERHEAD_BYTES;
    }

    ServiceView view() {
        return view;
    }

    /**
     * Whether endpoints of this region come before those of others: where there are several Kubernetes clusters, and one
     * of them has endpoints there.
     */
    boolean hasOwn(String region) {
        return regions.contains(region);
    }

    /**
     * Returns the Node, of any region and zone, by which the endpoints differ for a client on this one: this,
     * {@link #NO_NODE}, or the empty one for a client that gets what those get whose Node is unknown.
     */
    ClientPlace differingNode(ClientPlace own) {
        if (own.node().isEmpty() || !view.policy().dependsOnNode()) {
            return ClientPlace.UNKNOWN;
        }
        if (nodes.contains(nodeOf(own))) {
            return new ClientPlace("", "", own.kubernetesCluster(), own.node());
        }
        return view.policy().nodeLocal() ? NO_NODE : ClientPlace.UNKNOWN;
    }

    private static Node nodeOf(ClientPlace place) {
        return new Node(place.kubernetesCluster(), place.node());
    }

    /** Returns the resource; null when it cannot be encoded and never could. */
    @Nullable
    EncodedResource get(ServiceType type, String requestedName, PortView port, ClientVariant variant) {
        Key key = new Key(type, requestedName, port.port().number(), type.audience(this, port, variant));
        Kept present = encoded.get(key);
        if (present != null) {
            present.asked = asks.incrementAndGet();
            return present.resource;
        }
        // Who asks meanwhile waits: all streams ask at once, and a large service takes tens of milliseconds of a core.
        Kept made = encoded.computeIfAbsent(key, missing -> encode(type, key, port));
        if (made == null) {
            return lastGood.get(key.lasting());
        }
        lastGood.remove(key.lasting());
        makeRoom(made);
        return made.resource;
    }

    /** Drops what was not asked for the longest where all are too much together. */
    private synchronized void makeRoom(Kept made) {
        if (encodedBytes.get() <= MAX_BYTES) {
            return;
        }
        record Asked(Key key, Kept kept, long when) {}
        List<Asked> oldestFirst = new ArrayList<>();
        encoded.forEach((key, kept) -> oldestFirst.add(new Asked(key, kept, kept.asked)));
        oldestFirst.sort(Comparator.comparingLong(Asked::when));
        for (Asked oldest : oldestFirst) {
            if (encodedBytes.get() <= MAX_BYTES - MAX_BYTES / ROOM_SHARE) {
                return;
            }
            if (oldest.kept() != made && encoded.remove(oldest.key(), oldest.kept())) {
                encodedBytes.addAndGet(-oldest.kept().bytes);
            }
        }
    }

    private @Nullable Kept encode(ServiceType type, Key key, PortView port) {
        SharedBlocks.Use shared = blocks.use();
        EncodedResource made = boundary.get(
                type.type() + " " + key.requestedName(),
                () -> ResourceEncoding.encode(
                        type.type(),
                        key.requestedName(),
                        type.encode(key.requestedName(), view, port, key.audience(), shared)));
        if (made == null) {
            return null;
        }
        Kept kept = new Kept(made, bytes(made) - shared.bytes(), asks.incrementAndGet());
        encodedBytes.addAndGet(kept.bytes);
        return kept;
    }

    /** Returns how many of the service's own pods are ready in each zone; empty when the service has no port. */
    Map<ZoneKey, Integer> readyByZone() {
        Map<ZoneKey, Integer> known = readyByZone;
        if (known == null) {
            PortView port = view.fullestPort();
            known = port == null ? Map.of() : Collections.unmodifiableMap(port.readyByZone());
            readyByZone = known;
        }
        return known;
    }

    /**
     * Returns which endpoints of a port are ready, by zone; those without any are not in it.
     *
     * @param region the one whose endpoints are meant; empty for all
     */
    Map<ZoneKey, ReadyInZone> readyOf(PortView port, String region) {
        return ready.computeIfAbsent(new PortOfRegion(port.port().number(), region), key -> {
            Map<ZoneKey, ReadyInZone> byZone = new TreeMap<>();
            for (EndpointView endpoint : port.endpoints()) {
                if (endpoint.health() == EndpointView.Health.READY
                        && (region.isEmpty() || region.equals(endpoint.region()))) {
                    byZone.merge(endpoint.zoneKey(), new ReadyInZone(1, endpoint.weight()), ReadyInZone::and);
                }
            }
            return Collections.unmodifiableMap(byZone);
        });
    }

    /**
     * Returns the fields {@code clients_by_zone} and {@code clients} of the places of the service's own pods, encoded once for all of them; empty
     * when the service has no port.
     */
    ByteString clientsByZone() {
        ByteString known = clientsByZone;
        if (known == null) {
            var counts = dev.xdslb.controlplane.resource.proto.ClientPlace.newBuilder();
            readyByZone().forEach((zone, clients) -> {
                counts.putClientsByZone(zone.zone(), counts.getClientsByZoneOrDefault(zone.zone(), 0) + clients);
                counts.addClients(ZoneClients.newBuilder()
                        .setRegion(zone.region())
                        .setZone(zone.zone())
                        .setClients(clients));
            });
            known = ByteString.copyFrom(ResourceEncoding.deterministicBytes(counts.build()));
            clientsByZone = known;
        }
        return known;
    }
}
