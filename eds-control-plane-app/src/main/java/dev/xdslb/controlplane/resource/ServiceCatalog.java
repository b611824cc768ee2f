/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import io.grpc.Status;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The services by name, and what is computed from several of them: which ports there are, and what to say of a name that
 * does not exist.
 *
 * <p>The topology's writer thread replaces a service's {@link ServiceResources} when the service changes; every thread
 * reads. What is computed from several services is computed by who first asks and kept in the {@link Listing} that stood
 * before the computation; the writer replaces the listing after the services, so nothing out of date outlives an
 * announcement.
 */
final class ServiceCatalog {

    /** Messages kept for names that do not exist; further ones are made each time, and name no others that are near. */
    private static final int MAX_MISSING = 10_000;

    /** Services that are compared with names that do not exist, in all, while no service comes or goes: a tenth of a second. */
    private static final long MAX_COMPARED = 1_000_000;

    private final FaultBoundary boundary;
    private final String clusterDomain;
    private final Map<ServiceKey, ServiceResources> services = new ConcurrentHashMap<>();
    private volatile Listing listing = new Listing();

    ServiceCatalog(FaultBoundary boundary) {
        this(boundary, ResourceName.USUAL_DOMAIN);
    }

    /**
     * Creates one.
     *
     * @param clusterDomain in which names of services may end, such as {@code cluster.local}
     */
    ServiceCatalog(FaultBoundary boundary, String clusterDomain) {
        this.boundary = boundary;
        this.clusterDomain = clusterDomain;
    }

    /** What a name stands for. */
    sealed interface Answer {
        record Port(ServiceResources service, PortView port) implements Answer {}

        record None(Status.Code code, String message) implements Answer {}
    }

    private record MissingKey(String requestedName, Family family, String namespace) {}

    /** What depends on which services and ports exist. Replaced as a whole when that changes. */
    private static final class Listing {
        private final Map<MissingKey, Answer.None> missing = new ConcurrentHashMap<>();
        private final AtomicLong compared = new AtomicLong(); // services with names that do not exist
        private volatile @Nullable Set<String> portNames;
    }

    /** Takes over what changed. To be called before anybody is told. */
    void apply(List<ServiceChange> changes) {
        boolean listed = false;
        for (ServiceChange change : changes) {
            ServiceView after = change.after();
            if (after == null) {
                services.remove(change.key());
            } else {
                services.put(change.key(), new ServiceResources(after, services.get(change.key()), boundary));
            }
            listed |= lists(change);
        }
        if (listed) {
            listing = new Listing();
        }
    }

    /** Whether another set of services or ports exists after the change. */
    static boolean lists(ServiceChange change) {
        ServiceView before = change.before();
        ServiceView after = change.after();
        return before == null || after == null || !before.hasPortsOf(after);
    }

    @Nullable
    ServiceResources get(ServiceKey key) {
        return services.get(key);
    }

    /** Returns what a name says for such a client, null when it is none of a service. */
    @Nullable
    ResourceName name(String requestedName, ClientVariant variant) {
        return ResourceName.parse(requestedName, variant, clusterDomain);
    }

    Answer find(String requestedName, ClientVariant variant) {
        Listing now = listing;
        ResourceName name = name(requestedName, variant);
        ServiceResources service = name == null ? null : services.get(name.service());
        if (name != null && service != null) {
            PortChoice choice = PortChoice.of(name, service.view());
            if (choice instanceof PortChoice.Chosen chosen) {
                return new Answer.Port(service, chosen.port());
            }
            PortChoice.None none = (PortChoice.None) choice;
            return new Answer.None(none.code(), none.message());
        }
        MissingKey key = new MissingKey(requestedName, variant.family(), variant.namespace());
        Answer.None known = now.missing.get(key);
        if (known == null) {
            known = new Answer.None(Status.Code.NOT_FOUND, message(requestedName, name, variant, now));
            if (now.missing.size() < MAX_MISSING) {
                now.missing.put(key, known);
            }
        }
        return known;
    }

    /** Returns the canonical names of all ports, sorted. */
    Set<String> portNames() {
        Listing now = listing;
        Set<String> names = now.portNames;
        if (names == null) {
            names = new TreeSet<>();
            for (ServiceResources service : services.values()) {
                ServiceView view = service.view();
                for (PortView port : view.ports()) {
                    names.add(ResourceName.canonical(view.key(), port.port().number()));
                }
            }
            names = Collections.unmodifiableSet(names);
            now.portNames = names;
        }
        return names;
    }

    /** Returns what may have been meant; empty once so much was compared that others would wait for it. */
    private List<String> nearest(ServiceKey asked, Listing now) {
        if (now.missing.size() >= MAX_MISSING || now.compared.addAndGet(services.size()) > MAX_COMPARED) {
            return List.of();
        }
        Collection<ServiceView> known =
                services.values().stream().map(ServiceResources::view).toList();
        return NearestNames.of(asked, known);
    }

    private String message(String requestedName, @Nullable ResourceName name, ClientVariant variant, Listing now) {
        if (name == null) {
            boolean onlyNamespaceMissing = variant.namespace().isEmpty()
                    && name(requestedName, new ClientVariant(variant.family(), "any")) != null;
            return onlyNamespaceMissing
                    ? "\"" + requestedName + "\" has no namespace, and the client does not say its own: ask for"
                            + " <service>.<namespace>:<port>, or set xds-lb.namespace in the client (the node metadata"
                            + " \"namespace\")"
                    : "\"" + requestedName + "\" is no name of a service (expected: <service>.<namespace>:<port>)";
        }
        List<String> nearest = nearest(name.service(), now);
        return "no Service \"" + name.service().name() + "\" in namespace \""
                + name.service().namespace() + "\""
                + (nearest.isEmpty() ? "" : "; nearest: " + String.join(", ", nearest));
    }
}
