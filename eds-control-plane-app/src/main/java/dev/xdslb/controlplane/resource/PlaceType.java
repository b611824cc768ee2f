/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.ByteString;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.resource.proto.ClientPlace;
import dev.xdslb.controlplane.topology.NarrowestService;
import dev.xdslb.controlplane.topology.PodPlace;
import dev.xdslb.controlplane.topology.PodPlace.Membership;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyListener.PlaceChange;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where clients run, a type of our own. Encoded anew for each lookup: hardly ever do two clients ask for the same place,
 * and it is a hundred bytes; what all pods of a service have in common is encoded once.
 */
final class PlaceType implements ServedType {

    static final ResourceType TYPE =
            new ResourceType("PLACE", "type.googleapis.com/dev.xdslb.v1.ClientPlace", false, null);

    private final Topology topology;
    private final ServiceCatalog catalog;

    PlaceType(Topology topology, ServiceCatalog catalog) {
        this.topology = topology;
        this.catalog = catalog;
    }

    @Override
    public ResourceType type() {
        return TYPE;
    }

    @Override
    public String dependencyKey(String requestedName, ClientVariant variant) {
        PlaceName place = PlaceName.parse(requestedName);
        return place == null ? requestedName : place.key();
    }

    @Override
    public Lookup lookup(String requestedName, ClientVariant variant) {
        PlaceName name = PlaceName.parse(requestedName);
        if (name instanceof PlaceName.OfPod named) {
            PodPlace place = topology.place(named.pod());
            return place == null
                    ? missing(
                            Status.Code.NOT_FOUND,
                            "no Pod \"" + named.pod().name() + "\" in namespace \""
                                    + named.pod().namespace() + "\"")
                    : found(requestedName, place.region(), place.zone(), narrowestFirst(place));
        }
        if (name instanceof PlaceName.OfAddress at) {
            return lookup(requestedName, at.address(), topology.placesAt(at.address()));
        }
        return missing(
                Status.Code.NOT_FOUND,
                "\"" + requestedName + "\" is no name of a place (expected: pod/<namespace>/<pod> or ip/<address>)");
    }

    @Override
    public Set<String> touchedByPlaces(List<PlaceChange> changes) {
        Set<String> keys = new LinkedHashSet<>();
        for (PlaceChange change : changes) {
            keys.add(new PlaceName.OfPod(change.pod()).key());
            change.addresses().forEach(address -> keys.add(new PlaceName.OfAddress(address).key()));
        }
        return keys;
    }

    /** Pods in their node's network share its address, and with it the zone; which of them asks, nobody can tell. */
    private Lookup lookup(String requestedName, String address, List<PodPlace> places) {
        if (places.isEmpty()) {
            return missing(Status.Code.NOT_FOUND, "no Pod has the address " + address);
        }
        PodPlace first = places.get(0);
        if (places.size() == 1 && !first.hostNetwork()) {
            return found(requestedName, first.region(), first.zone(), narrowestFirst(first));
        }
        Set<String> zones = new TreeSet<>();
        List<String> pods = new ArrayList<>();
        for (PodPlace place : places) {
            zones.add(place.region() + "/" + place.zone());
            pods.add(place.pod().toString());
        }
        return zones.size() == 1
                ? found(requestedName, first.region(), first.zone(), List.of())
                : missing(
                        Status.Code.FAILED_PRECONDITION,
                        "several Pods have the address " + address + ": "
                                + String.join(", ", pods.stream().sorted().toList())
                                + ", and they are in several zones: ask for pod/<namespace>/<pod>");
    }

    private List<Membership> narrowestFirst(PodPlace place) {
        return NarrowestService.first(place.services(), topology::service);
    }

    private Lookup found(String requestedName, String region, String zone, List<Membership> services) {
        ClientPlace.Builder place = ClientPlace.newBuilder()
                .setName(requestedName)
                .setRegion(region)
                .setZone(zone);
        for (Membership membership : services) {
            place.addServices(ResourceName.canonical(membership.service(), membership.port()));
        }
        // The number of the field of the counts is the highest: put behind, the bytes are those of one message.
        byte[] own = ResourceEncoding.deterministicBytes(place.build());
        return new Lookup.Found(ResourceEncoding.encode(
                TYPE, requestedName, ByteString.copyFrom(own).concat(clientsByZone(services))));
    }

    private ByteString clientsByZone(List<Membership> services) {
        ServiceResources service =
                services.isEmpty() ? null : catalog.get(services.get(0).service());
        return service == null ? ByteString.EMPTY : service.clientsByZone();
    }

    private static Lookup missing(Status.Code code, String message) {
        return new Lookup.Missing(code, message, null);
    }
}
