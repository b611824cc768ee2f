/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.gateway.GatewayView;
import dev.xdslb.controlplane.gateway.Gateways;
import io.grpc.Status;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Gateways by name. The topology's writer thread replaces a Gateway's resources when it changes; every thread reads. */
final class GatewayCatalog {
    private static final Logger log = LoggerFactory.getLogger(GatewayCatalog.class);

    /**
     * A Gateway that has had more hosts is told whole, whatever a client can: each host and stream takes about 600 bytes of memory, and what all
     * names take together is bounded.
     */
    static final int MAX_HOSTS_APART = 4_000;

    private final Gateways gateways;
    private final boolean hostsApart;
    private final Map<GatewayKey, GatewayResources> resources = new ConcurrentHashMap<>();
    /** As texts. One that has shrunk stays here: going back, an Envoy would answer 404 for a moment. */
    private final Set<String> large = ConcurrentHashMap.newKeySet();

    /**
     * Creates the catalog.
     *
     * @param hostsApart whether clients that can are told of hosts one by one
     */
    GatewayCatalog(Gateways gateways, boolean hostsApart) {
        this.gateways = gateways;
        this.hostsApart = hostsApart;
    }

    /** What looks different now, by name. */
    record Changes(Set<String> listeners, Set<String> routes, Set<String> virtualHosts, Set<String> clusters) {}

    /** Takes over what changed. To be called before anybody is told. */
    Changes apply(Set<GatewayKey> changed) {
        Changes changes =
                new Changes(new LinkedHashSet<>(), new LinkedHashSet<>(), new LinkedHashSet<>(), new LinkedHashSet<>());
        for (GatewayKey key : changed) {
            GatewayView view = gateways.view(key);
            GatewayResources before = resources.get(key);
            GatewayResources after =
                    new GatewayResources(view == null ? new GatewayView(key, List.of()) : view, before);
            if (after.hosts() > MAX_HOSTS_APART && large.add(key.toString()) && hostsApart) {
                log.info(
                        "Gateway {} has more than {} hosts: its Envoys are told of all of them together from now on",
                        key,
                        MAX_HOSTS_APART);
            }
            if (view == null) {
                resources.remove(key);
            } else {
                resources.put(key, after);
            }
            changes.listeners().addAll(after.listenersOtherThan(before));
            changes.routes().addAll(after.routesOtherThan(before));
            changes.virtualHosts().addAll(after.virtualHostsOtherThan(before));
            Set<String> clusters = new LinkedHashSet<>(after.grpcClusters());
            if (before != null) {
                clusters.addAll(before.grpcClusters());
                clusters.removeIf(name -> after.grpcClusters().contains(name)
                        && before.grpcClusters().contains(name));
            }
            // Announced under the service's name, as changes of the service itself.
            clusters.forEach(name -> changes.clusters().add(name.substring(0, name.indexOf(':'))));
        }
        return changes;
    }

    /** Returns the names that these Gateways have. */
    Changes all(Set<GatewayKey> keys) {
        Changes all =
                new Changes(new LinkedHashSet<>(), new LinkedHashSet<>(), new LinkedHashSet<>(), new LinkedHashSet<>());
        for (GatewayKey key : keys) {
            all.listeners().add(key.toString()); // there may be no listener: that is to be said as well
            all.clusters().add(key.toString());
            all.virtualHosts().add(key.toString());
            GatewayResources own = resources.get(key);
            if (own != null) {
                all.listeners().addAll(own.listenerNames());
                all.routes().addAll(own.routeNames());
                all.virtualHosts().addAll(own.virtualHostNames());
            }
        }
        return all;
    }

    /** Returns the resources of a Gateway, if it is the client's own; null otherwise. */
    @Nullable
    private GatewayResources get(GatewayKey key, ClientVariant variant) {
        return key.toString().equals(variant.gateway()) ? resources.get(key) : null;
    }

    /** Returns the resources of the client's own Gateway, null when it has none or that does not exist. */
    @Nullable
    GatewayResources of(ClientVariant variant) {
        GatewayKey key = variant.gateway().isEmpty() ? null : GatewayKey.parse(variant.gateway());
        return key == null ? null : resources.get(key);
    }

    /**
     * Returns what a client gets under a name.
     *
     * @param resource returns the resource of a Gateway that is under the name, null where it has none
     * @return null where the name is none of a Gateway's
     */
    @Nullable
    Lookup lookup(
            String requestedName,
            ClientVariant variant,
            Function<GatewayResources, @Nullable EncodedResource> resource) {
        GatewayName name = GatewayName.parse(requestedName);
        if (name == null) {
            return null;
        }
        if (name.gateway().toString().equals(variant.gateway()) && gateways.held(name.gateway()) != null) {
            return new Lookup.Withheld();
        }
        GatewayResources own = get(name.gateway(), variant);
        EncodedResource found = own == null ? null : resource.apply(own);
        return found == null ? missing(name, variant) : new Lookup.Found(found);
    }

    private static Lookup missing(GatewayName name, ClientVariant variant) {
        return new Lookup.Missing(
                Status.Code.NOT_FOUND,
                name.gateway().toString().equals(variant.gateway())
                        ? "Gateway " + name.gateway() + " has nothing under \"" + name
                                + "\" that can be served: its status says why"
                        : "\"" + name
                                + "\" belongs to a Gateway that is not the client's own (expected: the node metadata"
                                + " \"gateway\": \"" + name.gateway() + "\")",
                null);
    }

    /** Returns whether nothing is to be said of the client's own Gateway. */
    boolean isHeld(ClientVariant variant) {
        GatewayKey key = variant.gateway().isEmpty() ? null : GatewayKey.parse(variant.gateway());
        return key != null && gateways.held(key) != null;
    }

    /** Returns whether nothing is to be said of a listener of the client's own Gateway. */
    boolean isHeld(String listener, ClientVariant variant) {
        GatewayResources own = of(variant);
        return own != null && own.isHeld(listener);
    }

    /** Returns whether a client is told of the hosts of its routes one by one. */
    boolean takesHostsApart(ClientVariant variant) {
        return hostsApart && variant.takesParts() && !large.contains(variant.gateway());
    }

    /**
     * Returns null while they are not known, and for a client that is told of its routes whole: what it may hold of hosts from
     * before is not taken from it, as Envoy might go on by them and find none.
     */
    @Nullable
    Set<String> virtualHostNames(ClientVariant variant) {
        if (isHeld(variant) || !takesHostsApart(variant)) {
            return null;
        }
        GatewayResources own = of(variant);
        return own == null ? Set.of() : own.virtualHostNames();
    }

    /** Returns null while they are not known. */
    @Nullable
    Set<String> listenerNames(ClientVariant variant) {
        if (isHeld(variant)) {
            return null;
        }
        GatewayResources own = of(variant);
        return own == null ? Set.of() : Collections.unmodifiableSet(own.listenerNames());
    }
}
