/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.gateway.CompiledRoute.Refusal;
import dev.xdslb.controlplane.gateway.GatewayListener.StatusChange;
import dev.xdslb.controlplane.gateway.GatewayView.CertificateReference;
import dev.xdslb.controlplane.gateway.ObjectStatus.Condition;
import dev.xdslb.controlplane.gateway.ObjectStatus.OfParent;
import dev.xdslb.controlplane.gateway.RouteObject.ParentReference;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.ObjectScope;
import dev.xdslb.controlplane.topology.RoutingObject;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyListener;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Gateways that are ours, and what is to be said of them.
 *
 * <p>A change of a route, or of the ports or the request key of a Service, makes anew what depends on that route: its hosts at its Gateways. A
 * change of anything else (a Gateway, its class, a Namespace, a ReferenceGrant, a Secret) is rare, and makes anew all
 * Gateways or routes that refer to it. Endpoints that come and go change nothing here.
 *
 * <p>The topology's writer thread writes, everybody reads views, statuses and Secrets.
 */
public final class Gateways implements TopologyListener, Backends {
    private static final List<String> SUPPORTED = SupportedFeatures.NAMES;

    private static final int MAX_PARENTS_TOLD = 3;

    private static final Logger logger = LoggerFactory.getLogger(Gateways.class);

    private final FaultBoundary boundary;
    private final GatewaySettings settings;
    private final List<GatewayListener> listeners = new CopyOnWriteArrayList<>();

    // Written by the writer thread, read by everybody.
    private final Map<GatewayKey, GatewayView> views = new ConcurrentHashMap<>();
    private final Map<ObjectId, ObjectStatus> statuses = new ConcurrentHashMap<>();
    private final Map<ObjectId, OtherObject> others = new ConcurrentHashMap<>();
    private final Map<ObjectId, SecretObject> secrets = new ConcurrentHashMap<>(); // the last that could be used
    private final HeldGateways held = new HeldGateways();

    // Confined to the writer thread.
    private final Map<ObjectId, RoutingObject> objects = new HashMap<>(); // all but grants and Secrets
    private final Map<ObjectId, Refusal> secretProblems = new HashMap<>(); // of the Secret as it is
    private final Grants grants = new Grants();
    private final Map<ServiceKey, ServiceView> services = new HashMap<>();
    private final Map<ObjectId, CompiledRoute> compiled = new HashMap<>();
    private final Map<GatewayKey, GatewayState> states = new HashMap<>();
    private final Map<GatewayKey, Set<ObjectId>> routesByGateway = new HashMap<>();
    private final Map<ServiceKey, Set<ObjectId>> routesByService = new HashMap<>();
    private final Map<GatewayKey, List<Integer>> saidPorts = new HashMap<>(); // to the log
    private Dirty dirty = new Dirty();

    private final ListenerRules.Certificates certificates = new ListenerRules.Certificates() {
        @Override
        public @Nullable Refusal problem(ObjectReference reference, String own) {
            return certificateProblem(reference, own);
        }

        @Override
        public boolean isServedMeanwhile(ObjectReference reference, String own) {
            String namespace = reference.namespaceFrom(own);
            return reference.isOf("", "Secret")
                    && (namespace.equals(own) || grants.allows("Gateway", own, reference, namespace))
                    && isServedMeanwhile(new ObjectId(ObjectId.Kind.SECRET, namespace, reference.name()));
        }

        /** Of a Secret that could not be read yet Envoy may have an earlier one. */
        private boolean isServedMeanwhile(ObjectId secret) {
            return secrets.containsKey(secret) || held.whyNot(secret) != null;
        }
    };

    /** What is to be made anew. */
    private static final class Dirty {
        private final Set<ObjectId> routes = new LinkedHashSet<>();
        private final Set<GatewayKey> gateways = new LinkedHashSet<>();
        private final Set<ObjectId> classes = new LinkedHashSet<>();
        private final Set<ObjectId> secrets = new LinkedHashSet<>();
        private final Set<GatewayKey> held = new LinkedHashSet<>(); // whether they are
        private boolean listing; // what could not be listed is another than before

        boolean isEmpty() {
            return routes.isEmpty()
                    && gateways.isEmpty()
                    && classes.isEmpty()
                    && secrets.isEmpty()
                    && held.isEmpty()
                    && !listing;
        }
    }

    /** Follows the topology from now on: to be called before the topology starts. */
    public Gateways(Topology topology, Faults faults, GatewaySettings settings) {
        this.boundary = faults.boundary("gateways");
        this.settings = settings;
        topology.addListener(this);
    }

    public void addListener(GatewayListener listener) {
        listeners.add(listener);
    }

    /** Returns what is served of a Gateway, null when it is not ours or does not exist. */
    public @Nullable GatewayView view(GatewayKey key) {
        return views.get(key);
    }

    /**
     * Returns why nothing is to be said of a Gateway, which need not exist: objects that it is made of could not be read yet. Null
     * when it is as its {@link #view} says.
     */
    public @Nullable String held(GatewayKey key) {
        return held.why(key);
    }

    /** Returns the Gateways that are known to be held, and why. */
    public SortedMap<GatewayKey, String> held() {
        return held.all();
    }

    /** Returns whether all objects could be read, so that what is not ours can be told from what is not known. */
    public boolean isComplete() {
        return held.isComplete();
    }

    /** Returns what is to be said in the status of an object; null when it is not ours, or is held. */
    public @Nullable ObjectStatus status(ObjectId id) {
        return statuses.get(id);
    }

    /** Returns the statuses of all objects that are ours, in no particular order. */
    public Collection<ObjectStatus> statuses() {
        return Collections.unmodifiableCollection(statuses.values());
    }

    /**
     * Returns the Gateways and routes that are not ours, or not ours at one of their parents, and why. They may be another controller's,
     * or mistyped. Objects of Gateways that are held are not among them.
     */
    public Collection<OtherObject> others() {
        return Collections.unmodifiableCollection(others.values());
    }

    /**
     * A Gateway or route that is not ours, or not at one of its parents.
     *
     * @param gateways itself, or those of its parents that are meant
     */
    public record OtherObject(ObjectId id, Set<GatewayKey> gateways, String why) {
        public OtherObject {
            gateways = Set.copyOf(gateways);
        }
    }

    /** Returns the Secrets by which this Gateway serves listeners. */
    public Set<CertificateReference> certificates(GatewayKey gateway) {
        GatewayView view = views.get(gateway);
        return view == null
                ? Set.of()
                : view.ports().stream()
                        .flatMap(port -> port.sections().stream())
                        .flatMap(section -> section.certificates().stream())
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** Returns whether a Gateway may have a listener with this Secret of which nothing is known yet. */
    public boolean mayHaveSecret(GatewayKey gateway, String namespace, String name) {
        return held.why(gateway) != null
                || (held.whyNot(new ObjectId(ObjectId.Kind.SECRET, namespace, name)) != null
                        && certificates(gateway).contains(new CertificateReference(namespace, name)));
    }

    /** Returns a Secret, if this Gateway serves a listener by it; null otherwise. */
    public @Nullable SecretObject secret(GatewayKey gateway, String namespace, String name) {
        return certificates(gateway).contains(new CertificateReference(namespace, name))
                ? secrets.get(new ObjectId(ObjectId.Kind.SECRET, namespace, name))
                : null;
    }

    @Override
    public @Nullable ServiceView service(String namespace, String name) {
        return services.get(new ServiceKey(namespace, name));
    }

    @Override
    public boolean isGranted(String fromKind, String fromNamespace, ObjectReference to, String toNamespace) {
        return grants.allows(fromKind, fromNamespace, to, toNamespace);
    }

    @Override
    public void changed(List<ServiceChange> changes) {
        for (ServiceChange change : changes) {
            ServiceView before = change.before();
            ServiceView after = change.after();
            if (after == null) {
                services.remove(change.key());
            } else {
                services.put(change.key(), after);
            }
            if (before == null
                    || after == null
                    || !before.hasPortsOf(after)
                    || !Objects.equals(
                            before.policy().requestKey(), after.policy().requestKey())) {
                dirty.routes.addAll(routesByService.getOrDefault(change.key(), Set.of()));
            }
        }
        makeAnew();
    }

    @Override
    public void routingChanged(List<RoutingChange> changes) {
        for (RoutingChange change : changes) {
            take(change.id(), change.object());
        }
        makeAnew();
    }

    @Override
    public void listingChanged(SortedMap<ObjectScope, String> unlisted) {
        SortedMap<ObjectScope, String> before = held.replace(unlisted);
        Set<ObjectScope> changed = new LinkedHashSet<>(before.keySet());
        changed.addAll(unlisted.keySet());
        changed.removeIf(scope -> Objects.equals(before.get(scope), unlisted.get(scope)));
        for (ObjectScope scope : changed) {
            if (scope.kind() == ObjectId.Kind.SECRET) {
                ObjectId id = new ObjectId(ObjectId.Kind.SECRET, scope.namespace(), scope.name());
                dirty.secrets.add(id);
                dirty.gateways.addAll(gatewaysReferringTo(id));
            }
        }
        if (changed.stream().anyMatch(scope -> scope.kind() != ObjectId.Kind.SECRET)) {
            allGateways().forEach(gateway -> dirty.held.add(keyOf(gateway)));
            dirty.listing = true;
        }
        makeAnew();
    }

    private void take(ObjectId id, @Nullable RoutingObject object) {
        switch (id.kind()) {
            case SECRET -> {
                if (object instanceof SecretObject secret) {
                    take(id, secret);
                } else {
                    secrets.remove(id);
                    secretProblems.remove(id);
                }
                dirty.secrets.add(id);
                gatewaysReferringTo(id).forEach(dirty.gateways::add);
            }
            case REFERENCE_GRANT -> {
                if (object instanceof ReferenceGrantObject grant) {
                    grants.put(grant);
                } else {
                    grants.remove(id);
                }
                routesByService.forEach((service, routes) -> {
                    if (service.namespace().equals(id.namespace())) {
                        dirty.routes.addAll(routes);
                    }
                });
                allGateways().forEach(gateway -> {
                    boolean refers = gateway.listeners().stream()
                            .map(GatewayObject.Listener::tls)
                            .filter(Objects::nonNull)
                            .flatMap(tls -> tls.certificates().stream())
                            .anyMatch(certificate -> certificate.namespace().equals(id.namespace()));
                    if (refers) {
                        dirty.gateways.add(keyOf(gateway));
                    }
                });
            }
            case NAMESPACE -> {
                put(id, object);
                allGateways().forEach(gateway -> {
                    if (selectsNamespaces(gateway)) {
                        dirty.gateways.add(keyOf(gateway));
                    }
                });
            }
            case GATEWAY_CLASS -> {
                put(id, object);
                dirty.classes.add(id);
                allGateways().forEach(gateway -> {
                    if (gateway.className().equals(id.name())) {
                        dirty.gateways.add(keyOf(gateway));
                    }
                });
            }
            case GATEWAY -> {
                put(id, object);
                dirty.gateways.add(new GatewayKey(id.namespace(), id.name()));
            }
            case HTTP_ROUTE, GRPC_ROUTE -> {
                RoutingObject before = put(id, object);
                index(before, false);
                index(object, true);
                dirty.routes.add(id);
            }
            case SERVICE, ENDPOINT_SLICE, NODE, POD -> {}
        }
    }

    /** A Secret that cannot be used any more does not take from Envoy the one that it had. */
    private void take(ObjectId id, SecretObject secret) {
        Refusal problem = CertificateRules.problem(secret);
        if (problem == null) {
            secrets.put(id, secret);
            secretProblems.remove(id);
        } else {
            secretProblems.put(id, problem);
        }
    }

    private @Nullable RoutingObject put(ObjectId id, @Nullable RoutingObject object) {
        return object == null ? objects.remove(id) : objects.put(id, object);
    }

    private void index(@Nullable RoutingObject object, boolean add) {
        if (!(object instanceof RouteObject route)) {
            return;
        }
        ObjectId id = route.id();
        gatewaysOf(route).forEach(gateway -> index(routesByGateway, gateway, id, add));
        services(route).forEach(service -> index(routesByService, service, id, add));
    }

    private static Set<ServiceKey> services(RouteObject route) {
        Set<ServiceKey> services = new LinkedHashSet<>();
        for (RouteRule rule : route.rules()) {
            rule.backends().forEach(backend -> services.add(serviceOf(route, backend.service())));
            for (RouteFilter filter : rule.filters()) {
                if (filter instanceof RouteFilter.Mirror mirror) {
                    services.add(serviceOf(route, mirror.service()));
                }
            }
        }
        return services;
    }

    private static <K> void index(Map<K, Set<ObjectId>> index, K key, ObjectId id, boolean add) {
        if (add) {
            index.computeIfAbsent(key, none -> new LinkedHashSet<>()).add(id);
        } else {
            index.computeIfPresent(key, (same, ids) -> {
                ids.remove(id);
                return ids.isEmpty() ? null : ids;
            });
        }
    }

    private static ServiceKey serviceOf(RouteObject route, ObjectReference reference) {
        return new ServiceKey(reference.namespaceFrom(route.meta().namespace()), reference.name());
    }

    private static Set<GatewayKey> gatewaysOf(RouteObject route) {
        Set<GatewayKey> gateways = new LinkedHashSet<>();
        route.parents().forEach(parent -> {
            GatewayKey key = GatewayState.gatewayOf(route, parent);
            if (key != null) {
                gateways.add(key);
            }
        });
        return gateways;
    }

    private List<GatewayObject> allGateways() {
        return objects.values().stream()
                .filter(GatewayObject.class::isInstance)
                .map(GatewayObject.class::cast)
                .toList();
    }

    private List<GatewayKey> gatewaysReferringTo(ObjectId secret) {
        return allGateways().stream()
                .filter(gateway -> gateway.listeners().stream()
                        .map(GatewayObject.Listener::tls)
                        .filter(Objects::nonNull)
                        .flatMap(tls -> tls.certificates().stream())
                        .anyMatch(certificate -> certificate.name().equals(secret.name())
                                && certificate
                                        .namespaceFrom(gateway.meta().namespace())
                                        .equals(secret.namespace())))
                .map(Gateways::keyOf)
                .toList();
    }

    private static GatewayKey keyOf(GatewayObject gateway) {
        return new GatewayKey(gateway.meta().namespace(), gateway.meta().name());
    }

    /**
     * What throws is not tried again before it changes, as it would throw again: a route is taken out of its Gateways until
     * then, and a Gateway's listeners are closed.
     */
    private void makeAnew() {
        if (dirty.isEmpty()) {
            return;
        }
        Dirty now = dirty;
        dirty = new Dirty();
        Set<GatewayKey> touched = new LinkedHashSet<>(now.gateways);
        Set<ObjectId> routesToSay = new LinkedHashSet<>(now.routes);
        for (GatewayKey key : now.gateways) {
            GatewayState before = states.remove(key);
            if (before != null) {
                routesToSay.addAll(before.routes());
            }
        }
        for (ObjectId id : now.routes) {
            boundary.run(id, () -> compile(id, touched));
        }
        for (GatewayKey key : now.gateways) {
            boundary.run(key, () -> open(key));
            routesToSay.addAll(routesByGateway.getOrDefault(key, Set.of()));
        }
        Set<GatewayKey> heldChanged = lookAtHeld(now.held, touched);
        touched.addAll(heldChanged);
        heldChanged.forEach(key -> routesToSay.addAll(routesByGateway.getOrDefault(key, Set.of())));
        Set<GatewayKey> changed = new LinkedHashSet<>();
        List<StatusChange> statusChanges = new ArrayList<>();
        for (GatewayKey key : touched) {
            boundary.run(key, () -> {
                GatewayState state = states.get(key);
                if (state != null) {
                    routesToSay.addAll(state.lookAtKinds());
                }
                GatewayView after = state == null ? null : state.view();
                GatewayView before = after == null ? views.remove(key) : views.put(key, after);
                if (isOther(before, after)) {
                    changed.add(key);
                }
                ObjectId id = new ObjectId(ObjectId.Kind.GATEWAY, key.namespace(), key.name());
                say(id, state == null ? null : state.status(), statusChanges);
                note(id);
                sayPorts(key, after);
            });
        }
        routesToSay.forEach(id -> boundary.run(id, () -> {
            say(id, statusOf(id), statusChanges);
            note(id);
        }));
        if (now.listing) {
            objects.keySet().forEach(id -> boundary.run(id, () -> note(id)));
        }
        now.classes.forEach(id -> say(id, statusOfClass(id), statusChanges));
        tell(changed, heldChanged, now.secrets, statusChanges);
    }

    /** Of a Gateway that is held nothing is said; an Envoy is not told either. */
    private void sayPorts(GatewayKey key, @Nullable GatewayView view) {
        if (held.isToBeHeld(key)) {
            return;
        }
        List<Integer> ports = view == null ? List.of() : view.portNumbers();
        List<Integer> before = ports.isEmpty() ? saidPorts.remove(key) : saidPorts.put(key, ports);
        if (!ports.equals(Objects.requireNonNullElse(before, List.of()))) {
            logger.info("Gateway {} listens on {}", key, ports.isEmpty() ? "no port any more" : "ports " + ports);
        }
    }

    private Set<GatewayKey> lookAtHeld(Set<GatewayKey> asked, Set<GatewayKey> touched) {
        if (held.isIdle()) {
            return Set.of();
        }
        Set<GatewayKey> all = new LinkedHashSet<>(asked);
        all.addAll(touched);
        Set<GatewayKey> changed = new LinkedHashSet<>();
        for (GatewayKey key : all) {
            boundary.run(key, () -> {
                if (held.look(key, parts(key))) {
                    changed.add(key);
                }
            });
        }
        return changed;
    }

    private HeldGateways.Parts parts(GatewayKey key) {
        GatewayObject gateway = gateway(key);
        GatewayClassObject ofClass = gateway == null ? null : classOf(gateway);
        return new HeldGateways.Parts() {
            @Override
            public boolean mayBeOurs() {
                return gateway != null && (ofClass == null || isOurs(ofClass));
            }

            @Override
            public boolean isOfKnownClass() {
                return ofClass != null;
            }

            @Override
            public boolean selectsNamespaces() {
                return gateway != null && Gateways.selectsNamespaces(gateway);
            }

            @Override
            public Set<String> foreignNamespaces() {
                return Gateways.this.foreignNamespaces(key, gateway);
            }
        };
    }

    private static boolean selectsNamespaces(GatewayObject gateway) {
        return gateway.listeners().stream()
                .anyMatch(listener -> listener.allowed().from().equals("Selector"));
    }

    private Set<String> foreignNamespaces(GatewayKey key, @Nullable GatewayObject gateway) {
        Set<String> namespaces = new HashSet<>();
        if (gateway != null) {
            gateway.listeners().stream()
                    .map(GatewayObject.Listener::tls)
                    .filter(Objects::nonNull)
                    .flatMap(tls -> tls.certificates().stream())
                    .forEach(reference -> namespaces.add(reference.namespaceFrom(key.namespace())));
            namespaces.remove(key.namespace());
        }
        for (ObjectId id : routesByGateway.getOrDefault(key, Set.of())) {
            if (objects.get(id) instanceof RouteObject route) {
                services(route).stream()
                        .map(ServiceKey::namespace)
                        .filter(namespace -> !namespace.equals(id.namespace()))
                        .forEach(namespaces::add);
            }
        }
        return namespaces;
    }

    /** A state gives the same object while nothing has changed: to compare what is in it would take longer. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isOther(@Nullable GatewayView before, @Nullable GatewayView after) {
        return before != after;
    }

    private void compile(ObjectId id, Set<GatewayKey> touched) {
        CompiledRoute before = compiled.remove(id);
        if (before != null) {
            for (GatewayKey key : gatewaysOf(before.route())) {
                GatewayState state = states.get(key);
                if (state != null) {
                    state.remove(id);
                    touched.add(key);
                }
            }
        }
        if (!(objects.get(id) instanceof RouteObject route)) {
            return;
        }
        CompiledRoute after = RouteCompilation.compile(route, this);
        compiled.put(id, after);
        for (GatewayKey key : gatewaysOf(route)) {
            GatewayState state = states.get(key);
            if (state != null) {
                state.put(after, labels(route.meta().namespace()));
                touched.add(key);
            }
        }
    }

    /** Returns null of a namespace that is not known, or not yet: it is not one without labels. */
    private @Nullable Map<String, String> labels(String namespace) {
        return objects.get(new ObjectId(ObjectId.Kind.NAMESPACE, "", namespace)) instanceof NamespaceObject found
                ? found.labels()
                : null;
    }

    /** Makes a Gateway's state of nothing, if it is ours. */
    private void open(GatewayKey key) {
        GatewayObject gateway = gateway(key);
        if (gateway == null || !isOurs(gateway)) {
            return;
        }
        GatewayState state = new GatewayState(
                key,
                gateway,
                refusal(gateway),
                ListenerRules.look(gateway, certificates, settings),
                certificate ->
                        held.whyNot(new ObjectId(ObjectId.Kind.SECRET, certificate.namespace(), certificate.name()))
                                != null,
                Objects.requireNonNullElse(gateway.dualStack(), settings.dualStack()),
                settings.addresses().getOrDefault(key, List.of()));
        states.put(key, state);
        for (ObjectId route : routesByGateway.getOrDefault(key, Set.of())) {
            CompiledRoute known = compiled.get(route);
            if (known != null) {
                state.put(known, labels(route.namespace()));
            }
        }
    }

    private static @Nullable Refusal refusal(GatewayObject gateway) {
        if (!gateway.meta().problems().isEmpty()) {
            return new Refusal("Invalid", String.join("; ", gateway.meta().problems()));
        }
        for (String address : gateway.addresses()) {
            if (!address.startsWith("IPAddress ") && !address.startsWith("Hostname ")) {
                return new Refusal(
                        "UnsupportedAddress",
                        "address \"" + Texts.shown(address) + "\" (expected: of type IPAddress or Hostname)");
            }
        }
        return null;
    }

    private @Nullable Refusal certificateProblem(ObjectReference reference, String own) {
        String namespace = reference.namespaceFrom(own);
        if (!reference.isOf("", "Secret")) {
            return new Refusal("InvalidCertificateRef", reference + " (expected: a Secret)");
        }
        if (!namespace.equals(own) && !grants.allows("Gateway", own, reference, namespace)) {
            return new Refusal(
                    "RefNotPermitted",
                    "Secret " + namespace + "/" + reference.name()
                            + " is in another namespace, and no ReferenceGrant there lets Gateways of namespace " + own
                            + " refer to it");
        }
        ObjectId id = new ObjectId(ObjectId.Kind.SECRET, namespace, reference.name());
        String unread = held.whyNot(id);
        if (unread != null) {
            return new Refusal("InvalidCertificateRef", unread + "; an Envoy that has an earlier one keeps it");
        }
        Refusal problem = secretProblems.get(id);
        if (problem != null) {
            return secrets.containsKey(id)
                    ? new Refusal(problem.reason(), problem.message() + "; the last one that could be used is served")
                    : problem;
        }
        return secrets.containsKey(id)
                ? null
                : new Refusal("InvalidCertificateRef", "there is no Secret " + namespace + "/" + reference.name());
    }

    /** What is known of it is not all: nothing is said of it in its status. */
    private boolean isHeld(ObjectId id) {
        if (held.isIdle()) {
            return false;
        }
        if (id.kind() == ObjectId.Kind.GATEWAY) {
            return held.isToBeHeld(new GatewayKey(id.namespace(), id.name()));
        }
        CompiledRoute route = compiled.get(id);
        return route != null && gatewaysOf(route.route()).stream().anyMatch(held::isToBeHeld);
    }

    private @Nullable ObjectStatus statusOf(ObjectId id) {
        CompiledRoute route = compiled.get(id);
        if (route == null) {
            return null;
        }
        List<OfParent> parents = new ArrayList<>();
        for (GatewayKey key : gatewaysOf(route.route())) {
            GatewayState state = states.get(key);
            if (state != null) {
                parents.addAll(state.parents(id));
            }
        }
        return parents.isEmpty()
                ? null
                : new ObjectStatus.OfRoute(id, route.route().meta().generation(), parents);
    }

    private void note(ObjectId id) {
        OtherObject other = isHeld(id) ? null : other(id);
        if (other == null) {
            others.remove(id);
        } else {
            others.put(id, other);
        }
    }

    private @Nullable OtherObject other(ObjectId id) {
        if (objects.get(id) instanceof GatewayObject gateway) {
            return isOurs(gateway)
                    ? null
                    : new OtherObject(
                            id,
                            Set.of(keyOf(gateway)),
                            "spec.gatewayClassName is \"" + Texts.shown(gateway.className())
                                    + "\", and no GatewayClass of " + ObjectStatus.CONTROLLER
                                    + " of that name is known");
        }
        if (!(objects.get(id) instanceof RouteObject route)) {
            return null;
        }
        if (route.parents().isEmpty()) {
            return new OtherObject(id, Set.of(), "spec.parentRefs names no Gateway");
        }
        Set<GatewayKey> unknown = new LinkedHashSet<>(gatewaysOf(route));
        unknown.removeIf(this::isOurs);
        List<String> named = new ArrayList<>();
        unknown.forEach(key -> named.add("Gateway " + key));
        for (ParentReference parent : route.parents()) {
            if (GatewayState.gatewayOf(route, parent) == null
                    && !parent.parent().isOf("", "Service")) {
                named.add(parent.parent().toString());
            }
        }
        if (named.isEmpty()) {
            return null;
        }
        int untold = named.size() - MAX_PARENTS_TOLD;
        String told = named.stream().limit(MAX_PARENTS_TOLD).map(Texts::shown).collect(Collectors.joining(", "));
        return new OtherObject(
                id,
                unknown,
                "spec.parentRefs names " + told + (untold > 0 ? " and " + untold + " more" : "")
                        + "; no such Gateway of " + ObjectStatus.CONTROLLER + " is known");
    }

    private @Nullable GatewayObject gateway(GatewayKey key) {
        return objects.get(new ObjectId(ObjectId.Kind.GATEWAY, key.namespace(), key.name()))
                        instanceof GatewayObject found
                ? found
                : null;
    }

    private @Nullable GatewayClassObject classOf(GatewayObject gateway) {
        return objects.get(new ObjectId(ObjectId.Kind.GATEWAY_CLASS, "", gateway.className()))
                        instanceof GatewayClassObject found
                ? found
                : null;
    }

    private boolean isOurs(GatewayKey key) {
        GatewayObject gateway = gateway(key);
        return gateway != null && isOurs(gateway);
    }

    private boolean isOurs(GatewayObject gateway) {
        GatewayClassObject ofClass = classOf(gateway);
        return ofClass != null && isOurs(ofClass);
    }

    private static boolean isOurs(GatewayClassObject ofClass) {
        return ofClass.controllerName().equals(ObjectStatus.CONTROLLER);
    }

    private @Nullable ObjectStatus statusOfClass(ObjectId id) {
        if (!(objects.get(id) instanceof GatewayClassObject ofClass) || !isOurs(ofClass)) {
            return null;
        }
        List<String> problems = ofClass.meta().problems();
        Condition accepted;
        if (!ofClass.parameters().isEmpty()) {
            accepted = new Condition(
                    "Accepted",
                    false,
                    "InvalidParameters",
                    "parametersRef " + Texts.shown(ofClass.parameters())
                            + " (expected: none); Gateways of the class are served without");
        } else {
            accepted = new Condition("Accepted", true, "Accepted", String.join("; ", problems));
        }
        return new ObjectStatus.OfClass(id, ofClass.meta().generation(), List.of(accepted), SUPPORTED);
    }

    private void say(ObjectId id, @Nullable ObjectStatus computed, List<StatusChange> changes) {
        ObjectStatus status = computed == null || isHeld(id) ? null : computed;
        ObjectStatus before = status == null ? statuses.remove(id) : statuses.put(id, status);
        if (!Objects.equals(before, status)) {
            changes.add(new StatusChange(id, status));
        }
    }

    private void tell(
            Set<GatewayKey> changed,
            Set<GatewayKey> changedHeld,
            Set<ObjectId> changedSecrets,
            List<StatusChange> statusChanges) {
        for (GatewayListener listener : listeners) {
            if (!changed.isEmpty()) {
                boundary.run(listener, () -> listener.gatewaysChanged(Collections.unmodifiableSet(changed)));
            }
        }
        held.release();
        for (GatewayListener listener : listeners) {
            if (!changedHeld.isEmpty()) {
                boundary.run(listener, () -> listener.heldChanged(Collections.unmodifiableSet(changedHeld)));
            }
            if (!changedSecrets.isEmpty()) {
                boundary.run(listener, () -> listener.secretsChanged(Collections.unmodifiableSet(changedSecrets)));
            }
            if (!statusChanges.isEmpty()) {
                boundary.run(listener, () -> listener.statusesChanged(Collections.unmodifiableList(statusChanges)));
            }
        }
    }
}
