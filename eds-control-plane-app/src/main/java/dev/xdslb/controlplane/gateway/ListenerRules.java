/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.gateway.CompiledRoute.Refusal;
import dev.xdslb.controlplane.gateway.GatewayObject.Listener;
import dev.xdslb.controlplane.gateway.GatewayObject.RouteKind;
import dev.xdslb.controlplane.gateway.GatewayObject.Tls;
import dev.xdslb.controlplane.gateway.GatewayView.CertificateReference;
import dev.xdslb.controlplane.gateway.ObjectStatus.Condition;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which listeners of a Gateway can be served. Of those that cannot be told from one another, none: whichever was chosen,
 * connections that are meant for the other would reach it (Gateway API, GatewaySpec.listeners).
 */
final class ListenerRules {
    static final String GROUP = "gateway.networking.k8s.io";
    static final String HTTP = "HTTP";
    static final String HTTPS = "HTTPS";

    /** Gateway API, GatewaySpec. */
    static final int MAX_LISTENERS = 64;

    private final GatewayObject gateway;
    private final Certificates certificates;
    private final GatewaySettings settings;
    private final Map<Integer, Set<String>> protocolsByPort = new HashMap<>();
    private final Map<String, Integer> sameHosts = new HashMap<>();

    /** What a listener needs to know of Secrets. */
    interface Certificates {

        /** Returns why it cannot be used, null when it can. */
        @Nullable
        Refusal problem(ObjectReference reference, String ownNamespace);

        /** Returns whether there is one from before that is served while it cannot be used. */
        default boolean isServedMeanwhile(ObjectReference reference, String ownNamespace) {
            return false;
        }
    }

    private ListenerRules(GatewayObject gateway, Certificates certificates, GatewaySettings settings) {
        this.gateway = gateway;
        this.certificates = certificates;
        this.settings = settings;
    }

    /** Returns the listeners in their order; of several with one name the first. */
    static List<LookedAtListener> look(GatewayObject gateway, Certificates certificates, GatewaySettings settings) {
        ListenerRules rules = new ListenerRules(gateway, certificates, settings);
        List<Listener> listeners = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Listener listener : gateway.listeners()) {
            if (listeners.size() < MAX_LISTENERS && names.add(listener.name())) {
                listeners.add(listener);
                rules.protocolsByPort
                        .computeIfAbsent(listener.port(), port -> new HashSet<>())
                        .add(listener.protocol());
                rules.sameHosts.merge(key(listener), 1, Integer::sum);
            }
        }
        return listeners.stream().map(rules::look).toList();
    }

    private static String key(Listener listener) {
        String hostname = Hostname.canonical(listener.hostname());
        return listener.port() + " " + listener.protocol() + " " + (hostname == null ? listener.hostname() : hostname);
    }

    private LookedAtListener look(Listener listener) {
        String hostname = Hostname.canonical(listener.hostname());
        Refusal refused = refusal(listener, hostname);
        Refusal conflict = conflict(listener);
        Refusal unresolved = null;

        Set<RouteObject.Kind> kinds = EnumSet.noneOf(RouteObject.Kind.class);
        List<RouteKind> supported = new ArrayList<>();
        boolean http = listener.protocol().equals(HTTP) || listener.protocol().equals(HTTPS);
        for (RouteObject.Kind kind : RouteObject.Kind.values()) {
            RouteKind named = new RouteKind(GROUP, kind.kubernetesName());
            if (http
                    && (listener.allowed().kinds().isEmpty()
                            || listener.allowed().kinds().contains(named))) {
                kinds.add(kind);
                supported.add(named);
            }
        }
        for (RouteKind asked : listener.allowed().kinds()) {
            if (!supported.contains(asked)) {
                unresolved = new Refusal(
                        "InvalidRouteKinds",
                        "allowedRoutes.kinds has " + Texts.shown(asked.kind()) + " of group \""
                                + Texts.shown(asked.group()) + "\" (expected: HTTPRoute or GRPCRoute of " + GROUP
                                + ")");
            }
        }
        List<CertificateReference> usable = new ArrayList<>();
        if (refused == null && listener.protocol().equals(HTTPS)) {
            Refusal first = usable(listener, usable);
            unresolved = unresolved == null ? first : unresolved;
        }
        boolean noCertificate = listener.protocol().equals(HTTPS) && usable.isEmpty();
        boolean noKind = kinds.isEmpty();
        boolean valid = refused == null && conflict == null && !noCertificate && !noKind;

        List<Condition> conditions = new ArrayList<>();
        conditions.add(
                refused == null
                        ? conflict == null
                                ? new Condition("Accepted", true, "Accepted", "")
                                : new Condition("Accepted", false, conflict.reason(), conflict.message())
                        : new Condition("Accepted", false, refused.reason(), refused.message()));
        conditions.add(
                conflict == null
                        ? new Condition("Conflicted", false, "NoConflicts", "")
                        : new Condition("Conflicted", true, conflict.reason(), conflict.message()));
        conditions.add(
                unresolved == null
                        ? new Condition("ResolvedRefs", true, "ResolvedRefs", "")
                        : new Condition("ResolvedRefs", false, unresolved.reason(), unresolved.message()));
        conditions.add(
                valid
                        ? new Condition("Programmed", true, "Programmed", "")
                        : new Condition("Programmed", false, "Invalid", why(refused, conflict, unresolved)));
        return new LookedAtListener(
                listener, hostname == null ? "" : hostname, kinds, supported, usable, valid, conditions);
    }

    private static String why(@Nullable Refusal refused, @Nullable Refusal conflict, @Nullable Refusal unresolved) {
        if (refused != null) {
            return refused.message();
        }
        if (conflict != null) {
            return conflict.message();
        }
        return unresolved == null ? "" : unresolved.message();
    }

    private @Nullable Refusal refusal(Listener listener, @Nullable String hostname) {
        if (!listener.protocol().equals(HTTP) && !listener.protocol().equals(HTTPS)) {
            return new Refusal(
                    "UnsupportedProtocol",
                    "protocol \"" + Texts.shown(listener.protocol()) + "\" (expected: HTTP or HTTPS)");
        }
        if (!FilterRules.isPort(listener.port())) {
            return new Refusal("PortUnavailable", "port " + listener.port() + " (expected: 1 to 65535)");
        }
        if (hostname == null) {
            return new Refusal(
                    "UnsupportedValue",
                    "hostname \"" + Texts.shown(listener.hostname())
                            + "\" (expected: shop.example.com or *.example.com)");
        }
        if (listener.protocol().equals(HTTPS)) {
            List<String> ofAll = gateway.unsupported().stream()
                    .filter(ListenerRules::isOfConnectionsFromClients)
                    .toList();
            if (!ofAll.isEmpty()) {
                return new Refusal(
                        "UnsupportedValue",
                        "the Gateway has " + Texts.shown(String.join(", ", ofAll))
                                + " (expected: none): client certificates are not asked for here");
            }
        }
        Tls tls = listener.tls();
        if (listener.protocol().equals(HTTPS) && tls != null) {
            if (!tls.mode().equals("Terminate")) {
                return new Refusal(
                        "UnsupportedValue",
                        "tls.mode \"" + Texts.shown(tls.mode()) + "\" of an HTTPS listener (expected: Terminate)");
            }
            if (!tls.unsupported().isEmpty()) {
                return new Refusal(
                        "UnsupportedValue",
                        "tls has the field " + String.join(", ", tls.unsupported()) + ", which is not known here");
            }
        }
        String from = listener.allowed().from();
        if (!Set.of("Same", "All", "Selector", "None").contains(from)) {
            return new Refusal(
                    "UnsupportedValue",
                    "allowedRoutes.namespaces.from \"" + Texts.shown(from) + "\" (expected: Same, All or Selector)");
        }
        return null;
    }

    /** A field of {@code spec.tls} that is left out may be the one that keeps somebody out; not so that for connections to pods. */
    private static boolean isOfConnectionsFromClients(String unsupported) {
        return (unsupported + ".").startsWith("spec.tls.") && !unsupported.equals("spec.tls.backend");
    }

    private @Nullable Refusal conflict(Listener listener) {
        if (protocolsByPort.getOrDefault(listener.port(), Set.of()).size() > 1) {
            return new Refusal(
                    "ProtocolConflict", "another listener has port " + listener.port() + " with another protocol");
        }
        if (sameHosts.getOrDefault(key(listener), 0) > 1) {
            return new Refusal(
                    "HostnameConflict",
                    "another listener has port " + listener.port() + " and "
                            + (listener.hostname().isEmpty() ? "no hostname either" : "the same hostname"));
        }
        return null;
    }

    /** Adds the certificates that can be used, and returns what is wrong with the first that cannot. */
    private @Nullable Refusal usable(Listener listener, List<CertificateReference> usable) {
        Tls tls = listener.tls();
        if (!settings.tls()) {
            return new Refusal(
                    "InvalidCertificateRef",
                    "TLS by Secrets is off (expected: that it is switched on in the control plane, for Envoys that are known"
                            + " by their certificate)");
        }
        GatewayKey key =
                new GatewayKey(gateway.meta().namespace(), gateway.meta().name());
        if (!settings.isIdentified(key)) {
            return new Refusal(
                    "InvalidCertificateRef",
                    "no Secret is read for Gateway " + key
                            + ", as nobody is known to be its Envoy (expected: an entry with gateway " + key
                            + " among xds-lb.control-plane.gateway-api.identities)");
        }
        if (tls == null || tls.certificates().isEmpty()) {
            return new Refusal("InvalidCertificateRef", "no tls.certificateRefs (expected: at least one Secret)");
        }
        Refusal first = null;
        for (ObjectReference reference : tls.certificates()) {
            Refusal problem = certificates.problem(reference, gateway.meta().namespace());
            String own = gateway.meta().namespace();
            if (problem != null && first == null) {
                first = problem;
            }
            if (problem == null || certificates.isServedMeanwhile(reference, own)) {
                CertificateReference found = new CertificateReference(
                        reference.namespaceFrom(gateway.meta().namespace()), reference.name());
                if (!usable.contains(found)) {
                    usable.add(found);
                }
            }
        }
        return first;
    }
}
