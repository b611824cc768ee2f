/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.EncodedResource;
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
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.SliceObject;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologyObject;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a gRPC client, which knows nothing of zones, is told: how to divide its requests among them. */
class ZonesOfGrpcClientsTest {

    private static final KubernetesClusterName CLUSTER = new KubernetesClusterName("default");
    private static final String TARGET = "orders.shop:80";

    private final Topology topology = new Topology(List.of(CLUSTER));
    private final TopologyResourceStore store = new TopologyResourceStore(topology);
    private final Set<String> announced = ConcurrentHashMap.newKeySet();

    @BeforeEach
    void start() {
        topology.start();
        for (String zone : List.of("a", "b", "c")) {
            change(new NodeObject("node-" + zone, "west", zone));
            change(pod(zone));
        }
        change(service("orders"));
        change(service("web"));
        topology.submit(CLUSTER, new TopologyChange.Synced());
        await().until(topology::isSynced);
    }

    @AfterEach
    void stop() {
        topology.close();
    }

    @Test
    void withRoomInItsZone_nearlyAllStays_andAfterHalfOfItIsGone_whatOurClientKeeps() throws Exception {
        serve(4, 4, 4);
        assertThat(local(client("a"))).isGreaterThanOrEqualTo(0.98);

        serve(2, 4, 4);
        assertThat(local(client("a"))).as("min(1, (2/10) / (1/3))").isCloseTo(0.6, within(0.05));
        assertThat(local(client("b"))).isGreaterThanOrEqualTo(0.98);

        serve(0, 4, 4);
        assertThat(share(client("a"), "b")).as("nobody near is left").isCloseTo(0.5, within(0.01));
    }

    @Test
    void clientsOfItsOwnService_areCounted_whereItNamesItsPod() throws Exception {
        serve(4, 4, 4);
        clients(8, 2, 2);

        assertThat(local(pod("web-a", "a"))).as("min(1, (1/3) / (8/12))").isCloseTo(0.5, within(0.01));
        assertThat(local(pod("web-b", "b"))).isGreaterThanOrEqualTo(0.98);
        assertThat(local(client("a")))
                .as("whose pod is not known: spread evenly")
                .isGreaterThanOrEqualTo(0.98);
        assertThat(local(pod("nobody", "a"))).isGreaterThanOrEqualTo(0.98);
    }

    /** A Service for what all pods have, such as their metrics, comes first by its name. */
    @Test
    void ofSeveralServicesOfItsPod_theNarrowestIsCounted_unlessItNamesOne() throws Exception {
        change(service("all-metrics"));
        List<SliceObject.Endpoint> all = new ArrayList<>(inZones("web-", 8, 2, 2));
        all.addAll(endpoints("others-", "b", 5, 30));
        change(slice("all-metrics", all));
        serve(4, 4, 4);
        clients(8, 2, 2);

        assertThat(local(pod("web-a", "a"))).as("min(1, (1/3) / (8/12))").isCloseTo(0.5, within(0.01));
        assertThat(local(naming("all-metrics"))).as("min(1, (1/3) / (8/42))").isGreaterThanOrEqualTo(0.98);
        assertThat(local(naming("all-metrics.shop:80"))).isGreaterThanOrEqualTo(0.98);
        assertThat(local(naming("web"))).isCloseTo(0.5, within(0.01));
        assertThat(local(naming("orders"))).as("its pod does not belong to it").isCloseTo(0.5, within(0.01));
    }

    private static ClientVariant naming(String service) {
        return pod("web-a", "a").ofService(service);
    }

    @Test
    void otherNumbersOfClients_areAnnouncedForWhatTheyAskedFor_only() throws Exception {
        serve(4, 4, 4);
        clients(4, 4, 4);
        assertThat(local(pod("web-a", "a"))).isGreaterThanOrEqualTo(0.98);
        store.addListener((type, causes) -> {
            if (type.equals(TopologyResourceStore.ENDPOINTS)) {
                announced.addAll(causes.keySet());
            }
        });

        clients(8, 2, 2);

        await().until(() -> announced.contains("orders.shop"));
        assertThat(local(pod("web-a", "a"))).isCloseTo(0.5, within(0.01));
    }

    @Test
    void serviceThatSaysForcedOrOff_isObeyed_andAZoneWithTooFewEndpointsIsNoZone() throws Exception {
        serve(1, 3, 3);
        assertThat(local(client("a"))).as("min(1, (1/7) / (1/3))").isCloseTo(0.43, within(0.01));

        say(Map.of(PolicyKnob.ZONE_AFFINITY, "forced"));
        assertThat(local(client("a"))).isGreaterThan(0.99999);
        say(Map.of(PolicyKnob.ZONE_AFFINITY, "forced", PolicyKnob.ZONE_MIN_LOCAL_ENDPOINTS, 2));
        assertThat(local(client("a"))).as("as many as its endpoints").isCloseTo(1 / 7.0, within(0.001));
        say(Map.of(PolicyKnob.ZONE_AFFINITY, "off"));
        assertThat(local(client("b"))).isCloseTo(3 / 7.0, within(0.001));
        say(Map.of());
        assertThat(local(client("b"))).as("by default").isGreaterThanOrEqualTo(0.98);
    }

    private void say(Map<PolicyKnob, Object> policy) {
        change(new ServiceObject(
                new ServiceKey("shop", "orders"),
                "",
                List.of(),
                List.of(new ServicePort("grpc", 80, true)),
                new ServicePolicy(policy),
                List.of(),
                ""));
        await().until(() -> {
            ServiceView view = topology.service(new ServiceKey("shop", "orders"));
            return view != null && view.policy().said().equals(policy);
        });
        awaitEndpoints(7);
    }

    @Test
    void onlyGrpcClientsInAKnownZone_areToldOfZones_theOthersDecideThemselves() throws Exception {
        serve(1, 3, 3);
        ClientPlace place = new ClientPlace("west", "a");

        EncodedResource anyone = found(new ClientVariant(Family.GRPC, ""));
        assertThat(found(new ClientVariant(Family.ENVOY, "", place))).isSameAs(anyone);
        assertThat(weights(new ClientVariant(Family.XDS_LB, "", place)))
                .isEqualTo(weights(new ClientVariant(Family.GRPC, "")))
                .isEqualTo(Map.of("a", 1, "b", 3, "c", 3));
    }

    @Test
    void clientsWithTheSameDivision_shareOneEncoding_whateverTheirServiceIs() {
        serve(4, 4, 4);
        clients(4, 4, 4);

        assertThat(found(pod("web-a", "a"))).isSameAs(found(client("a")));
    }

    /** gRPC takes half of the requests to a zone that has half of the weight, however few of its endpoints are ready. */
    @Test
    void endpointsThatShutDown_weighNothing() throws Exception {
        List<SliceObject.Endpoint> endpoints = new ArrayList<>(endpoints("orders-", "a", 1, 2));
        endpoints.addAll(endpoints("orders-", "b", 2, 2));
        endpoints.add(new SliceObject.Endpoint(List.of("10.9.0.1"), false, true, true, "a", "", "", ""));
        endpoints.add(new SliceObject.Endpoint(List.of("10.9.0.2"), false, true, true, "c", "", "", ""));
        change(slice("orders", endpoints));
        awaitEndpoints(6);

        assertThat(weights(client(""))).isEqualTo(Map.of("a", 2, "b", 2, "c", 1)); // 0 would be no locality
    }

    @Test
    void zonesThatClientsMakeUp_makeNoEncodings() {
        serve(1, 9, 9);

        assertThat(found(client("made up")))
                .isSameAs(found(client("also made up")))
                .isSameAs(found(client("")));
    }

    private double local(ClientVariant client) throws Exception {
        return share(client, client.place().zone());
    }

    private double share(ClientVariant client, String zone) throws Exception {
        Map<String, Integer> weights = weights(client);
        double all = weights.values().stream().mapToInt(Integer::intValue).sum();
        return weights.get(zone) / all;
    }

    private Map<String, Integer> weights(ClientVariant client) throws Exception {
        Map<String, Integer> weights = new TreeMap<>();
        for (LocalityLbEndpoints locality : assignment(client).getEndpointsList()) {
            assertThat(locality.getPriority()).isZero();
            weights.put(
                    locality.getLocality().getZone(),
                    locality.getLoadBalancingWeight().getValue());
        }
        return weights;
    }

    private ClusterLoadAssignment assignment(ClientVariant client) throws Exception {
        return Any.parseFrom(found(client).any()).unpack(ClusterLoadAssignment.class);
    }

    private EncodedResource found(ClientVariant client) {
        return ((Lookup.Found) store.lookup(TopologyResourceStore.ENDPOINTS, TARGET, client)).resource();
    }

    private static ClientVariant client(String zone) {
        return pod("", zone);
    }

    private static ClientVariant pod(String name, String zone) {
        return new ClientVariant(Family.GRPC, "shop", new ClientPlace("west", zone), name);
    }

    private void serve(int a, int b, int c) {
        change(slice("orders", inZones("orders-", a, b, c)));
        awaitEndpoints(a + b + c);
    }

    private void clients(int a, int b, int c) {
        change(slice("web", inZones("web-", a, b, c)));
        await().until(() ->
                store.lookup(TopologyResourceStore.PLACE, "pod/shop/web-a", client("")) instanceof Lookup.Found place
                        && Any.parseFrom(place.resource().any())
                                .unpack(dev.xdslb.controlplane.resource.proto.ClientPlace.class)
                                .getClientsByZoneMap()
                                .equals(Map.of("a", a, "b", b, "c", c)));
    }

    private void awaitEndpoints(int count) {
        await().until(() -> assignment(client("")).getEndpointsList().stream()
                        .mapToInt(LocalityLbEndpoints::getLbEndpointsCount)
                        .sum()
                == count);
    }

    private void change(TopologyObject object) {
        topology.submit(CLUSTER, new TopologyChange.Upsert(object));
    }

    private static List<SliceObject.Endpoint> inZones(String pods, int a, int b, int c) {
        List<SliceObject.Endpoint> endpoints = new ArrayList<>(endpoints(pods, "a", 1, a));
        endpoints.addAll(endpoints(pods, "b", 2, b));
        endpoints.addAll(endpoints(pods, "c", 3, c));
        return endpoints;
    }

    private static List<SliceObject.Endpoint> endpoints(String pods, String zone, int net, int count) {
        List<SliceObject.Endpoint> endpoints = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            endpoints.add(new SliceObject.Endpoint(
                    List.of("10." + net + ".0." + i),
                    true,
                    true,
                    false,
                    zone,
                    "",
                    i == 1 ? pods + zone : "",
                    "uid-" + zone));
        }
        return endpoints;
    }

    private static PodObject pod(String zone) {
        PodObject.Location location = new PodObject.Location("node-" + zone, "", "", List.of(), false);
        return new PodObject("shop", "web-" + zone, "uid-" + zone, 1, "", null, Map.of(), location, "", "");
    }

    private static ServiceObject service(String name) {
        return new ServiceObject(
                new ServiceKey("shop", name), "", List.of(), List.of(new ServicePort("grpc", 80, true)), "");
    }

    private static SliceObject slice(String service, List<SliceObject.Endpoint> endpoints) {
        return new SliceObject(
                "shop",
                service + "-1",
                service,
                false,
                AddressFamily.IPV4,
                List.of(new SliceObject.Port("grpc", 8080)),
                endpoints,
                "");
    }
}
