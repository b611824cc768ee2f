/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.gateway.CompiledRoute.Refusal;
import dev.xdslb.controlplane.gateway.GatewayView.CertificateReference;
import dev.xdslb.controlplane.gateway.GatewayView.HostView;
import dev.xdslb.controlplane.gateway.GatewayView.PortView;
import dev.xdslb.controlplane.gateway.GatewayView.Section;
import dev.xdslb.controlplane.gateway.ObjectStatus.Condition;
import dev.xdslb.controlplane.gateway.ObjectStatus.OfListener;
import dev.xdslb.controlplane.gateway.ObjectStatus.OfParent;
import dev.xdslb.controlplane.gateway.RouteObject.ParentReference;
import dev.xdslb.controlplane.topology.ObjectId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One Gateway of ours with the routes that are attached to it. When a route changes, only the hosts are made anew that it
 * is or was attached to; the others stay the same objects. Confined to the writer thread.
 */
final class GatewayState {
    private final GatewayKey key;
    private final GatewayObject gateway;
    private final Predicate<CertificateReference> unread;
    private final boolean dualStack;
    private final List<String> addresses;
    private final @Nullable Refusal refused; // the whole Gateway
    private final List<LookedAtListener> listeners;
    private final Map<String, LookedAtListener> byName = new LinkedHashMap<>();

    private final Map<ObjectId, Attached> attached = new HashMap<>();

    /** By the listener's name and the domain. */
    private final Map<String, SortedMap<String, Host>> hosts = new HashMap<>();

    private final Map<String, Set<ObjectId>> routesByListener = new HashMap<>(); // those with hosts
    private final Set<Crowded> crowdedOut = new HashSet<>(); // see lookAtKinds
    private int grpcRoutes;
    private @Nullable GatewayView view;

    /** A route with what became of it at each of its parents that is this Gateway. */
    private record Attached(CompiledRoute route, List<Attachment> attachments) {
        /** Returns the domains by the listener's name, over all parents. */
        Map<String, Set<String>> domains() {
            Map<String, Set<String>> domains = new LinkedHashMap<>();
            for (Attachment attachment : attachments) {
                attachment
                        .hosts()
                        .forEach((listener, names) -> domains.computeIfAbsent(listener, key -> new LinkedHashSet<>())
                                .addAll(names));
            }
            return domains;
        }
    }

    /** A route that a listener does not take. */
    private record Crowded(String listener, ObjectId route) {}

    private static final class Host {
        private final Set<ObjectId> routes = new HashSet<>();
        private @Nullable HostView view; // null when it is to be made anew
    }

    /**
     * Creates one without routes.
     *
     * @param unread of which certificates nothing is known yet
     * @param dualStack whether its ports are those of IPv6, too
     * @param addresses where it is reached; none when that is not known
     */
    GatewayState(
            GatewayKey key,
            GatewayObject gateway,
            @Nullable Refusal refused,
            List<LookedAtListener> listeners,
            Predicate<CertificateReference> unread,
            boolean dualStack,
            List<String> addresses) {
        this.unread = unread;
        this.addresses = addresses;
        this.dualStack = dualStack;
        this.key = key;
        this.gateway = gateway;
        this.refused = refused;
        this.listeners = listeners;
        listeners.forEach(listener -> byName.put(listener.listener().name(), listener));
    }

    /** Takes a route in, or what it looks like now. */
    void put(CompiledRoute route, @Nullable Map<String, String> namespaceLabels) {
        ObjectId id = route.route().id();
        remove(id);
        List<Attachment> attachments = new ArrayList<>();
        for (ParentReference parent : route.route().parents()) {
            if (key.equals(gatewayOf(route.route(), parent))) {
                attachments.add(Attachment.of(route, parent, key.namespace(), listeners, namespaceLabels));
            }
        }
        if (attachments.isEmpty()) {
            return;
        }
        Attached added = new Attached(route, attachments);
        attached.put(id, added);
        if (route.route().kind() == RouteObject.Kind.GRPC) {
            grpcRoutes++;
        }
        if (route.refused() != null && route.entries().isEmpty()) {
            return;
        }
        added.domains().forEach((listener, domains) -> {
            routesByListener.computeIfAbsent(listener, none -> new HashSet<>()).add(id);
            SortedMap<String, Host> ofListener = hosts.computeIfAbsent(listener, none -> new TreeMap<>());
            for (String domain : domains) {
                Host host = ofListener.computeIfAbsent(domain, none -> new Host());
                host.routes.add(id);
                host.view = null;
            }
        });
        view = null;
    }

    /** Takes a route out. */
    void remove(ObjectId id) {
        Attached before = attached.remove(id);
        if (before == null) {
            return;
        }
        if (before.route().route().kind() == RouteObject.Kind.GRPC) {
            grpcRoutes--;
        }
        before.domains().forEach((listener, domains) -> {
            routesByListener.getOrDefault(listener, new HashSet<>()).remove(id);
            SortedMap<String, Host> ofListener = hosts.get(listener);
            if (ofListener == null) {
                return;
            }
            for (String domain : domains) {
                Host host = ofListener.get(domain);
                if (host != null && host.routes.remove(id)) {
                    host.view = null;
                    if (host.routes.isEmpty()) {
                        ofListener.remove(domain);
                    }
                }
            }
        });
        view = null;
    }

    Collection<ObjectId> routes() {
        return attached.keySet();
    }

    /** Returns the Gateway that a route's parent is, null when it is something else. */
    static @Nullable GatewayKey gatewayOf(RouteObject route, ParentReference parent) {
        return parent.parent().isOf(ListenerRules.GROUP, "Gateway")
                ? new GatewayKey(
                        parent.parent().namespaceFrom(route.meta().namespace()),
                        parent.parent().name())
                : null;
    }

    /**
     * Finds the routes that are not attached because one of the other kind has a host of theirs already, and returns those of
     * which this is another than before. HTTPRoutes and GRPCRoutes share no host of a listener, and the older ones come first
     * (Gateway API, GRPCRoute).
     */
    Set<ObjectId> lookAtKinds() {
        if (grpcRoutes == 0 && crowdedOut.isEmpty()) {
            return Set.of();
        }
        Set<Crowded> now = new HashSet<>();
        if (grpcRoutes > 0) {
            routesByListener.forEach((listener, ids) -> crowd(listener, ids, now));
        }
        Set<Crowded> changed = new HashSet<>(now);
        changed.removeAll(crowdedOut);
        crowdedOut.stream().filter(one -> !now.contains(one)).forEach(changed::add);
        crowdedOut.clear();
        crowdedOut.addAll(now);
        Set<ObjectId> routes = new HashSet<>();
        for (Crowded one : changed) {
            routes.add(one.route());
            Attached route = attached.get(one.route());
            SortedMap<String, Host> ofListener = hosts.getOrDefault(one.listener(), new TreeMap<>());
            if (route != null) {
                for (String domain : route.domains().getOrDefault(one.listener(), Set.of())) {
                    Host host = ofListener.get(domain);
                    if (host != null) {
                        host.view = null;
                    }
                }
            }
        }
        if (!changed.isEmpty()) {
            view = null;
        }
        return routes;
    }

    private void crowd(String listener, Set<ObjectId> ids, Set<Crowded> crowded) {
        List<Attached> byAge = new ArrayList<>();
        ids.forEach(id -> {
            Attached route = attached.get(id);
            if (route != null) {
                byAge.add(route);
            }
        });
        byAge.sort((one, other) ->
                RouteEntry.BY_AGE.compare(one.route().route(), other.route().route()));
        Map<RouteObject.Kind, Claims> claims = new HashMap<>();
        for (Attached route : byAge) {
            RouteObject.Kind kind = route.route().route().kind();
            RouteObject.Kind other = kind == RouteObject.Kind.HTTP ? RouteObject.Kind.GRPC : RouteObject.Kind.HTTP;
            Set<String> domains = route.domains().getOrDefault(listener, Set.of());
            Claims others = claims.get(other);
            if (others != null && domains.stream().anyMatch(others::intersects)) {
                crowded.add(new Crowded(listener, route.route().route().id()));
            } else {
                claims.computeIfAbsent(kind, none -> new Claims()).add(domains);
            }
        }
    }

    /** Domains, of which it is found without a search whether one has hosts in common with any of them. */
    private static final class Claims {
        private final Set<String> domains = new HashSet<>();
        private final Set<String> ends = new HashSet<>(); // of all names: what a wildcard may cover

        void add(Set<String> added) {
            for (String domain : added) {
                domains.add(domain);
                forEachWildcardOver(domain, ends::add);
            }
        }

        boolean intersects(String domain) {
            if (domains.contains(domain) || domains.contains("") || (domain.isEmpty() && !domains.isEmpty())) {
                return true;
            }
            boolean[] covered = {ends.contains(domain)};
            forEachWildcardOver(domain, wildcard -> covered[0] |= domains.contains(wildcard));
            return covered[0];
        }

        private static void forEachWildcardOver(String domain, Consumer<String> action) {
            int dot = domain.indexOf('.');
            if (domain.startsWith("*.")) {
                dot = domain.indexOf('.', 2);
            }
            while (dot >= 0) {
                action.accept("*" + domain.substring(dot));
                dot = domain.indexOf('.', dot + 1);
            }
        }
    }

    /** Returns what is served; the same object while nothing has changed. */
    GatewayView view() {
        GatewayView known = view;
        if (known == null) {
            SortedMap<Integer, List<LookedAtListener>> byPort = new TreeMap<>();
            for (LookedAtListener listener : listeners) {
                if (refused == null) {
                    byPort.computeIfAbsent(listener.listener().port(), port -> new ArrayList<>())
                            .add(listener);
                }
            }
            List<PortView> ports = new ArrayList<>();
            byPort.forEach((port, ofPort) -> {
                if (ofPort.stream().anyMatch(LookedAtListener::valid)) {
                    ports.add(port(port, ofPort));
                }
            });
            known = new GatewayView(key, ports);
            view = known;
        }
        return known;
    }

    /** A listener that cannot be served keeps its hostname: no other one gets requests that are meant for it. */
    private PortView port(int port, List<LookedAtListener> ofPort) {
        Set<String> names = new HashSet<>();
        ofPort.stream().filter(LookedAtListener::hasUsableHostname).forEach(listener -> names.add(listener.hostname()));
        List<LookedAtListener> valid =
                ofPort.stream().filter(LookedAtListener::valid).toList();
        boolean tls = valid.get(0).tls();
        List<Section> sections = new ArrayList<>();
        SortedMap<String, HostView> merged = new TreeMap<>();
        for (LookedAtListener listener : valid) {
            SortedMap<String, HostView> own = tls ? new TreeMap<>() : merged;
            hostsOf(listener, names, own);
            if (tls) {
                for (String other : names) {
                    if (!other.equals(listener.hostname())) {
                        own.put(domain(other), new HostView(domain(other), true, List.of()));
                    }
                }
                sections.add(new Section(
                        listener.listener().name(),
                        listener.hostname(),
                        listener.certificates(),
                        List.copyOf(own.values())));
            }
        }
        if (!tls) {
            names.stream()
                    .filter(name -> !name.isEmpty())
                    .forEach(name -> merged.computeIfAbsent(name, unserved -> nobody(name)));
            sections.add(new Section("", "", List.of(), List.copyOf(merged.values())));
        }
        boolean held = tls
                && valid.stream()
                        .flatMap(listener -> listener.certificates().stream())
                        .allMatch(unread);
        return new PortView(port, tls, held, dualStack, sections);
    }

    /** Returns a host of which no request is answered. */
    private static HostView nobody(String domain) {
        return new HostView(domain, false, List.of());
    }

    /** Adds the hosts that a listener serves: not those that another one of the port is meant for (listener isolation). */
    private void hostsOf(LookedAtListener listener, Set<String> names, SortedMap<String, HostView> into) {
        hosts.getOrDefault(listener.listener().name(), new TreeMap<>()).forEach((domain, host) -> {
            if (closest(domain, names).equals(listener.hostname())) {
                into.put(domain(domain), view(listener.listener().name(), domain, host));
            }
        });
        // Without routes, its requests must not go to a listener of more hosts.
        if (!listener.hostname().isEmpty()) {
            into.computeIfAbsent(listener.hostname(), GatewayState::nobody);
        }
    }

    /** Returns the hostname of the listener that hosts of this domain belong to. */
    private static String closest(String domain, Set<String> names) {
        String closest = "";
        for (String name : names) {
            if (name.length() > closest.length() && Hostname.covers(name, domain)) {
                closest = name;
            }
        }
        return closest;
    }

    private HostView view(String listener, String domain, Host host) {
        HostView known = host.view;
        if (known == null) {
            List<RouteEntry> entries = new ArrayList<>();
            for (ObjectId id : host.routes) {
                Attached route = attached.get(id);
                if (route != null && !crowdedOut.contains(new Crowded(listener, id))) {
                    entries.addAll(route.route().entries());
                }
            }
            entries.sort(RouteEntry.PRECEDENCE);
            known = new HostView(domain(domain), false, entries);
            host.view = known;
        }
        return known;
    }

    private static String domain(String hostname) {
        return hostname.isEmpty() ? "*" : hostname;
    }

    ObjectStatus status() {
        List<OfListener> ofListeners = new ArrayList<>();
        int valid = 0;
        int accepted = 0;
        for (LookedAtListener listener : listeners) {
            String name = listener.listener().name();
            Set<ObjectId> routes = routesByListener.getOrDefault(name, Set.of());
            int attachedRoutes = (int) routes.stream()
                    .filter(id -> !isRefused(id) && !crowdedOut.contains(new Crowded(name, id)))
                    .count();
            ofListeners.add(new OfListener(name, listener.supportedKinds(), attachedRoutes, listener.conditions()));
            valid += refused == null && listener.valid() ? 1 : 0;
            accepted += listener.conditions().get(0).status() ? 1 : 0; // the first says whether it is accepted
        }
        return new ObjectStatus.OfGateway(
                gateway.id(), gateway.meta().generation(), conditions(valid, accepted), ofListeners);
    }

    /** A refused route may have hosts all the same, where its requests get an error. */
    private boolean isRefused(ObjectId id) {
        Attached route = attached.get(id);
        return route != null && route.route().refused() != null;
    }

    private List<Condition> conditions(int valid, int accepted) {
        Condition programmed = programmed(valid);
        if (refused != null) {
            return List.of(new Condition("Accepted", false, refused.reason(), refused.message()), programmed);
        }
        List<String> unsupported = new ArrayList<>(gateway.unsupported());
        if (!gateway.addresses().isEmpty() && addresses.isEmpty()) {
            unsupported.add("spec.addresses"); // where Envoys are reached is not for us to choose
        }
        String disobeyed = unsupported.isEmpty() ? "" : "not obeyed: " + String.join(", ", unsupported);
        if (accepted == gateway.listeners().size() && accepted > 0) {
            return List.of(new Condition("Accepted", true, "Accepted", disobeyed), programmed);
        }
        String message = gateway.listeners().size() - accepted + " of "
                + gateway.listeners().size() + " listeners cannot be accepted: see their conditions"
                + (disobeyed.isEmpty() ? "" : "; " + disobeyed);
        return List.of(new Condition("Accepted", accepted > 0, "ListenersNotValid", message), programmed);
    }

    private Condition programmed(int valid) {
        if (valid == 0) {
            return new Condition("Programmed", false, "Invalid", "no listener can be served");
        }
        Refusal notHad = addresses.isEmpty() ? null : AskedAddresses.problem(gateway.addresses(), addresses);
        return notHad == null
                ? new Condition("Programmed", true, "Programmed", "")
                : new Condition("Programmed", false, notHad.reason(), notHad.message());
    }

    /** Returns what is to be said of a route at the parents that are this Gateway. */
    List<OfParent> parents(ObjectId id) {
        Attached route = attached.get(id);
        if (route == null) {
            return List.of();
        }
        List<OfParent> parents = new ArrayList<>();
        for (Attachment attachment : route.attachments()) {
            parents.add(new OfParent(attachment.parent(), conditions(id, route.route(), attachment)));
        }
        return parents;
    }

    private List<Condition> conditions(ObjectId id, CompiledRoute route, Attachment attachment) {
        List<Condition> conditions = new ArrayList<>();
        Refusal refused = attachment.refused() == null ? route.refused() : attachment.refused();
        boolean crowded = attachment.hosts().keySet().stream()
                .allMatch(listener -> crowdedOut.contains(new Crowded(listener, id)));
        if (refused == null && crowded) {
            refused = new Refusal(
                    "HostnameConflict",
                    "an older route of the other kind (HTTPRoute, GRPCRoute) has one of the hosts at the same listener");
        }
        conditions.add(
                refused == null
                        ? new Condition("Accepted", true, "Accepted", unserved(attachment))
                        : new Condition("Accepted", false, refused.reason(), refused.message()));
        conditions.add(route.references());
        if (refused == null && !route.dropped().isEmpty()) {
            conditions.add(new Condition("PartiallyInvalid", true, "UnsupportedValue", route.dropped()));
        }
        return conditions;
    }

    private String unserved(Attachment attachment) {
        SortedSet<String> names = new TreeSet<>();
        for (String name : attachment.hosts().keySet()) {
            LookedAtListener listener = byName.get(name);
            if (listener != null && !listener.valid()) {
                names.add(name);
            }
        }
        return names.isEmpty() ? "" : "not served by " + String.join(", ", names) + ": see the Gateway's conditions";
    }
}
