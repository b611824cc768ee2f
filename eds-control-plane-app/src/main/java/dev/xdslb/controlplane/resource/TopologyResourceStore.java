/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceStore;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyListener;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.grpc.Status;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The resources of the topology's services, and the places of its pods.
 *
 * <p>The topology's writer thread replaces a service's {@link ServiceResources} when the service changes, and then
 * announces it; every thread reads. What is computed from several services (the names behind "*", messages about missing
 * names) is computed by who first asks and kept in the {@link Catalog} that stood before the computation; the writer
 * replaces the catalog after the services, so nothing out of date outlives an announcement.
 */
public final class TopologyResourceStore implements ResourceStore, TopologyListener {

    /** Messages kept for names that do not exist; further ones are computed each time. */
    private static final int MAX_MISSING = 10_000;

    private static final Logger logger = LoggerFactory.getLogger(TopologyResourceStore.class);

    private record MissingKey(ResourceType type, String requestedName, ClientVariant variant) {}

    /** What depends on which services and ports exist. Replaced as a whole when that changes. */
    private static final class Catalog {
        private final Map<MissingKey, Lookup.Missing> missing = new ConcurrentHashMap<>();
        private volatile @Nullable Set<String> clusterNames;
    }

    private final Topology topology;
    private final PlaceResources places;
    private final Map<ServiceKey, ServiceResources> services = new ConcurrentHashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile Catalog catalog = new Catalog();

    /** Creates the store, which follows the topology from now on: to be called before the topology starts. */
    public TopologyResourceStore(Topology topology) {
        this.topology = topology;
        this.places = new PlaceResources(topology);
        topology.addListener(this);
    }

    @Override
    public boolean isSynced() {
        return topology.isSynced();
    }

    @Override
    public Lookup lookup(ResourceType type, String requestedName, ClientVariant variant) {
        if (type == ResourceType.PLACE) {
            return places.lookup(requestedName);
        }
        Catalog now = catalog;
        ResourceName name = ResourceName.parse(requestedName, variant);
        ServiceResources service = name == null ? null : services.get(name.service());
        if (name != null && service != null) {
            PortChoice choice = PortChoice.of(name, service.view());
            if (choice instanceof PortChoice.Chosen chosen) {
                return new Lookup.Found(service.get(type, requestedName, chosen.port(), variant.family()));
            }
            PortChoice.None none = (PortChoice.None) choice;
            return missing(type, requestedName, variant, none.code(), none.message());
        }
        MissingKey key = new MissingKey(type, requestedName, variant);
        Lookup.Missing known = now.missing.get(key);
        if (known == null) {
            known = missing(type, requestedName, variant, Status.Code.NOT_FOUND, message(requestedName, name, variant));
            if (now.missing.size() < MAX_MISSING) {
                now.missing.put(key, known);
            }
        }
        return known;
    }

    @Override
    public Set<String> wildcardNames(ResourceType type, ClientVariant variant) {
        if (type != ResourceType.CLUSTER) {
            return Set.of();
        }
        Catalog now = catalog;
        Set<String> names = now.clusterNames;
        if (names == null) {
            names = clusterNames();
            now.clusterNames = names;
        }
        return names;
    }

    @Override
    public String dependencyKey(ResourceType type, String requestedName, ClientVariant variant) {
        if (type == ResourceType.PLACE) {
            PlaceName place = PlaceName.parse(requestedName);
            return place == null ? requestedName : place.key();
        }
        ResourceName name = ResourceName.parse(requestedName, variant);
        return name == null ? requestedName : name.service().toString();
    }

    @Override
    public Registration addListener(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void changed(List<ServiceChange> changes) {
        Set<String> all = new LinkedHashSet<>();
        Set<String> clusters = new LinkedHashSet<>();
        for (ServiceChange change : changes) {
            String key = change.key().toString();
            all.add(key);
            ServiceView after = change.after();
            if (after == null) {
                services.remove(change.key());
            } else {
                services.put(change.key(), new ServiceResources(after));
            }
            ServiceView before = change.before();
            if (before == null || after == null || !before.hasPortsOf(after)) {
                clusters.add(key);
            }
        }
        if (!clusters.isEmpty()) {
            catalog = new Catalog();
            announce(ResourceType.CLUSTER, clusters);
        }
        announce(ResourceType.ENDPOINTS, all);
    }

    @Override
    public void placesChanged(List<PlaceChange> changes) {
        announce(ResourceType.PLACE, PlaceResources.keys(changes));
    }

    private void announce(ResourceType type, Set<String> keys) {
        for (Listener listener : listeners) {
            try {
                listener.changed(type, Collections.unmodifiableSet(keys));
            } catch (RuntimeException e) {
                logger.error("change of {} {} was not announced to {}", type, keys, listener, e);
            }
        }
    }

    private Set<String> clusterNames() {
        Set<String> names = new TreeSet<>();
        for (ServiceResources service : services.values()) {
            ServiceView view = service.view();
            view.ports()
                    .forEach(port -> names.add(
                            ResourceName.canonical(view.key(), port.port().number())));
        }
        return Collections.unmodifiableSet(names);
    }

    private String message(String requestedName, @Nullable ResourceName name, ClientVariant variant) {
        if (name == null) {
            boolean onlyNamespaceMissing = variant.namespace().isEmpty()
                    && ResourceName.parse(requestedName, new ClientVariant(variant.family(), "any")) != null;
            return onlyNamespaceMissing
                    ? "\"" + requestedName + "\" has no namespace, and the client's node metadata neither:"
                            + " ask for <service>.<namespace>:<port>"
                    : "\"" + requestedName + "\" is no name of a service (expected: <service>.<namespace>:<port>)";
        }
        Collection<ServiceView> known =
                services.values().stream().map(ServiceResources::view).toList();
        List<String> nearest = NearestNames.of(name.service(), known);
        return "no Service \"" + name.service().name() + "\" in namespace \""
                + name.service().namespace() + "\""
                + (nearest.isEmpty() ? "" : "; nearest: " + String.join(", ", nearest));
    }

    /** Over the state-of-the-world protocol Envoy reads no errors: without an assignment its cluster never gets warm. */
    private static Lookup.Missing missing(
            ResourceType type, String requestedName, ClientVariant variant, Status.Code code, String message) {
        EncodedResource placeholder = null;
        if (type == ResourceType.ENDPOINTS && variant.family() == ClientVariant.Family.ENVOY) {
            placeholder = ResourceEncoding.encode(
                    type,
                    requestedName,
                    ClusterLoadAssignment.newBuilder()
                            .setClusterName(requestedName)
                            .build());
        }
        return new Lookup.Missing(code, message, placeholder);
    }
}
