/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.resource.ServiceResources.ReadyInZone;
import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePolicy.ZoneAffinity;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.TopologyListener.PlaceChange;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import dev.xdslb.controlplane.topology.ZoneKey;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * EDS: the endpoints of a cluster. Where they are in several Kubernetes clusters, those of the client's own region come
 * first, and the others take over when those are gone. Where the Service asks for it, those of the client's own Node come
 * before all, or are all that there are. A gRPC client, which knows no zones, is told how to divide its requests among them.
 *
 * <p>Where it divides them by a key, it makes one ring of all localities of a priority, on which an endpoint weighs what its
 * locality weighs times what it weighs itself: told of zones, pods of large zones would get more than others, and a key would
 * have another pod in each zone. So it is told of one locality, and of zones only where the Service asks for that.
 */
final class EndpointsType extends ServiceType {

    static final ResourceType TYPE = new ResourceType(
            "ENDPOINTS", "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment", false, ClusterType.TYPE);

    private final FellowClients fellows;

    EndpointsType(ServiceCatalog catalog, FellowClients fellows) {
        super(TYPE, catalog);
        this.fellows = fellows;
    }

    @Override
    ByteString encode(String name, ServiceView service, PortView port, Audience audience, SharedBlocks.Use shared) {
        ClientPlace place = audience.near();
        boolean local = isLocal(service, place);
        return EndpointsTranslation.encode(
                name,
                local ? port.endpointsOn(place.kubernetesCluster(), place.node()) : port.endpoints(),
                audience.family() == Family.XDS_LB,
                local ? new ClientPlace(place.region(), "") : place,
                audience.oneRing(),
                audience.zoneWeights(),
                local || audience.oneRing() || !place.node().isEmpty() ? null : shared,
                port.port().number());
    }

    @Override
    Audience audience(ServiceResources service, PortView port, ClientVariant variant) {
        Family family = variant.family() == Family.XDS_LB ? Family.XDS_LB : Family.GRPC;
        String own = variant.place().region();
        String region = service.hasOwn(own) ? own : "";
        ClientPlace node = service.differingNode(variant.place());
        Map<ZoneKey, Integer> weights = Map.of();
        String zone = variant.place().zone();
        boolean oneRing = variant.family() == Family.GRPC
                && RequestHash.forGrpc(service.view().policy()) != null;
        boolean toldOfZones = variant.family() == Family.GRPC
                && (!oneRing || service.view().policy().zones() != null);
        if (toldOfZones && !zone.isEmpty() && !isLocal(service.view(), node)) {
            weights = zoneWeights(service, port, region, variant);
        }
        ClientPlace near =
                new ClientPlace(region, weights.isEmpty() ? "" : zone, node.kubernetesCluster(), node.node());
        return new Audience(family, near, oneRing, weights);
    }

    /** As the Service says, and else as our own client does by default. */
    private Map<ZoneKey, Integer> zoneWeights(
            ServiceResources service, PortView port, String region, ClientVariant variant) {
        ServicePolicy policy = service.view().policy();
        Map<ZoneKey, ReadyInZone> byZone = service.readyOf(port, region);
        ZoneKey own = own(variant.place(), byZone.keySet());
        Integer fewest = policy.count(PolicyKnob.ZONE_MIN_LOCAL_ENDPOINTS);
        if (own == null
                || policy.zones() == ZoneAffinity.OFF
                || (fewest != null && requireNonNull(byZone.get(own)).endpoints() < fewest)) {
            return Map.of();
        }
        Map<ZoneKey, Long> ready = new TreeMap<>();
        byZone.forEach((zone, inZone) -> ready.put(zone, inZone.weight()));
        return policy.zones() == ZoneAffinity.FORCED
                ? ZoneWeights.allIn(own, ready)
                : ZoneWeights.of(
                        own, ready, fellows.byZone(variant, service.view().key()));
    }

    /** Returns the zone that the client is in; null where none of these is, or several may be because a region is unknown. */
    private static @Nullable ZoneKey own(ClientPlace place, Set<ZoneKey> zones) {
        ZoneKey said = new ZoneKey(place.region(), place.zone());
        if (zones.contains(said)) {
            return said;
        }
        List<ZoneKey> possible = zones.stream().filter(said::maybe).toList();
        return possible.size() == 1 ? possible.get(0) : null;
    }

    private static boolean isLocal(ServiceView service, ClientPlace place) {
        return service.policy().nodeLocal() && !place.node().isEmpty();
    }

    /** Over the state-of-the-world protocol Envoy reads no errors: without an assignment its cluster never gets warm. */
    @Override
    @Nullable
    Message placeholder(String requestedName, ClientVariant variant) {
        return variant.family() == Family.ENVOY
                ? ClusterLoadAssignment.newBuilder()
                        .setClusterName(requestedName)
                        .build()
                : null;
    }

    /** What is known of clients that are pods: how many there are in each zone. */
    @Override
    public Set<String> touchedByPlaces(List<PlaceChange> changes) {
        return fellows.touchedBy(changes);
    }

    /** Its own endpoints, and how many clients there are that say that they are its pods. */
    @Override
    public Set<String> touchedBy(List<ServiceChange> changes) {
        Set<String> touched = super.touchedBy(changes);
        touched.addAll(fellows.touchedByServices(changes));
        return touched;
    }

    @Override
    Predicate<ServiceChange> touches() {
        return change -> true;
    }
}
