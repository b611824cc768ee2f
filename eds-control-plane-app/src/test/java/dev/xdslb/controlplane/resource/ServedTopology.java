/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.topology.AddressFamily;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.NodeObject;
import dev.xdslb.controlplane.topology.PodObject;
import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceObject;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.SliceObject;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologyObject;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Services of the namespace {@code shop} in some Kubernetes clusters, and what clients are told of them. Every Node is called
 * {@code <region>/<zone>}; every pod {@code <service>-<n>}, counted over all clusters, with the address {@code 10.0.0.<n>} of its
 * service's net.
 */
final class ServedTopology implements AutoCloseable {
    private final List<KubernetesClusterName> clusters;
    private final Topology topology;
    private final TopologyResourceStore store;
    private final Map<String, List<SliceObject.Endpoint>> slices = new TreeMap<>(); // by cluster and service
    private final Map<String, Integer> numbers = new TreeMap<>(); // of the last pod, by service

    ServedTopology(String... clusters) {
        this.clusters =
                List.of(clusters).stream().map(KubernetesClusterName::new).toList();
        this.topology = new Topology(this.clusters);
        this.store = new TopologyResourceStore(topology);
    }

    /** Publishes what was declared. */
    ServedTopology start() {
        topology.start();
        clusters.forEach(cluster -> topology.submit(cluster, new TopologyChange.Synced()));
        await().until(topology::isSynced);
        return this;
    }

    @Override
    public void close() {
        topology.close();
    }

    Topology topology() {
        return topology;
    }

    TopologyResourceStore store() {
        return store;
    }

    void change(String cluster, TopologyObject object) {
        topology.submit(new KubernetesClusterName(cluster), new TopologyChange.Upsert(object));
    }

    /** Declares a Service with the port 80, {@code grpc}. */
    void service(String cluster, String name, Map<PolicyKnob, Object> policy) {
        service(cluster, name, policy, List.of(new ServicePort("grpc", 80, true)));
    }

    void service(String cluster, String name, Map<PolicyKnob, Object> policy, List<ServicePort> ports) {
        change(
                cluster,
                new ServiceObject(
                        new ServiceKey("shop", name), "", List.of(), ports, new ServicePolicy(policy), List.of(), ""));
    }

    /** Adds pods that are ready. */
    void pods(String cluster, String service, String region, String zone, int count, int weight) {
        String node = region + "/" + zone;
        change(cluster, new NodeObject(node, region, zone));
        List<SliceObject.Endpoint> endpoints =
                slices.computeIfAbsent(cluster + " " + service, missing -> new ArrayList<>());
        int net = Math.floorMod(service.hashCode(), 200);
        for (int i = 0; i < count; i++) {
            int number = numbers.merge(service, 1, Integer::sum);
            String pod = service + "-" + number;
            PodObject.Location location = new PodObject.Location(node, "", "", List.of(), false);
            change(cluster, new PodObject("shop", pod, "uid-" + pod, weight, "", null, Map.of(), location, "", ""));
            endpoints.add(new SliceObject.Endpoint(
                    List.of("10." + net + "." + number / 250 + "." + (1 + number % 250)),
                    true,
                    true,
                    false,
                    zone,
                    node,
                    pod,
                    "uid-" + pod));
        }
        slice(cluster, service, service, endpoints);
    }

    void slice(String cluster, String slice, String service, List<SliceObject.Endpoint> endpoints) {
        change(
                cluster,
                new SliceObject(
                        "shop",
                        slice + "-1",
                        service,
                        false,
                        AddressFamily.IPV4,
                        List.of(new SliceObject.Port("grpc", 8080)),
                        endpoints,
                        ""));
    }

    List<SliceObject.Endpoint> endpoints(String cluster, String service) {
        return List.copyOf(slices.getOrDefault(cluster + " " + service, List.of()));
    }

    ClusterLoadAssignment assignment(String name, ClientVariant client) {
        Lookup lookup = store.lookup(TopologyResourceStore.ENDPOINTS, name, client);
        try {
            return Any.parseFrom(((Lookup.Found) lookup).resource().any()).unpack(ClusterLoadAssignment.class);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(lookup.toString(), e);
        }
    }

    /** Returns which part of the weight each locality of the first priority has, by region and zone. */
    Map<String, Double> shares(String name, ClientVariant client) {
        Map<String, Double> shares = new TreeMap<>();
        double all = 0;
        for (LocalityLbEndpoints locality : assignment(name, client).getEndpointsList()) {
            if (locality.getPriority() == 0) {
                long weight =
                        Integer.toUnsignedLong(locality.getLoadBalancingWeight().getValue());
                shares.put(
                        locality.getLocality().getRegion() + "/"
                                + locality.getLocality().getZone(),
                        (double) weight);
                all += weight;
            }
        }
        double sum = all;
        shares.replaceAll((zone, weight) -> weight / sum);
        return shares;
    }

    /** Returns what an endpoint of the first priority weighs on the one ring that gRPC makes of all localities, by address. */
    Map<String, Long> onTheRing(String name, ClientVariant client) {
        Map<String, Long> weights = new TreeMap<>();
        for (LocalityLbEndpoints locality : assignment(name, client).getEndpointsList()) {
            if (locality.getPriority() == 0) {
                long ofLocality =
                        Integer.toUnsignedLong(locality.getLoadBalancingWeight().getValue());
                for (LbEndpoint endpoint : locality.getLbEndpointsList()) {
                    weights.put(
                            endpoint.getEndpoint()
                                    .getAddress()
                                    .getSocketAddress()
                                    .getAddress(),
                            ofLocality
                                    * Integer.toUnsignedLong(
                                            endpoint.getLoadBalancingWeight().getValue()));
                }
            }
        }
        return weights;
    }
}
