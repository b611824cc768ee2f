/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import com.google.common.net.InetAddresses;
import dev.xdslb.controlplane.topology.EndpointView.Health;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one service looks like, computed from the objects of every Kubernetes cluster. The union of its slices is the
 * truth; a slice is only a page of it.
 */
final class ServiceProjection {

    private final ServiceKey key;
    private final SortedMap<KubernetesClusterName, ClusterObjects> clusters;
    private final Set<SkippedObject> skipped = new LinkedHashSet<>();
    private final @Nullable ServiceView before;
    private final HeldEndpoints held;
    private final HalfWayStates.@Nullable Waiting waiting; // null where nothing is waited for

    private ServiceProjection(
            ServiceKey key,
            SortedMap<KubernetesClusterName, ClusterObjects> clusters,
            @Nullable ServiceView before,
            HalfWayStates.@Nullable Waiting waiting) {
        this.key = key;
        this.clusters = clusters;
        this.before = before;
        this.held = new HeldEndpoints(key);
        this.waiting = waiting;
    }

    /**
     * A view, and what is missing in it.
     *
     * @param view null when there is no such service
     * @param held how many endpoints of which cluster are served as ready and are not
     */
    record Result(@Nullable ServiceView view, Set<SkippedObject> skipped, Map<KubernetesClusterName, Integer> held) {}

    static Result project(ServiceKey key, SortedMap<KubernetesClusterName, ClusterObjects> clusters) {
        return project(key, clusters, null, null);
    }

    /**
     * Computes what a service looks like.
     *
     * @param before what it looks like to clients at present, null when it is not there
     * @param waiting decides whether what is half there is held back; null where everything counts as it is
     */
    static Result project(
            ServiceKey key,
            SortedMap<KubernetesClusterName, ClusterObjects> clusters,
            @Nullable ServiceView before,
            HalfWayStates.@Nullable Waiting waiting) {
        ServiceProjection projection = new ServiceProjection(key, clusters, before, waiting);
        ServiceView view = projection.view();
        return new Result(view, Set.copyOf(projection.skipped), projection.held.counts());
    }

    private @Nullable ServiceView view() {
        SortedMap<KubernetesClusterName, ServiceObject> services = new TreeMap<>();
        clusters.forEach((cluster, objects) -> {
            ServiceObject service = objects.service(key);
            if (service != null) {
                services.put(cluster, service);
                service.problems().forEach(problem -> skipped.add(SkippedObject.of(service, problem)));
            } else {
                for (SliceObject slice : objects.slicesOf(key)) {
                    skip(slice, "no Service \"" + key.name() + "\" in namespace \"" + key.namespace() + "\"");
                }
            }
        });
        if (services.isEmpty()) {
            return null;
        }
        leaveOutNames(services);
        ServiceObject first = services.values().iterator().next();
        ServicePolicy policy = services.values().stream()
                .map(ServiceObject::policy)
                .reduce(ServicePolicy.NONE, ServicePolicy::or); // sorted by the clusters' names
        List<PortView> ports = new ArrayList<>();
        if (first.externalName().isEmpty()) {
            for (PortUnion.Port port : PortUnion.of(services)) {
                ports.add(new PortView(port.port(), endpoints(port)));
            }
        }
        return new ServiceView(key, first.externalName(), ports, policy);
    }

    /** Where a cluster has pods, or is to have some, a name that stands for the service elsewhere has nothing to serve. */
    private void leaveOutNames(SortedMap<KubernetesClusterName, ServiceObject> services) {
        Set<KubernetesClusterName> withPods = new TreeSet<>();
        services.forEach((cluster, service) -> {
            if (service.externalName().isEmpty()) {
                withPods.add(cluster);
            }
        });
        if (withPods.isEmpty()) {
            return;
        }
        services.entrySet().removeIf(entry -> {
            ServiceObject service = entry.getValue();
            boolean isName = !service.externalName().isEmpty();
            if (isName) {
                skipped.add(SkippedObject.of(
                        service,
                        "ExternalName " + service.externalName() + " in Kubernetes cluster " + entry.getKey()
                                + " counts for nothing: it is a Service with pods in " + withPods
                                + " (expected: the same type in all)"));
            }
            return isName;
        });
    }

    private List<EndpointView> endpoints(PortUnion.Port port) {
        Map<String, EndpointView> byAddress = new TreeMap<>();
        clusters.forEach((cluster, objects) -> {
            ServiceObject local = objects.service(key);
            String localName = port.nameByCluster().get(cluster);
            if (local != null && localName != null) {
                DualStack stack = DualStack.of(local, objects.slicesOf(key));
                for (SliceObject slice : objects.slicesOf(key)) {
                    addEndpoints(cluster, objects, slice, stack, localName, byAddress);
                }
                if (doPortNamesNotMeet(local, objects, localName)) {
                    addLastEndpoints(cluster, objects, port, byAddress);
                }
            }
        });
        List<EndpointView> endpoints = new ArrayList<>(byAddress.values());
        endpoints.sort(EndpointView.BY_ADDRESS);
        return EndpointView.drainingAsLastResort(endpoints);
    }

    /** Slices of other ports alone are no fault: not every pod need have every port. That no slice has it looks like a name misspelt. */
    private boolean doPortNamesNotMeet(ServiceObject service, ClusterObjects objects, String portName) {
        Set<String> names = new TreeSet<>();
        for (SliceObject slice : objects.slicesOf(key)) {
            if (!slice.endpoints().isEmpty()) {
                slice.ports().forEach(port -> names.add('"' + port.name() + '"'));
            }
        }
        if (names.isEmpty() || names.contains('"' + portName + '"')) {
            return false;
        }
        skipped.add(SkippedObject.of(
                service,
                "port \"" + portName + "\" has no endpoints: its EndpointSlices have ports " + String.join(", ", names)
                        + " (expected: the same name in the Service and in the slice)"));
        return true;
    }

    /** A port that was renamed has its last endpoints until its slices follow: another controller changes these. */
    private void addLastEndpoints(
            KubernetesClusterName cluster,
            ClusterObjects objects,
            PortUnion.Port port,
            Map<String, EndpointView> byAddress) {
        if (before == null || waiting == null || objects.isWhole()) {
            return;
        }
        for (PortView last : before.ports()) {
            if (last.port().number() == port.port().number()
                    && !last.endpoints().isEmpty()
                    && waiting.isWorthwhile(cluster + ": slices of port " + port.port())) {
                last.endpoints().stream()
                        .filter(endpoint -> endpoint.cluster().equals(cluster))
                        .forEach(endpoint -> byAddress.put(endpoint.address() + " " + endpoint.port(), endpoint));
            }
        }
    }

    private void addEndpoints(
            KubernetesClusterName cluster,
            ClusterObjects objects,
            SliceObject slice,
            DualStack stack,
            String servicePort,
            Map<String, EndpointView> byAddress) {
        if (slice.family() == AddressFamily.FQDN) {
            skip(slice, "addressType FQDN (expected: IPv4 or IPv6; xDS clients connect to IP addresses)");
            return;
        }
        for (SliceObject.Port port : slice.ports()) {
            if (!port.name().equals(servicePort)) {
                continue;
            }
            Integer number = port.number();
            if (number == null) {
                skip(slice, "port \"" + port.name() + "\" has no number (expected: the port on which the pods listen)");
                continue;
            }
            if (!ServicePort.isNumber(number)) {
                skip(
                        slice,
                        "port \"" + port.name() + "\" is " + number + " (expected: 1 to " + ServicePort.MAX_NUMBER
                                + ")");
                continue;
            }
            Set<String> inThisSlice = new LinkedHashSet<>();
            for (SliceObject.Endpoint endpoint : slice.endpoints()) {
                if (!stack.has(slice, endpoint)) {
                    continue;
                }
                String address = address(slice, endpoint);
                if (address == null) {
                    continue;
                }
                if (!inThisSlice.add(address)) {
                    skip(slice, "address " + address + " twice (expected: distinct addresses); the better one counts");
                }
                EndpointView view = view(cluster, objects, slice, endpoint, address, number);
                if (isHeldBack(objects, endpoint, view)) {
                    skip(slice, "endpoint " + address + " waits for its Pod " + endpoint.podName());
                    continue;
                }
                byAddress.merge(address + " " + number, view, (known, other) -> choose(slice, known, other));
            }
        }
    }

    /** Without its Pod an endpoint would have the weight 1, no shard, no labels and no slow start. */
    private boolean isHeldBack(ClusterObjects objects, SliceObject.Endpoint endpoint, EndpointView view) {
        return waiting != null
                && !objects.isWhole()
                && view.health() == Health.READY
                && !endpoint.podName().isEmpty()
                && objects.podOf(key.namespace(), endpoint) == null
                && !isServed(view)
                && waiting.isWorthwhile("Pod of " + view.address() + " " + endpoint.podUid());
    }

    private boolean isServed(EndpointView view) {
        return before != null
                && before.ports().stream()
                        .flatMap(port -> port.endpoints().stream())
                        .anyMatch(served -> served.address().equals(view.address())
                                && served.port() == view.port()
                                && served.podUid().equals(view.podUid()));
    }

    private @Nullable String address(SliceObject slice, SliceObject.Endpoint endpoint) {
        if (endpoint.addresses().isEmpty()) {
            skip(slice, "endpoint without an address");
            return null;
        }
        if (endpoint.addresses().size() > 1) {
            List<String> further =
                    endpoint.addresses().subList(1, endpoint.addresses().size());
            skip(slice, "further addresses " + further + " of an endpoint (the first one counts)");
        }
        String text = endpoint.addresses().get(0);
        boolean literal = InetAddresses.isInetAddress(text) && text.indexOf('%') < 0;
        if (literal) {
            InetAddress address = InetAddresses.forString(text);
            if (address instanceof Inet4Address == (slice.family() == AddressFamily.IPV4)) {
                return InetAddresses.toAddrString(address);
            }
        }
        String expected = slice.family() == AddressFamily.IPV4 ? "an IPv4 address" : "an IPv6 address";
        skip(slice, "endpoint address \"" + text + "\" (expected: " + expected + ")");
        return null;
    }

    /** While an endpoint moves between slices it stands in both; elsewhere, two pods claim one address. */
    private EndpointView choose(SliceObject slice, EndpointView known, EndpointView other) {
        boolean samePod = !known.podUid().isEmpty() && known.podUid().equals(other.podUid());
        if (!samePod) {
            skip(slice, "address " + other.address() + " twice (expected: distinct addresses); the better one counts");
        }
        int order = known.health().compareTo(other.health());
        if (order == 0) {
            order = known.podUid().compareTo(other.podUid());
        }
        return order <= 0 ? known : other;
    }

    private EndpointView view(
            KubernetesClusterName cluster,
            ClusterObjects objects,
            SliceObject slice,
            SliceObject.Endpoint endpoint,
            String address,
            int port) {
        NodeObject node = endpoint.nodeName().isEmpty() ? null : objects.node(endpoint.nodeName());
        String zone = endpoint.zone().isEmpty() && node != null ? node.zone() : endpoint.zone();
        PodObject pod = objects.podOf(slice.namespace(), endpoint);
        if (pod != null && !pod.problem().isEmpty()) {
            skipped.add(SkippedObject.of(pod, pod.problem()));
        }
        Health health = health(endpoint);
        if (health == Health.NOT_READY && held.hold(cluster, objects, pod)) {
            health = Health.READY;
            skip(
                    slice,
                    "endpoints of which nothing is heard are served as ready: too many were taken for not ready at once");
        }
        return new EndpointView(
                cluster,
                address,
                port,
                health,
                node == null ? objects.regionOf(zone) : node.region(),
                zone,
                endpoint.nodeName().isEmpty() && pod != null ? pod.location().nodeName() : endpoint.nodeName(),
                endpoint.podName(),
                endpoint.podUid().isEmpty() && pod != null ? pod.uid() : endpoint.podUid(),
                pod == null ? 1 : pod.weight(),
                pod == null ? "" : pod.shard(),
                pod == null || (health == Health.NOT_READY && pod.unheardSince() != null) ? null : pod.readySince(),
                pod == null ? Map.of() : pod.labels());
    }

    /**
     * A Service with publishNotReadyAddresses has "ready" on every endpoint, even on one that shuts down: it asked for
     * traffic to pods that are not ready, not for new requests to pods that leave.
     */
    private static Health health(SliceObject.Endpoint endpoint) {
        if (endpoint.terminating()) {
            return endpoint.serving() || endpoint.ready() ? Health.DRAINING : Health.STOPPING;
        }
        return endpoint.ready() ? Health.READY : Health.NOT_READY;
    }

    private void skip(SliceObject slice, String reason) {
        skipped.add(SkippedObject.of(slice, reason));
    }
}
