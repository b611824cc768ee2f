/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.xdslb.controlplane.gateway.GatewayObject.RouteKind;
import dev.xdslb.controlplane.gateway.ObjectReference;
import dev.xdslb.controlplane.gateway.ObjectStatus;
import dev.xdslb.controlplane.gateway.RouteObject.ParentReference;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What has to become of the status that an object has, so that it says what we say. What others say in it stays: parents of routes
 * that are theirs, conditions of types that we do not know. The time of a condition's last transition is kept while its status is
 * the same, so that what has not changed is equal, whichever replica looks.
 */
final class StatusMerge {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static final int MAX_PARENTS = 32; // of the API
    private static final int MAX_MESSAGE = 4_096; // of the API's 32,768; it is for people

    private final JsonNode shown;
    private final ObjectStatus said;
    private final List<Address> addresses;
    private final String now;

    private StatusMerge(JsonNode shown, ObjectStatus said, List<Address> addresses, Instant now) {
        this.shown = shown;
        this.said = said;
        this.addresses = addresses;
        this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Where a Gateway can be reached, as its status says it. */
    record Address(String type, String value) {}

    /**
     * Returns the fields of the status that are to be written; null when it says all of it already.
     *
     * @param shown the status that the object has
     * @param addresses of a Gateway; what is there stays when there is none
     */
    static @Nullable ObjectNode of(JsonNode shown, ObjectStatus said, List<Address> addresses, Instant now) {
        StatusMerge merge = new StatusMerge(shown, said, addresses, now);
        ObjectNode next = merge.next();
        for (var field : next.properties()) {
            if (!plain(field.getValue()).equals(plain(shown.path(field.getKey())))) {
                return next;
            }
        }
        return null;
    }

    private ObjectNode next() {
        ObjectNode next = JSON.objectNode();
        if (said instanceof ObjectStatus.OfRoute route) {
            next.set("parents", parents(route));
        } else if (said instanceof ObjectStatus.OfGateway gateway) {
            next.set("conditions", conditions(shown.path("conditions"), gateway.conditions()));
            next.set("listeners", listeners(gateway));
            if (!addresses.isEmpty()) {
                ArrayNode all = next.putArray("addresses");
                addresses.forEach(
                        address -> all.addObject().put("type", address.type()).put("value", address.value()));
            }
        } else if (said instanceof ObjectStatus.OfClass ofClass) {
            next.set("conditions", conditions(shown.path("conditions"), ofClass.conditions()));
            ArrayNode features = next.putArray("supportedFeatures");
            ofClass.supportedFeatures().stream()
                    .sorted()
                    .forEach(feature -> features.addObject().put("name", feature));
        }
        return next;
    }

    /** Those that are there stay in their places: whoever else writes the list must not take a new order for a change. */
    private ArrayNode parents(ObjectStatus.OfRoute route) {
        ArrayNode parents = JSON.arrayNode();
        List<ObjectStatus.OfParent> left = new ArrayList<>(route.parents());
        for (JsonNode parent : shown.path("parents")) {
            if (!isOurs(parent)) {
                parents.add(parent);
                continue;
            }
            JsonNode reference = plain(parent.path("parentRef"));
            take(
                    left,
                    ours -> plain(reference(ours.parent())).equals(reference),
                    ours -> parents.add(parent(ours, parent)));
        }
        left.forEach(ours -> parents.add(parent(ours, JSON.missingNode())));
        while (parents.size() > MAX_PARENTS) {
            parents.remove(parents.size() - 1);
        }
        return parents;
    }

    private ObjectNode parent(ObjectStatus.OfParent parent, JsonNode present) {
        ObjectNode next = JSON.objectNode();
        next.set("parentRef", reference(parent.parent()));
        next.put("controllerName", ObjectStatus.CONTROLLER);
        next.set("conditions", conditions(present.path("conditions"), parent.conditions()));
        return next;
    }

    private ArrayNode listeners(ObjectStatus.OfGateway gateway) {
        ArrayNode listeners = JSON.arrayNode();
        for (ObjectStatus.OfListener listener : gateway.listeners()) {
            JsonNode present = JSON.missingNode();
            for (JsonNode candidate : shown.path("listeners")) {
                if (candidate.path("name").asText().equals(listener.name())) {
                    present = candidate;
                }
            }
            ObjectNode next = listeners.addObject();
            next.put("name", listener.name());
            next.put("attachedRoutes", listener.attachedRoutes());
            ArrayNode kinds = next.putArray("supportedKinds");
            for (RouteKind kind : listener.supportedKinds()) {
                kinds.addObject().put("group", kind.group()).put("kind", kind.kind());
            }
            next.set("conditions", conditions(present.path("conditions"), listener.conditions()));
        }
        return listeners;
    }

    private ArrayNode conditions(JsonNode present, List<ObjectStatus.Condition> conditions) {
        ArrayNode next = JSON.arrayNode();
        List<ObjectStatus.Condition> left = new ArrayList<>(conditions);
        for (JsonNode condition : present) {
            String type = condition.path("type").asText();
            if (!take(left, ours -> ours.type().equals(type), ours -> next.add(condition(ours, condition)))) {
                next.add(condition);
            }
        }
        left.forEach(condition -> next.add(condition(condition, JSON.missingNode())));
        return next;
    }

    private ObjectNode condition(ObjectStatus.Condition condition, JsonNode present) {
        String status = condition.status() ? "True" : "False";
        String since = present.path("lastTransitionTime").asText("");
        boolean same = present.path("status").asText().equals(status) && !since.isEmpty();
        String message = condition.message();
        return JSON.objectNode()
                .put("type", condition.type())
                .put("status", status)
                .put("reason", condition.reason())
                .put("message", message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE - 1) + "…" : message)
                .put("observedGeneration", said.generation())
                .put("lastTransitionTime", same ? since : now);
    }

    /** Returns whether an entry of a route's status is one of ours. */
    static boolean isOurs(JsonNode parent) {
        return parent.path("controllerName").asText().equals(ObjectStatus.CONTROLLER);
    }

    private static ObjectNode reference(ParentReference parent) {
        ObjectReference of = parent.parent();
        ObjectNode reference = JSON.objectNode().put("group", of.group()).put("kind", of.kind());
        if (!of.namespace().isEmpty()) {
            reference.put("namespace", of.namespace());
        }
        reference.put("name", of.name());
        if (!parent.sectionName().isEmpty()) {
            reference.put("sectionName", parent.sectionName());
        }
        if (parent.port() != null) {
            reference.put("port", parent.port());
        }
        return reference;
    }

    /** Takes the first that matches out of the list. */
    private static <T> boolean take(List<T> list, Predicate<T> matches, Consumer<T> taker) {
        for (int i = 0; i < list.size(); i++) {
            T candidate = list.get(i);
            if (matches.test(candidate)) {
                list.remove(i);
                taker.accept(candidate);
                return true;
            }
        }
        return false;
    }

    /** The same without what says nothing: an API server, or a client, leaves out what is empty, or adds it. */
    private static JsonNode plain(JsonNode node) {
        if (node.isObject()) {
            ObjectNode plain = JSON.objectNode();
            for (var field : node.properties()) {
                JsonNode value = plain(field.getValue());
                if (!isEmpty(value)) {
                    plain.set(field.getKey(), value);
                }
            }
            return plain;
        }
        if (node.isArray()) {
            ArrayNode plain = JSON.arrayNode();
            node.forEach(item -> plain.add(plain(item)));
            return plain;
        }
        return node.isIntegralNumber()
                ? JSON.numberNode(node.asLong())
                : node.isMissingNode() ? JSON.arrayNode() : node;
    }

    private static boolean isEmpty(JsonNode value) {
        return value.isNull()
                || (value.isTextual() && value.asText().isEmpty())
                || (value.isContainerNode() && value.isEmpty());
    }
}
