/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.web;

import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.gateway.GatewayView;
import dev.xdslb.controlplane.gateway.Gateways;
import dev.xdslb.controlplane.gateway.ObjectStatus;
import dev.xdslb.controlplane.resource.TopologyResourceStore;
import dev.xdslb.controlplane.topology.ObjectId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The Gateways: what their Envoys are told, and what is said in the statuses of the objects. Of Secrets the names are shown, and never
 * what is in them.
 */
@RestController
final class GatewaysController {
    private static final int MAX_LIMIT = 1_000;

    private static final Comparator<ObjectId> BY_NAME = Comparator.comparing(ObjectId::kind)
            .thenComparing(ObjectId::namespace)
            .thenComparing(ObjectId::name);

    private final Gateways gateways;

    GatewaysController(TopologyResourceStore store) {
        this.gateways = store.gateways();
    }

    /**
     * The answer of {@code /debug/gateways}.
     *
     * @param count of all pages together
     * @param next what to give as {@code after} for the next page; null on the last one
     * @param held of which Gateways nothing is said, as objects that they are made of could not be read yet
     * @param notOursCount how many Gateways and routes belong to somebody else, or have a name mistyped
     * @param notOurs the first of these, at most as many as a page has objects
     */
    record Page(
            int count,
            @Nullable Integer next,
            List<HeldGateway> held,
            int notOursCount,
            List<OtherObject> notOurs,
            List<DebugObject> objects) {}

    record HeldGateway(String gateway, String why) {}

    record OtherObject(String object, String why) {}

    /**
     * An object of the Gateway API that is ours.
     *
     * @param ports what is served, of a Gateway
     * @param problems the conditions that say that something is wrong
     */
    record DebugObject(
            String object,
            long generation,
            List<DebugPort> ports,
            List<String> problems,
            List<DebugCondition> status) {}

    record DebugPort(int port, boolean tls, List<DebugSection> sections) {}

    record DebugSection(String listener, String hostname, List<String> secrets, List<DebugHost> hosts) {}

    record DebugHost(String domain, int routes) {}

    record DebugCondition(String of, String type, boolean status, String reason, String message) {}

    /**
     * Answers for all objects, or for those of one Gateway, its class left out.
     *
     * @param gateway {@code <namespace>/<name>}
     * @param after {@code next} of the page before
     * @param limit how many objects at most
     */
    @GetMapping("/debug/gateways")
    Page gateways(
            @RequestParam(required = false) @Nullable String gateway,
            @RequestParam(defaultValue = "0") int after,
            @RequestParam(defaultValue = "100") int limit) {
        if (limit < 1 || limit > MAX_LIMIT || after < 0) {
            throw new IllegalArgumentException("limit: " + limit + ", after: " + after + " (expected: limit 1 to "
                    + MAX_LIMIT + ", after from 0)");
        }
        GatewayKey key = gateway == null ? null : GatewayKey.parse(gateway);
        if (gateway != null && key == null) {
            throw new IllegalArgumentException("gateway: " + gateway + " (expected: <namespace>/<name>)");
        }
        List<ObjectStatus> all = gateways.statuses().stream()
                .filter(status -> key == null || belongsTo(status, key))
                .sorted(Comparator.comparing(ObjectStatus::id, BY_NAME))
                .toList();
        List<DebugObject> page =
                all.stream().skip(after).limit(limit).map(this::object).toList();
        int next = after + page.size();
        List<HeldGateway> held = new ArrayList<>();
        gateways.held().forEach((of, why) -> {
            if (key == null || key.equals(of)) {
                held.add(new HeldGateway(of.toString(), why));
            }
        });
        List<Gateways.OtherObject> others = gateways.others().stream()
                .filter(other -> key == null || other.gateways().contains(key))
                .sorted(Comparator.comparing(Gateways.OtherObject::id, BY_NAME))
                .toList();
        List<OtherObject> notOurs = others.stream()
                .limit(limit)
                .map(other -> new OtherObject(other.id().toString(), other.why()))
                .toList();
        return new Page(all.size(), next < all.size() ? next : null, held, others.size(), notOurs, page);
    }

    @ExceptionHandler
    ProblemDetail refuse(IllegalArgumentException wrong) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, String.valueOf(wrong.getMessage()));
    }

    private static boolean belongsTo(ObjectStatus status, GatewayKey key) {
        if (status instanceof ObjectStatus.OfRoute route) {
            return route.parents().stream().anyMatch(parent -> {
                String namespace = parent.parent().parent().namespace();
                return parent.parent().parent().name().equals(key.name())
                        && (namespace.isEmpty() ? status.id().namespace() : namespace).equals(key.namespace());
            });
        }
        return status instanceof ObjectStatus.OfGateway
                && status.id().namespace().equals(key.namespace())
                && status.id().name().equals(key.name());
    }

    private DebugObject object(ObjectStatus status) {
        List<DebugCondition> conditions = new ArrayList<>();
        List<DebugPort> ports = List.of();
        if (status instanceof ObjectStatus.OfClass ofClass) {
            add(conditions, "", ofClass.conditions());
        } else if (status instanceof ObjectStatus.OfGateway gateway) {
            add(conditions, "", gateway.conditions());
            gateway.listeners().forEach(listener -> add(conditions, listener.name(), listener.conditions()));
            GatewayView view = gateways.view(
                    new GatewayKey(status.id().namespace(), status.id().name()));
            ports = view == null
                    ? List.of()
                    : view.ports().stream().map(GatewaysController::port).toList();
        } else if (status instanceof ObjectStatus.OfRoute route) {
            route.parents()
                    .forEach(parent -> add(
                            conditions,
                            parent.parent().parent().toString()
                                    + (parent.parent().sectionName().isEmpty()
                                            ? ""
                                            : " " + parent.parent().sectionName()),
                            parent.conditions()));
        }
        List<String> problems = conditions.stream()
                .filter(condition -> isProblem(condition))
                .map(condition -> (condition.of().isEmpty() ? "" : condition.of() + ": ")
                        + condition.reason()
                        + (condition.message().isEmpty() ? "" : ": " + condition.message()))
                .distinct()
                .toList();
        return new DebugObject(status.id().toString(), status.generation(), ports, problems, conditions);
    }

    /** Of a few conditions it is the other status that is bad. */
    private static boolean isProblem(DebugCondition condition) {
        return switch (condition.type()) {
            case "Conflicted", "PartiallyInvalid", "OverlappingTLSConfig" -> condition.status();
            default -> !condition.status();
        };
    }

    private static void add(List<DebugCondition> all, String of, List<ObjectStatus.Condition> conditions) {
        conditions.forEach(condition -> all.add(
                new DebugCondition(of, condition.type(), condition.status(), condition.reason(), condition.message())));
    }

    private static DebugPort port(GatewayView.PortView port) {
        return new DebugPort(
                port.number(),
                port.tls(),
                port.sections().stream()
                        .map(section -> new DebugSection(
                                section.name(),
                                section.hostname(),
                                section.certificates().stream()
                                        .map(GatewayView.CertificateReference::toString)
                                        .toList(),
                                section.hosts().stream()
                                        .limit(MAX_LIMIT)
                                        .map(host -> new DebugHost(
                                                host.domain(), host.entries().size()))
                                        .toList()))
                        .toList());
    }
}
