/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.resource.proto.ClientPlace;
import dev.xdslb.controlplane.resource.proto.ZoneClients;
import dev.xdslb.controlplane.topology.AddressFamily;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.NodeObject;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.PodObject;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceObject;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.SliceObject;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologyObject;
import io.grpc.Status;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaceResourcesTest {

    private static final KubernetesClusterName CLUSTER = new KubernetesClusterName("default");
    private static final ClientVariant OURS = new ClientVariant(Family.XDS_LB, "shop");

    private final Topology topology = new Topology(List.of(CLUSTER));
    private final TopologyResourceStore store = new TopologyResourceStore(topology);
    private final Set<String> announced = ConcurrentHashMap.newKeySet();

    @AfterEach
    void stop() {
        topology.close();
    }

    @Test
    void podByNameOrByAddress_isToldRegionZoneAndServices() throws Exception {
        synced(node("n1", "west-1"), pod("n1", "web-1", "10.0.0.1", "fd00::1"), service("web"), slice("web", "web-1"));

        for (String name : List.of("pod/shop/web-1", "ip/10.0.0.1", "ip/fd00::1", "ip/fd00:0::1")) {
            assertThat(place(name))
                    .isEqualTo(ClientPlace.newBuilder()
                            .setName(name)
                            .setRegion("west")
                            .setZone("west-1")
                            .addServices("web.shop:80")
                            .putClientsByZone("", 1)
                            .addClients(ZoneClients.newBuilder().setClients(1))
                            .build());
        }
    }

    @Test
    void addressOfANode_tellsTheZoneOnly() throws Exception {
        synced(node("n1", "west-1"), onHostNetwork("n1", "web-1"), service("web"), slice("web", "web-1"));
        assertThat(place("ip/192.168.0.1").getZone()).isEqualTo("west-1");
        assertThat(place("ip/192.168.0.1").getServicesList())
                .as("another pod may have it too")
                .isEmpty();
        assertThat(place("pod/shop/web-1").getServicesList()).containsExactly("web.shop:80");

        change(onHostNetwork("n1", "agent-1"), "pod/shop/agent-1", "ip/192.168.0.1");
        assertThat(place("ip/192.168.0.1").getZone()).isEqualTo("west-1");
    }

    @Test
    void addressOfPodsInSeveralZones_isAmbiguous() {
        synced(node("n1", "west-1"), node("n2", "west-2"), onHostNetwork("n1", "web-1"), onHostNetwork("n2", "web-2"));

        assertThat(missing("ip/192.168.0.1").code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(missing("ip/192.168.0.1").message())
                .contains("shop/web-1, shop/web-2", "ask for pod/<namespace>/<pod>");
    }

    @Test
    void podOrAddressThatDoesNotExist_isNamed() {
        synced();

        assertThat(missing("pod/shop/web-1").message()).isEqualTo("no Pod \"web-1\" in namespace \"shop\"");
        assertThat(missing("ip/10.0.0.1").message()).isEqualTo("no Pod has the address 10.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "web-1", "pod/", "pod/web-1", "pod//web-1", "pod/shop/", "pod/a/b/c", "ip/", "ip/web"})
    void whatIsNoName_saysWhatIsExpected(String name) {
        assertThat(missing(name).message()).contains("expected: pod/<namespace>/<pod> or ip/<address>");
        assertThat(store.dependencyKey(TopologyResourceStore.PLACE, name, OURS)).isEqualTo(name);
    }

    @Test
    void podThatAppearsIsAnnounced_andSoIsOneThatGoes() throws Exception {
        synced(node("n1", "west-1"));

        change(pod("n1", "web-1", "10.0.0.1"), "pod/shop/web-1", "ip/10.0.0.1");
        assertThat(place("ip/10.0.0.1").getZone()).isEqualTo("west-1");

        topology.submit(CLUSTER, new TopologyChange.Remove(new ObjectId(ObjectId.Kind.POD, "shop", "web-1")));
        awaitAnnounced("pod/shop/web-1", "ip/10.0.0.1");
        assertThat(missing("ip/10.0.0.1").code()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void podWithAnotherAddress_isAnnouncedUnderBoth() {
        synced(pod("n1", "web-1", "10.0.0.1"));

        change(pod("n1", "web-1", "10.0.0.2"), "pod/shop/web-1", "ip/10.0.0.1", "ip/10.0.0.2");

        assertThat(missing("ip/10.0.0.1").code()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void relabelledNode_isAnnouncedForItsPodsOnly() throws Exception {
        synced(node("n1", "west-1"), pod("n1", "web-1"), pod("n2", "web-2"));

        change(node("n1", "west-2"), "pod/shop/web-1");

        assertThat(place("pod/shop/web-1").getZone()).isEqualTo("west-2");
    }

    @Test
    void serviceThatTakesThePodIn_isAnnounced_andItsOtherPodsAreNot() throws Exception {
        synced(pod("n1", "web-1"), pod("n1", "web-2"), service("web"), service("all"), slice("web", "web-1", "web-2"));

        change(slice("all", "web-1"), "pod/shop/web-1");

        assertThat(place("pod/shop/web-1").getServicesList()).containsExactly("all.shop:80", "web.shop:80");
    }

    @Test
    void changeOfAPodThatDoesNotMoveIt_isNotAnnounced() {
        synced(node("n1", "west-1"), pod("n1", "web-1"));
        topology.submit(
                CLUSTER,
                new TopologyChange.Upsert(new PodObject(
                        "shop",
                        "web-1",
                        "uid",
                        7,
                        "",
                        null,
                        Map.of(),
                        new PodObject.Location("n1", "", "", List.of(), false),
                        "",
                        "")));

        change(pod("n1", "web-2"), "pod/shop/web-2");
    }

    @Test
    void podIsToldHowManyOfItsOwnServiceAreReadyInEachZone() throws Exception {
        synced(
                node("n1", "west-1"),
                node("n2", "west-2"),
                pod("n1", "web-1"),
                pod("n2", "web-2"),
                service("web"),
                slice("web", endpoint("10.0.0.1", "west-1", "web-1"), endpoint("10.0.0.2", "west-2", "web-2")));
        assertThat(place("pod/shop/web-1").getClientsByZoneMap()).isEqualTo(Map.of("west-1", 1, "west-2", 1));

        change(
                slice(
                        "web",
                        endpoint("10.0.0.1", "west-1", "web-1"),
                        endpoint("10.0.0.2", "west-2", "web-2"),
                        endpoint("10.0.0.3", "west-2", "")),
                "pod/shop/web-1",
                "pod/shop/web-2");

        assertThat(place("pod/shop/web-1").getClientsByZoneMap()).isEqualTo(Map.of("west-1", 1, "west-2", 2));
        assertThat(place("pod/shop/web-2").getClientsByZoneMap()).isEqualTo(Map.of("west-1", 1, "west-2", 2));
    }

    @Test
    void whereNobodyIsReadyYet_thatIsSaid_soThatNobodyCountsByHimself() throws Exception {
        SliceObject.Endpoint notReady =
                new SliceObject.Endpoint(List.of("10.0.0.1"), false, false, false, "west-1", "", "web-1", "uid");
        synced(node("n1", "west-1"), pod("n1", "web-1"), service("web"), slice("web", notReady));

        assertThat(place("pod/shop/web-1").getClientsByZoneMap()).isEqualTo(Map.of("west-1", 0));
    }

    @Test
    void placeWithCounts_isOneMessageInTheOrderOfItsFields() throws Exception {
        synced(node("n1", "west-1"), pod("n1", "web-1"), service("web"), slice("web", "web-1"));

        ClientPlace place = place("pod/shop/web-1");

        assertThat(Any.parseFrom(found("pod/shop/web-1").any()).getValue()).isEqualTo(place.toByteString());
        assertThat(place.getClientsByZoneMap()).isEqualTo(Map.of("", 1));
    }

    @Test
    void version_isThatOfEveryOtherReplica() {
        synced(node("n1", "west-1"), pod("n1", "web-1"), service("web"), slice("web", "web-1"));
        try (Topology other = new Topology(List.of(CLUSTER))) {
            TopologyResourceStore replica = new TopologyResourceStore(other);
            start(other, slice("web", "web-1"), service("web"), pod("n1", "web-1"), node("n1", "west-1"));

            assertThat(((Lookup.Found) replica.lookup(TopologyResourceStore.PLACE, "pod/shop/web-1", OURS)).resource())
                    .isEqualTo(found("pod/shop/web-1"));
        }
    }

    private void synced(TopologyObject... objects) {
        start(topology, objects);
        store.addListener((type, causes) -> {
            if (type.equals(TopologyResourceStore.PLACE)) {
                announced.addAll(causes.keySet());
            }
        });
    }

    private static void start(Topology topology, TopologyObject... objects) {
        topology.start();
        for (TopologyObject object : objects) {
            topology.submit(CLUSTER, new TopologyChange.Upsert(object));
        }
        topology.submit(CLUSTER, new TopologyChange.Synced());
        await().until(topology::isSynced);
    }

    private void change(TopologyObject object, String... keys) {
        topology.submit(CLUSTER, new TopologyChange.Upsert(object));
        awaitAnnounced(keys);
    }

    private void awaitAnnounced(String... keys) {
        await().untilAsserted(() -> assertThat(announced).containsExactlyInAnyOrder(keys));
        announced.clear();
    }

    private ClientPlace place(String name) throws Exception {
        return Any.parseFrom(found(name).any()).unpack(ClientPlace.class);
    }

    private EncodedResource found(String name) {
        return ((Lookup.Found) store.lookup(TopologyResourceStore.PLACE, name, OURS)).resource();
    }

    private Lookup.Missing missing(String name) {
        return (Lookup.Missing) store.lookup(TopologyResourceStore.PLACE, name, OURS);
    }

    private static NodeObject node(String name, String zone) {
        return new NodeObject(name, "west", zone);
    }

    private static PodObject pod(String node, String name, String... addresses) {
        return pod(name, new PodObject.Location(node, "", "", List.of(addresses), false));
    }

    private static PodObject onHostNetwork(String node, String name) {
        return pod(name, new PodObject.Location(node, "", "", List.of("192.168.0.1"), true));
    }

    private static PodObject pod(String name, PodObject.Location location) {
        return new PodObject("shop", name, "uid", 1, "", null, Map.of(), location, "", "");
    }

    private static ServiceObject service(String name) {
        return new ServiceObject(
                new ServiceKey("shop", name), "", List.of(), List.of(new ServicePort("http", 80, false)), "");
    }

    private static SliceObject.Endpoint endpoint(String address, String zone, String pod) {
        return new SliceObject.Endpoint(List.of(address), true, true, false, zone, "", pod, "uid");
    }

    private static SliceObject slice(String service, String... pods) {
        return slice(
                service,
                Arrays.stream(pods).map(pod -> endpoint("10.0.0.1", "", pod)).toArray(SliceObject.Endpoint[]::new));
    }

    private static SliceObject slice(String service, SliceObject.Endpoint... endpoints) {
        return new SliceObject(
                "shop",
                service + "-1",
                service,
                false,
                AddressFamily.IPV4,
                List.of(new SliceObject.Port("http", 8080)),
                List.of(endpoints),
                "");
    }
}
