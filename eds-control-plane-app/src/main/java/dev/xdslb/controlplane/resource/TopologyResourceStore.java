/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceStore;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.gateway.GatewayListener;
import dev.xdslb.controlplane.gateway.GatewaySettings;
import dev.xdslb.controlplane.gateway.Gateways;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.PodKey;
import dev.xdslb.controlplane.topology.PodPlace;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyListener;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The resources of the topology's services, and the places of its pods: a list of {@link ServedType}s, in the order in
 * which a change is sent.
 *
 * <p>The topology's writer thread hands changes to the {@link ServiceCatalog}, and then announces what each type says is
 * touched; every thread reads. What one type, resource or listener throws is kept from the others.
 */
public final class TopologyResourceStore implements ResourceStore, TopologyListener, GatewayListener {

    public static final ResourceType CLUSTER = ClusterType.TYPE;
    public static final ResourceType ENDPOINTS = EndpointsType.TYPE;
    public static final ResourceType LISTENER = ListenerType.TYPE;
    public static final ResourceType ROUTE = RouteType.TYPE;
    public static final ResourceType VIRTUAL_HOST = VirtualHostType.TYPE;
    public static final ResourceType SECRET = SecretType.TYPE;
    public static final ResourceType PLACE = PlaceType.TYPE;

    private final Topology topology;
    private final FaultBoundary boundary;
    private final ServiceCatalog catalog;
    private final GatewayCatalog gatewayCatalog;
    private final Gateways gateways;
    private final SecretType secrets;
    private final Map<ResourceType, ServedType> types = new LinkedHashMap<>(); // never changed once it is filled
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    /** Creates the store, which follows the topology from now on: to be called before the topology starts. */
    public TopologyResourceStore(Topology topology) {
        this(topology, new Faults());
    }

    /** Creates the same, whose faults are known there. */
    public TopologyResourceStore(Topology topology, Faults faults) {
        this(topology, faults, GatewaySettings.DEFAULT);
    }

    /** Creates the same, with Gateways that are served this way. */
    public TopologyResourceStore(Topology topology, Faults faults, GatewaySettings settings) {
        this(topology, faults, settings, Map.of());
    }

    /**
     * Creates the same, with Secrets for the Envoys of some Gateways.
     *
     * @param identities the URIs and DNS names of certificates by which the Envoys of Gateways are known
     */
    public TopologyResourceStore(
            Topology topology, Faults faults, GatewaySettings settings, Map<GatewayKey, Set<String>> identities) {
        this(topology, faults, settings, identities, ResourceName.USUAL_DOMAIN);
    }

    /**
     * Creates the same, in Kubernetes clusters of another domain.
     *
     * @param clusterDomain in which names of services may end, such as {@code cluster.local}
     */
    public TopologyResourceStore(
            Topology topology,
            Faults faults,
            GatewaySettings settings,
            Map<GatewayKey, Set<String>> identities,
            String clusterDomain) {
        this.topology = topology;
        this.boundary = faults.boundary("resources");
        this.catalog = new ServiceCatalog(boundary, clusterDomain);
        topology.addListener(this); // before the Gateways: routes may refer to a service as soon as it is here
        this.gateways = new Gateways(topology, faults, settings);
        this.gatewayCatalog = new GatewayCatalog(gateways, settings.hostsApart());
        this.secrets = new SecretType(gateways, SecretType.byName(identities));
        gateways.addListener(this);
        for (ServedType type : List.of(
                new ClusterType(catalog, gatewayCatalog),
                new EndpointsType(catalog, new FellowClients(topology, catalog)),
                new ListenerType(catalog, gatewayCatalog),
                new RouteType(catalog, gatewayCatalog),
                new VirtualHostType(gatewayCatalog),
                secrets,
                new PlaceType(topology, catalog))) {
            types.put(type.type(), type);
        }
    }

    /** Returns the Gateways that are served, whose statuses are to be written. */
    public Gateways gateways() {
        return gateways;
    }

    @Override
    public boolean isSynced() {
        return topology.isSynced();
    }

    @Override
    public List<ResourceType> types() {
        return List.copyOf(types.keySet());
    }

    @Override
    public Lookup lookup(ResourceType type, String requestedName, ClientVariant variant) {
        ServedType served = served(type);
        try {
            Lookup found = served.lookup(requestedName, variant);
            if (boundary.hasFaults()) { // this is called very often, and the subject is made for people
                boundary.succeeded(subject(type, requestedName));
            }
            return found;
        } catch (Throwable thrown) {
            boundary.failed(subject(type, requestedName), thrown);
            return new Lookup.Unknown();
        }
    }

    @Override
    public @Nullable Set<String> wildcardNames(ResourceType type, ClientVariant variant) {
        return served(type).wildcardNames(variant);
    }

    @Override
    public String dependencyKey(ResourceType type, String requestedName, ClientVariant variant) {
        return served(type).dependencyKey(requestedName, variant);
    }

    @Override
    public ClientPlace placeOf(String namespace, String pod) {
        PodPlace place = topology.place(new PodKey(namespace, pod));
        return place == null
                ? ClientPlace.UNKNOWN
                : new ClientPlace(place.region(), place.zone(), place.cluster().value(), place.node());
    }

    @Override
    public Dependency dependencyOfPlace(String namespace, String pod) {
        return new Dependency(PLACE, new PlaceName.OfPod(new PodKey(namespace, pod)).key());
    }

    @Override
    public Registration addListener(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void changed(List<ServiceChange> changes) {
        catalog.apply(changes); // what it throws, the topology sees and tells again
        Map<String, Cause> causes = new HashMap<>();
        changes.forEach(change -> causes.put(change.key().toString(), new Cause(change.since(), change.withdraws())));
        types.values()
                .forEach(type ->
                        boundary.run(type.type(), () -> announce(type.type(), type.touchedBy(changes), causes)));
    }

    @Override
    public void gatewaysChanged(Set<GatewayKey> changed) {
        GatewayCatalog.Changes changes = gatewayCatalog.apply(changed);
        announce(CLUSTER, changes.clusters(), Map.of());
        announce(LISTENER, changes.listeners(), Map.of());
        announce(ROUTE, changes.routes(), Map.of());
        announce(VIRTUAL_HOST, changes.virtualHosts(), Map.of());
        announce(SECRET, secrets.touchedByGateways(changed), Map.of());
    }

    @Override
    public void heldChanged(Set<GatewayKey> changed) {
        GatewayCatalog.Changes all = gatewayCatalog.all(changed);
        announce(CLUSTER, all.clusters(), Map.of());
        announce(LISTENER, all.listeners(), Map.of());
        announce(ROUTE, all.routes(), Map.of());
        announce(VIRTUAL_HOST, all.virtualHosts(), Map.of());
        announce(SECRET, secrets.touchedByGateways(changed), Map.of());
    }

    @Override
    public void secretsChanged(Set<ObjectId> changed) {
        announce(SECRET, secrets.touchedBySecrets(changed), Map.of());
    }

    @Override
    public void placesChanged(List<PlaceChange> changes) {
        types.values()
                .forEach(type -> boundary.run(
                        type.type(), () -> announce(type.type(), type.touchedByPlaces(changes), Map.of())));
    }

    private void announce(ResourceType type, Set<String> keys, Map<String, Cause> causes) {
        if (keys.isEmpty()) {
            return;
        }
        Map<String, Cause> ofType = new LinkedHashMap<>();
        keys.forEach(key -> ofType.put(key, causes.getOrDefault(key, Cause.UNKNOWN)));
        Map<String, Cause> unmodifiable = Collections.unmodifiableMap(ofType);
        listeners.forEach(listener -> boundary.run(listener, () -> listener.changed(type, unmodifiable)));
    }

    private static String subject(ResourceType type, String requestedName) {
        return "lookup of " + type + " " + requestedName;
    }

    private ServedType served(ResourceType type) {
        return requireNonNull(types.get(type), "a type that is served");
    }
}
