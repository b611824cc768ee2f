/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.gateway.CompiledRoute.Refusal;
import dev.xdslb.controlplane.gateway.GatewayObject.Requirement;
import dev.xdslb.controlplane.gateway.GatewayObject.Selector;
import dev.xdslb.controlplane.gateway.RouteObject.ParentReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A route at one parent: to which listeners of it the route is attached, and for which hosts.
 *
 * @param hosts by the listener's name; empty when it is attached to none
 * @param refused why it is attached to none; null when it is
 */
record Attachment(
        ParentReference parent,
        Map<String, SortedSet<String>> hosts,
        @Nullable Refusal refused) {

    /**
     * Attaches.
     *
     * @param labels of the route's namespace; null when that is not known
     */
    static Attachment of(
            CompiledRoute route,
            ParentReference parent,
            String gatewayNamespace,
            List<LookedAtListener> listeners,
            @Nullable Map<String, String> labels) {
        List<LookedAtListener> named = listeners.stream()
                .filter(listener -> parent.sectionName().isEmpty()
                        || parent.sectionName().equals(listener.listener().name()))
                .filter(listener -> parent.port() == null
                        || parent.port() == listener.listener().port())
                .toList();
        if (named.isEmpty()) {
            return none(parent, "NoMatchingParent", "the Gateway has no listener " + text(parent));
        }
        String namespace = route.route().meta().namespace();
        List<LookedAtListener> allowing = named.stream()
                .filter(listener -> listener.kinds().contains(route.route().kind())
                        && allows(listener, namespace, gatewayNamespace, labels))
                .toList();
        if (allowing.isEmpty()) {
            return none(
                    parent,
                    "NotAllowedByListeners",
                    "no listener of the Gateway allows a "
                            + route.route().kind().kubernetesName() + " of namespace " + namespace);
        }
        Map<String, SortedSet<String>> hosts = new LinkedHashMap<>();
        for (LookedAtListener listener : allowing) {
            SortedSet<String> intersections = intersections(listener.hostname(), route.hostnames());
            if (!intersections.isEmpty()) {
                hosts.put(listener.listener().name(), intersections);
            }
        }
        return hosts.isEmpty()
                ? none(
                        parent,
                        "NoMatchingListenerHostname",
                        "no listener that allows the route has a hostname that goes with " + route.hostnames())
                : new Attachment(parent, hosts, null);
    }

    private static String text(ParentReference parent) {
        List<String> asked = new ArrayList<>();
        if (!parent.sectionName().isEmpty()) {
            asked.add("\"" + Texts.shown(parent.sectionName()) + "\"");
        }
        if (parent.port() != null) {
            asked.add("with port " + parent.port());
        }
        return asked.isEmpty() ? "at all" : String.join(" ", asked);
    }

    private static Attachment none(ParentReference parent, String reason, String message) {
        return new Attachment(parent, Map.of(), new Refusal(reason, message));
    }

    /** Of no hostname, all: the listener's own where it has one. */
    private static SortedSet<String> intersections(String listener, List<String> hostnames) {
        SortedSet<String> found = new TreeSet<>();
        if (hostnames.isEmpty()) {
            found.add(listener);
        }
        for (String hostname : hostnames) {
            String both = Hostname.intersection(listener, hostname);
            if (both != null) {
                found.add(both);
            }
        }
        return found;
    }

    static boolean allows(
            LookedAtListener listener,
            String namespace,
            String gatewayNamespace,
            @Nullable Map<String, String> labels) {
        return switch (listener.listener().allowed().from()) {
            case "Same" -> namespace.equals(gatewayNamespace);
            case "All" -> true;
            case "Selector" -> selects(listener.listener().allowed().selector(), labels);
            default -> false;
        };
    }

    /** A selector that is not there selects nothing, and one that asks for nothing everything that is known. */
    private static boolean selects(@Nullable Selector selector, @Nullable Map<String, String> labels) {
        if (selector == null || labels == null) {
            return false;
        }
        for (Map.Entry<String, String> label : selector.labels().entrySet()) {
            if (!label.getValue().equals(labels.get(label.getKey()))) {
                return false;
            }
        }
        return selector.requirements().stream().allMatch(requirement -> meets(requirement, labels));
    }

    private static boolean meets(Requirement requirement, Map<String, String> labels) {
        String value = labels.get(requirement.key());
        return switch (requirement.operator()) {
            case "In" -> value != null && requirement.values().contains(value);
            case "NotIn" -> value == null || !requirement.values().contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            default -> false;
        };
    }
}
