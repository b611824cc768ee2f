/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

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
import java.io.IOException;
import java.io.UncheckedIOException;
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
    private final GatewayView view;
    private final Map<String, PortView> ports = new TreeMap<>();
    private final Map<String, Section> sections = new TreeMap<>();
    private final Map<String, PortView> portOfSection = new TreeMap<>();
    private final Set<String> grpcClusters = new TreeSet<>();

    // Guarded by this.
    private final IdentityHashMap<HostView, ByteString> hosts = new IdentityHashMap<>();
    private final Map<String, EncodedResource> listeners = new TreeMap<>();
    private final Map<String, EncodedResource> routes = new TreeMap<>();

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
        }
    }

    Set<String> listenerNames() {
        return ports.keySet();
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

    /** Makes a RouteConfiguration of parts that are encoded already: to protobuf, the same as one message. */
    private ByteString configuration(String name, PortView port, Section section) {
        RouteConfiguration rest = RouteConfiguration.newBuilder()
                .setName(name)
                .setIgnorePortInHostMatching(true)
                .build();
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
