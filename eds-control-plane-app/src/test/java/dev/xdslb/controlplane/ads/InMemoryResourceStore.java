/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import com.google.common.hash.Hashing;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.grpc.Status;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Resources that a test puts in and takes out. A change is announced before the call returns. */
final class InMemoryResourceStore implements ResourceStore {
    static final ResourceType CLUSTER =
            new ResourceType("CLUSTER", "type.googleapis.com/envoy.config.cluster.v3.Cluster", true, null);
    static final ResourceType ENDPOINTS = new ResourceType(
            "ENDPOINTS", "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment", false, CLUSTER);
    static final ResourceType PLACE =
            new ResourceType("PLACE", "type.googleapis.com/dev.xdslb.v1.ClientPlace", false, null);
    static final ResourceType ROUTES =
            new ResourceType("ROUTE", "type.googleapis.com/envoy.config.route.v3.RouteConfiguration", false, null);
    static final ResourceType HOSTS = new ResourceType(
            "VIRTUAL_HOST", "type.googleapis.com/envoy.config.route.v3.VirtualHost", true, ROUTES, true);
    static final List<ResourceType> TYPES = List.of(CLUSTER, ENDPOINTS, ROUTES, HOSTS, PLACE);

    private static final String APART = "@apart";

    private record Id(ResourceType type, String name) {}

    private final Map<Id, EncodedResource> resources = new ConcurrentHashMap<>();
    private final Map<String, ClientPlace> places = new ConcurrentHashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean synced = true;
    private volatile boolean withdrawing;
    private volatile boolean broken;
    private volatile @Nullable Supplier<? extends Error> throwing;
    private volatile @Nullable String unknown;
    private volatile @Nullable Runnable afterNextLookup;
    private volatile @Nullable String withheld;
    private volatile boolean wildcardWithheld;

    /** Puts a cluster whose content differs with the revision. */
    void putCluster(String name, int revision) {
        setCluster(name, revision);
        announce(CLUSTER, name);
    }

    /** Puts a cluster without telling anybody. */
    void setCluster(String name, int revision) {
        set(
                CLUSTER,
                name,
                Cluster.newBuilder()
                        .setName(name)
                        .setAltStatName("r" + revision)
                        .build());
    }

    /** Puts routes whose content differs with the revision, and for who takes parts apart, does not. */
    void putRoutes(String name, int revision) {
        resources.put(
                new Id(ROUTES, name + APART),
                encode(name, RouteConfiguration.newBuilder().setName(name).build()));
        put(
                ROUTES,
                name,
                RouteConfiguration.newBuilder()
                        .setName(name)
                        .addInternalOnlyHeaders("r" + revision)
                        .build());
    }

    /** Puts a host whose content differs with the revision. */
    void putHost(String name, int revision) {
        put(
                HOSTS,
                name,
                VirtualHost.newBuilder()
                        .setName(name)
                        .addDomains("r" + revision)
                        .build());
    }

    /** Puts an assignment whose content differs with the revision; 0 has no endpoints. */
    void putEndpoints(String name, int revision) {
        put(ENDPOINTS, name, assignment(name, revision, 0));
    }

    /** Puts an assignment of about this size. */
    void putEndpoints(String name, int revision, int bytes) {
        put(ENDPOINTS, name, assignment(name, revision, bytes));
    }

    void put(ResourceType type, String name, Message content) {
        set(type, name, content);
        announce(type, name);
    }

    /** Puts without telling anybody. */
    void set(ResourceType type, String name, Message content) {
        resources.put(new Id(type, name), encode(name, content));
    }

    /** Puts an assignment without telling anybody. */
    void setEndpoints(String name, int revision) {
        set(ENDPOINTS, name, assignment(name, revision, 0));
    }

    /** Puts an assignment for the clients on a Node without telling anybody. */
    void setEndpointsNear(String node, String name, int revision) {
        resources.put(new Id(ENDPOINTS, name + '@' + node), encode(name, assignment(name, revision, 0)));
    }

    /** Takes out without telling anybody. */
    void setGone(ResourceType type, String name) {
        resources.remove(new Id(type, name));
    }

    void remove(ResourceType type, String name) {
        setGone(type, name);
        announce(type, name);
    }

    void announce(ResourceType type, String... names) {
        announceSince(null, type, names);
    }

    /** Announces changes that began at a time. */
    void announceSince(@Nullable Instant began, ResourceType type, String... names) {
        Set<String> keys = new TreeSet<>();
        for (String name : names) {
            keys.add(key(type, name));
        }
        Map<String, Cause> causes = new HashMap<>();
        keys.forEach(key -> causes.put(key, new Cause(began, withdrawing)));
        listeners.forEach(listener -> listener.changed(type, causes));
    }

    /** Returns the version of routes for who takes parts apart. */
    String versionApart(String name) {
        return version(ROUTES, name + APART);
    }

    String version(ResourceType type, String name) {
        return resources.get(new Id(type, name)).version();
    }

    /** Says of every change from now on whether it takes something away. */
    void setWithdrawing(boolean withdrawing) {
        this.withdrawing = withdrawing;
    }

    void setSynced(boolean synced) {
        this.synced = synced;
    }

    /** Makes every lookup throw. */
    void setBroken(boolean broken) {
        this.broken = broken;
    }

    /** Makes every lookup throw an error. */
    void setThrowing(@Nullable Supplier<? extends Error> throwing) {
        this.throwing = throwing;
    }

    /** Makes a name be one that cannot be looked up. */
    void setUnknown(@Nullable String unknown) {
        this.unknown = unknown;
    }

    /** Has something happen once, right after the next lookup. */
    void afterNextLookup(Runnable what) {
        afterNextLookup = what;
    }

    /** Makes a name be one of which it is not known what there is. */
    void setWithheld(@Nullable String name) {
        withheld = name;
    }

    /** Makes "*" stand for names that are not known. */
    void setWildcardWithheld(boolean isWithheld) {
        wildcardWithheld = isWithheld;
    }

    int listeners() {
        return listeners.size();
    }

    static ResourceType type(String typeUrl) {
        return TYPES.stream()
                .filter(type -> type.typeUrl().equals(typeUrl))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public List<ResourceType> types() {
        return TYPES;
    }

    @Override
    public boolean isSynced() {
        return synced;
    }

    @Override
    public Lookup lookup(ResourceType type, String requestedName, ClientVariant variant) {
        Lookup found = find(type, requestedName, variant);
        Runnable what = afterNextLookup;
        if (what != null) {
            afterNextLookup = null;
            what.run();
        }
        return found;
    }

    private Lookup find(ResourceType type, String requestedName, ClientVariant variant) {
        if (broken) {
            throw new IllegalStateException("broken by the test");
        }
        if (throwing != null) {
            throw throwing.get();
        }
        if (requestedName.equals(unknown)) {
            return new Lookup.Unknown();
        }
        if (requestedName.equals(withheld)) {
            return new Lookup.Withheld();
        }
        EncodedResource special = resources.get(new Id(
                type,
                requestedName
                        + (variant.takesParts() ? APART : '@' + variant.place().node())));
        EncodedResource resource = special == null ? resources.get(new Id(type, requestedName)) : special;
        if (resource != null) {
            return new Lookup.Found(resource);
        }
        @Nullable
        EncodedResource placeholder = type.equals(ENDPOINTS) && variant.family() == ClientVariant.Family.ENVOY
                ? encode(requestedName, assignment(requestedName, 0, 0))
                : null;
        return new Lookup.Missing(Status.Code.NOT_FOUND, "no " + requestedName + " here", placeholder);
    }

    @Override
    public @Nullable Set<String> wildcardNames(ResourceType type, ClientVariant variant) {
        if (wildcardWithheld || (type.equals(HOSTS) && !variant.takesParts())) {
            return null;
        }
        Set<String> names = new TreeSet<>();
        if (type.equals(CLUSTER) || (type.equals(HOSTS) && variant.takesParts())) {
            resources.keySet().stream().filter(id -> id.type.equals(type)).forEach(id -> names.add(id.name));
        }
        return names;
    }

    @Override
    public String dependencyKey(ResourceType type, String requestedName, ClientVariant variant) {
        return key(type, requestedName);
    }

    void setPlace(String namespace, String pod, ClientPlace place) {
        places.put(namespace + "/" + pod, place);
    }

    @Override
    public Dependency dependencyOfPlace(String namespace, String pod) {
        return new Dependency(PLACE, "pod/" + namespace + "/" + pod);
    }

    @Override
    public ClientPlace placeOf(String namespace, String pod) {
        return places.getOrDefault(namespace + "/" + pod, ClientPlace.UNKNOWN);
    }

    @Override
    public Registration addListener(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Several ports of a service have the same key, as in the real store. */
    private static String key(ResourceType type, String name) {
        int colon = type.equals(ROUTES) || type.equals(HOSTS) ? -1 : name.indexOf(':');
        return colon < 0 ? name : name.substring(0, colon);
    }

    private static ClusterLoadAssignment assignment(String name, int revision, int bytes) {
        ClusterLoadAssignment.Builder assignment =
                ClusterLoadAssignment.newBuilder().setClusterName(name);
        if (revision > 0) {
            assignment
                    .addEndpointsBuilder()
                    .addLbEndpointsBuilder()
                    .getEndpointBuilder()
                    .setHostname("r" + revision + "x".repeat(bytes));
        }
        return assignment.build();
    }

    private static EncodedResource encode(String name, Message content) {
        ByteString any = Any.pack(content).toByteString();
        String version =
                Hashing.sha256().hashBytes(any.toByteArray()).toString().substring(0, 16);
        return new EncodedResource(name, version, any);
    }
}
