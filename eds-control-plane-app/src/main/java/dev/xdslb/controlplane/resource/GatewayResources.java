/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.gateway.GatewayView;
import dev.xdslb.controlplane.gateway.GatewayView.HostView;
import dev.xdslb.controlplane.gateway.GatewayView.PortView;
import dev.xdslb.controlplane.gateway.GatewayView.Section;
import dev.xdslb.controlplane.gateway.RouteAction.Upstream;
import dev.xdslb.controlplane.gateway.RouteEntry;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.Vhds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The resources of one state of a Gateway, encoded when somebody first asks for them. A state takes over the encoded hosts
 * of the state before that are the same object still: after a change of one route among thousands, one host is encoded
 * anew and put between the others.
 */
final class GatewayResources {
    /** A domain that nobody can have (RFC 2606). Without any host to come, Envoy would wait 15 s before it opens the port. */
    private static final HostView NOBODY = new HostView("none.invalid", false, List.of());

    private final GatewayView view;
    private final Map<String, PortView> ports = new TreeMap<>();
    private final Map<String, Section> sections = new TreeMap<>();
    private final Map<String, PortView> portOfSection = new TreeMap<>();
    private final Set<String> grpcClusters = new TreeSet<>();

    // Guarded by this.
    private final IdentityHashMap<HostView, ByteString> hosts = new IdentityHashMap<>();
    private final Map<String, EncodedResource> listeners = new TreeMap<>();
    private final Map<String, EncodedResource> routes = new TreeMap<>();
    private final Map<String, EncodedResource> routesApart = new TreeMap<>();
    private final Map<String, EncodedResource> virtualHosts = new HashMap<>();
    private @Nullable Set<String> virtualHostNames; // null until somebody asks

    /**
     * Takes over a new state.
     *
     * @param before the state before; null when there is none
     */
    GatewayResources(GatewayView view, @Nullable GatewayResources before) {
        this.view = view;
        for (PortView port : view.ports()) {
            ports.put(new GatewayName(view.key(), port.number(), "").toString(), port);
            for (Section section : port.sections()) {
                String name = new GatewayName(view.key(), port.number(), section.name()).toString();
                sections.put(name, section);
                portOfSection.put(name, port);
                section.hosts().forEach(this::noteGrpc);
            }
        }
        if (before != null) {
            takeOver(before);
        }
    }

    private void noteGrpc(HostView host) {
        for (RouteEntry entry : host.entries()) {
            entry.action().targets().forEach(target -> noteGrpc(target.upstream()));
            entry.action().mirrors().forEach(mirror -> noteGrpc(mirror.upstream()));
        }
    }

    private void noteGrpc(Upstream upstream) {
        if (upstream.grpc()) {
            grpcClusters.add(HostTranslation.cluster(upstream));
        }
    }

    private void takeOver(GatewayResources before) {
        synchronized (before) {
            for (Section section : sections.values()) {
                for (HostView host : section.hosts()) {
                    ByteString known = before.hosts.get(host);
                    if (known != null) {
                        hosts.put(host, known);
                    }
                }
            }
            Set<String> otherListeners = listenersOtherThan(before);
            before.listeners.forEach((name, encoded) -> {
                if (ports.containsKey(name) && !otherListeners.contains(name)) {
                    listeners.put(name, encoded);
                }
            });
            Set<String> otherRoutes = routesOtherThan(before);
            before.routes.forEach((name, encoded) -> {
                if (sections.containsKey(name) && !otherRoutes.contains(name)) {
                    routes.put(name, encoded);
                }
            });
            before.routesApart.forEach((name, encoded) -> {
                if (sections.containsKey(name)) {
                    routesApart.put(name, encoded);
                }
            });
            if (!before.virtualHosts.isEmpty()) {
                virtualHosts.putAll(before.virtualHosts);
                virtualHosts.keySet().removeAll(virtualHostsOtherThan(before));
            }
        }
    }

    Set<String> listenerNames() {
        return ports.keySet();
    }

    /** Returns how many hosts all ports have together. */
    int hosts() {
        return sections.values().stream()
                .mapToInt(section -> section.hosts().size())
                .sum();
    }

    Set<String> routeNames() {
        return sections.keySet();
    }

    /** Returns the clusters that only the routes of this Gateway name: services of which the object does not say HTTP/2. */
    Set<String> grpcClusters() {
        return grpcClusters;
    }

    /** Returns the names of the listeners that are here or were there, and are not the same. */
    Set<String> listenersOtherThan(@Nullable GatewayResources before) {
        Set<String> other = new LinkedHashSet<>(ports.keySet());
        if (before != null) {
            other.addAll(before.ports.keySet());
            other.removeIf(name -> isSamePort(ports.get(name), before.ports.get(name)));
        }
        return other;
    }

    /** Returns the same of the routes. */
    Set<String> routesOtherThan(@Nullable GatewayResources before) {
        Set<String> other = new LinkedHashSet<>(sections.keySet());
        if (before != null) {
            other.addAll(before.sections.keySet());
            other.removeIf(name -> isSameHosts(sections.get(name), before.sections.get(name)));
        }
        return other;
    }

    /** Returns the same of the hosts of all routes. */
    Set<String> virtualHostsOtherThan(@Nullable GatewayResources before) {
        Set<String> other = new LinkedHashSet<>();
        Set<String> all = new LinkedHashSet<>(sections.keySet());
        if (before != null) {
            all.addAll(before.sections.keySet());
        }
        for (String routes : all) {
            Section section = sections.get(routes);
            Section sectionBefore = before == null ? null : before.sections.get(routes);
            addOther(routes, served(section), served(sectionBefore), other);
        }
        return other;
    }

    /** Adds the names of what is in one list and not in the other. Both are sorted by domain. */
    private static void addOther(String routes, List<HostView> one, List<HostView> two, Set<String> to) {
        int i = 0;
        int j = 0;
        while (i < one.size() || j < two.size()) {
            int order = i == one.size()
                    ? 1
                    : j == two.size()
                            ? -1
                            : one.get(i).domain().compareTo(two.get(j).domain());
            HostView host = order <= 0 ? one.get(i++) : null;
            HostView hostBefore = order >= 0 ? two.get(j++) : null;
            if (host == null || hostBefore == null || !isSame(host, hostBefore)) {
                to.add(virtualHostName(routes, host == null ? requireNonNull(hostBefore, "either") : host));
            }
        }
    }

    /** Hosts that have not changed are the same objects, but for those without routes. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(HostView one, HostView two) {
        return one == two || (one.entries().isEmpty() && one.equals(two));
    }

    /** Returns the hosts; Envoy waits for some, so one stands for none. */
    private static List<HostView> served(@Nullable Section section) {
        if (section == null) {
            return List.of();
        }
        return section.hosts().isEmpty() ? List.of(NOBODY) : section.hosts();
    }

    private static String virtualHostName(String routes, HostView host) {
        return routes + '/' + host.domain();
    }

    private static boolean isSamePort(@Nullable PortView one, @Nullable PortView two) {
        return one != null && two != null && shape(one).equals(shape(two));
    }

    /** Returns the port without its routes. */
    private static PortView shape(PortView port) {
        return new PortView(
                port.number(),
                port.tls(),
                port.held(),
                port.dualStack(),
                port.sections().stream()
                        .map(section ->
                                new Section(section.name(), section.hostname(), section.certificates(), List.of()))
                        .toList());
    }

    /** Hosts that have not changed are the same objects. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSameHosts(@Nullable Section one, @Nullable Section two) {
        if (one == null || two == null || one.hosts().size() != two.hosts().size()) {
            return false;
        }
        for (int i = 0; i < one.hosts().size(); i++) {
            if (one.hosts().get(i) != two.hosts().get(i)) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether nothing is to be said of a listener. */
    boolean isHeld(String listener) {
        PortView port = ports.get(listener);
        return port != null && port.held();
    }

    /** Returns the listener; null when there is none of this name. */
    synchronized @Nullable EncodedResource listener(String name) {
        PortView port = ports.get(name);
        return port == null
                ? null
                : listeners.computeIfAbsent(
                        name,
                        missing -> ResourceEncoding.encode(
                                ListenerType.TYPE, name, GatewayListenerTranslation.translate(view.key(), port)));
    }

    /** Returns the routes; null when there are none of this name. */
    synchronized @Nullable EncodedResource routes(String name) {
        Section section = sections.get(name);
        PortView port = portOfSection.get(name);
        if (section == null || port == null) {
            return null;
        }
        return routes.computeIfAbsent(
                name, missing -> ResourceEncoding.encode(RouteType.TYPE, name, configuration(name, port, section)));
    }

    /** Returns the routes without their hosts, which are told apart; null when there are none of this name. */
    synchronized @Nullable EncodedResource routesApart(String name) {
        return !sections.containsKey(name)
                ? null
                : routesApart.computeIfAbsent(
                        name,
                        missing -> ResourceEncoding.encode(
                                RouteType.TYPE,
                                name,
                                routesOf(name)
                                        .setVhds(Vhds.newBuilder().setConfigSource(SameStream.SOURCE))
                                        .build()));
    }

    /** Returns the names of all hosts of all routes. */
    synchronized Set<String> virtualHostNames() {
        Set<String> known = virtualHostNames;
        if (known == null) {
            Set<String> names = new LinkedHashSet<>();
            sections.forEach(
                    (routes, section) -> served(section).forEach(host -> names.add(virtualHostName(routes, host))));
            known = Collections.unmodifiableSet(names);
            virtualHostNames = known;
        }
        return known;
    }

    /** Returns a host; null when there is none of this name. */
    synchronized @Nullable EncodedResource virtualHost(String name) {
        String routes = VirtualHostType.TYPE.awaitedAfter(name);
        PortView port = portOfSection.get(routes);
        HostView host = port == null ? null : find(name.substring(routes.length() + 1), served(sections.get(routes)));
        return port == null || host == null
                ? null
                : virtualHosts.computeIfAbsent(
                        name,
                        missing -> ResourceEncoding.encode(
                                VirtualHostType.TYPE,
                                name,
                                new HostTranslation(port.tls(), port.number())
                                        .translate(host).toBuilder()
                                                .setName(name) // by which Envoy takes it out again
                                                .build()));
    }

    /** Finds a host among those that are sorted by domain. */
    private static @Nullable HostView find(String domain, List<HostView> hosts) {
        int low = 0;
        int high = hosts.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = hosts.get(middle).domain().compareTo(domain);
            if (order == 0) {
                return hosts.get(middle);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    private static RouteConfiguration.Builder routesOf(String name) {
        return RouteConfiguration.newBuilder().setName(name).setIgnorePortInHostMatching(true);
    }

    /** Makes a RouteConfiguration of parts that are encoded already: to protobuf, the same as one message. */
    private ByteString configuration(String name, PortView port, Section section) {
        RouteConfiguration rest = routesOf(name).build();
        HostTranslation translation = new HostTranslation(port.tls(), port.number());
        try {
            ByteString.Output bytes = ByteString.newOutput();
            CodedOutputStream output = CodedOutputStream.newInstance(bytes);
            output.writeRawBytes(ResourceEncoding.deterministicBytes(rest));
            for (HostView host : section.hosts()) {
                output.writeBytes(RouteConfiguration.VIRTUAL_HOSTS_FIELD_NUMBER, encoded(host, translation));
            }
            output.flush();
            return bytes.toByteString();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }

    private ByteString encoded(HostView host, HostTranslation translation) {
        ByteString known = hosts.get(host);
        if (known == null) {
            known = ByteString.copyFrom(ResourceEncoding.deterministicBytes(translation.translate(host)));
            hosts.put(host, known);
        }
        return known;
    }
}
