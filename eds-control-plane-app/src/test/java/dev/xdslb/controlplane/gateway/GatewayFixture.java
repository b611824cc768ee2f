/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.gateway.ObjectStatus.Condition;
import dev.xdslb.controlplane.gateway.ObjectStatus.OfGateway;
import dev.xdslb.controlplane.gateway.ObjectStatus.OfListener;
import dev.xdslb.controlplane.gateway.ObjectStatus.OfRoute;
import dev.xdslb.controlplane.resource.TopologyResourceStore;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.ObjectScope;
import dev.xdslb.controlplane.topology.RoutingObject;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyListener.RoutingChange;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of objects, without threads: they are said, and then there are statuses and resources. There is a class of
 * ours, and the services orders (8080, HTTP/1.1) and hello (9090, HTTP/2) in the namespace shop.
 */
public final class GatewayFixture {
    public static final ClientVariant EDGE_ENVOY =
            new ClientVariant(Family.ENVOY, "shop", ClientPlace.UNKNOWN, "", "shop/edge");

    private final TopologyResourceStore store;
    private final Map<ServiceKey, ServiceView> services = new HashMap<>();
    private final List<GatewayListener.StatusChange> told = new ArrayList<>();
    private final List<String> announced = new ArrayList<>();

    public GatewayFixture() {
        this(new GatewaySettings(true));
    }

    public GatewayFixture(GatewaySettings settings) {
        store = new TopologyResourceStore(
                new Topology(List.of(new KubernetesClusterName("default"))), new Faults(), settings);
        store.gateways().addListener(new GatewayListener() {
            @Override
            public void statusesChanged(List<StatusChange> changes) {
                told.addAll(changes);
            }
        });
        var unused =
                store.addListener((type, causes) -> causes.keySet().forEach(key -> announced.add(type + " " + key)));
        serve("shop", "orders", new ServicePort("http", 8080, false));
        serve("shop", "hello", new ServicePort("grpc", 9090, true));
        apply(GatewayObjects.ours());
    }

    public TopologyResourceStore store() {
        return store;
    }

    public Gateways gateways() {
        return store.gateways();
    }

    public void serve(String namespace, String name, ServicePort... ports) {
        serve(namespace, name, ServicePolicy.NONE, ports);
    }

    public void serve(String namespace, String name, ServicePolicy policy, ServicePort... ports) {
        ServiceKey key = new ServiceKey(namespace, name);
        change(
                key,
                new ServiceView(
                        key,
                        "",
                        Arrays.stream(ports)
                                .map(port -> new ServiceView.PortView(port, List.of()))
                                .toList(),
                        policy));
    }

    public void withdraw(String namespace, String name) {
        change(new ServiceKey(namespace, name), null);
    }

    private void change(ServiceKey key, @Nullable ServiceView after) {
        ServiceView before = after == null ? services.remove(key) : services.put(key, after);
        List<ServiceChange> changes = List.of(new ServiceChange(key, before, after));
        store.changed(changes);
        store.gateways().changed(changes);
    }

    public void apply(RoutingObject... objects) {
        store.gateways()
                .routingChanged(Arrays.stream(objects)
                        .map(object -> new RoutingChange(object.id(), object))
                        .toList());
    }

    /** Says of which objects nothing is known, all others are. */
    public void unlisted(ObjectScope... scopes) {
        SortedMap<ObjectScope, String> unlisted = new TreeMap<>();
        for (ObjectScope scope : scopes) {
            unlisted.put(scope, "for the test");
        }
        store.gateways().listingChanged(unlisted);
    }

    public void remove(RoutingObject... objects) {
        store.gateways()
                .routingChanged(Arrays.stream(objects)
                        .map(object -> new RoutingChange(object.id(), null))
                        .toList());
    }

    /** Returns the statuses that were told since this was called last, by the object. */
    public Map<ObjectId, @Nullable ObjectStatus> told() {
        Map<ObjectId, @Nullable ObjectStatus> since = new HashMap<>();
        told.forEach(change -> since.put(change.id(), change.status()));
        told.clear();
        return since;
    }

    /** Returns what streams were told to look at since this was called last. */
    public List<String> announced() {
        List<String> since = List.copyOf(announced);
        announced.clear();
        return since;
    }

    /** Returns a condition of a route at its first parent, as {@code True Accepted}; "-" for none. */
    public String route(RouteObject route, String type) {
        return text(condition(route, type));
    }

    public String message(RouteObject route, String type) {
        return requireNonNull(condition(route, type)).message();
    }

    private @Nullable Condition condition(RouteObject route, String type) {
        OfRoute status = (OfRoute) store.gateways().status(route.id());
        return status == null ? null : find(status.parents().get(0).conditions(), type);
    }

    /** Returns a condition of the Gateway edge. */
    public String gateway(String type) {
        return text(find(edge().conditions(), type));
    }

    /** Returns a condition of a listener of the Gateway edge. */
    public String listener(String name, String type) {
        return text(find(ofListener(name).conditions(), type));
    }

    public OfListener ofListener(String name) {
        return edge().listeners().stream()
                .filter(listener -> listener.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private OfGateway edge() {
        return (OfGateway) requireNonNull(store.gateways().status(new ObjectId(ObjectId.Kind.GATEWAY, "shop", "edge")));
    }

    private static @Nullable Condition find(List<Condition> conditions, String type) {
        return conditions.stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElse(null);
    }

    private static String text(@Nullable Condition condition) {
        return condition == null ? "-" : (condition.status() ? "True " : "False ") + condition.reason();
    }

    /** Returns the names of the listeners that the Envoy of the Gateway edge gets. */
    public Set<String> listeners() {
        return requireNonNull(store.wildcardNames(TopologyResourceStore.LISTENER, EDGE_ENVOY), "names that are known");
    }

    public RouteConfiguration routes(String name) {
        return get(TopologyResourceStore.ROUTE, name, RouteConfiguration.class);
    }

    /** Returns a host of the routes at a port of the Gateway edge. */
    public VirtualHost host(int port, String domain) {
        return routes("shop/edge:" + port).getVirtualHostsList().stream()
                .filter(host -> host.getDomainsList().contains(domain))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the only route of the only host at port 80. */
    public Route only() {
        VirtualHost host = routes("shop/edge:80").getVirtualHosts(0);
        if (host.getRoutesCount() != 1) {
            throw new AssertionError(host);
        }
        return host.getRoutes(0);
    }

    public <M extends Message> M get(ResourceType type, String name, Class<M> as) {
        Lookup lookup = store.lookup(type, name, EDGE_ENVOY);
        if (!(lookup instanceof Lookup.Found found)) {
            throw new AssertionError(name + ": " + lookup);
        }
        try {
            return Any.parseFrom(found.resource().any()).unpack(as);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
