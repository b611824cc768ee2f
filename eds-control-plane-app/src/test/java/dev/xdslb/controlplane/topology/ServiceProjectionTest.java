/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static dev.xdslb.controlplane.topology.Objects.CLUSTER;
import static dev.xdslb.controlplane.topology.Objects.ORDERS;
import static dev.xdslb.controlplane.topology.Objects.at;
import static dev.xdslb.controlplane.topology.Objects.pod;
import static dev.xdslb.controlplane.topology.Objects.port;
import static dev.xdslb.controlplane.topology.Objects.readyPod;
import static dev.xdslb.controlplane.topology.Objects.service;
import static dev.xdslb.controlplane.topology.Objects.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.xdslb.controlplane.topology.EndpointView.Health;
import dev.xdslb.controlplane.topology.ServicePolicy.TrafficDistribution;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceProjectionTest {

    private final TreeMap<KubernetesClusterName, ClusterObjects> clusters = new TreeMap<>();

    @Test
    void sliceBelongsToTheServiceOfItsLabel_notOfItsName() {
        put(service("orders", port("http", 80)), slice("carts-abc", "orders").of(at("10.0.0.1")));

        assertThat(addresses()).containsExactly("10.0.0.1:8080");
    }

    @Test
    void sliceWhoseLabelChanges_movesToTheOtherService() {
        put(service("orders", port("http", 80)), slice("a", "orders").of(at("10.0.0.1")));
        Set<ServiceKey> touched = put(slice("a", "carts").of(at("10.0.0.1")));

        assertThat(touched).containsExactlyInAnyOrder(ORDERS, new ServiceKey("shop", "carts"));
        assertThat(addresses()).isEmpty();
    }

    @Test
    void sliceWithoutServiceName_isSkippedWithAReason() {
        put(service("orders", port("http", 80)), slice("a", "").of(at("10.0.0.1")));

        assertThat(objects().skipped())
                .singleElement()
                .asString()
                .contains("EndpointSlice shop/a", "no label kubernetes.io/service-name");
    }

    @Test
    void slicesOfAnotherCluster_areSkippedWithAReason() {
        put(service("orders", port("http", 80)), slice("a", "orders").imported().of(at("10.0.0.1")));

        assertThat(addresses()).isEmpty();
        assertThat(objects().skipped()).singleElement().asString().contains("another cluster");
    }

    @Test
    void sliceOfAServiceThatDoesNotExist_isSkippedUntilTheServiceComes() {
        put(slice("a", "orders").of(at("10.0.0.1")));
        assertThat(project().view()).isNull();
        assertThat(skipped()).containsExactly("EndpointSlice shop/a: no Service \"orders\" in namespace \"shop\"");

        put(service("orders", port("http", 80)));

        assertThat(addresses()).containsExactly("10.0.0.1:8080");
        assertThat(skipped()).isEmpty();
    }

    @Test
    void allSlicesTogetherMakeTheService() {
        put(
                service("orders", port("http", 80)),
                slice("b", "orders").of(at("10.0.0.2")),
                slice("a", "orders").of(at("10.0.0.3"), at("10.0.0.1")));

        assertThat(addresses()).containsExactly("10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080");
    }

    @Test
    void endpointThatMovesBetweenSlices_isThereOnceAndStaysWhenTheFirstSliceGoes() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").of(at("10.0.0.1").pod("orders-1", "u1")),
                slice("b", "orders").of(at("10.0.0.1").pod("orders-1", "u1")));
        assertThat(addresses()).containsExactly("10.0.0.1:8080");
        assertThat(skipped()).isEmpty();

        remove(ObjectId.slice("shop", "a"));

        assertThat(addresses()).containsExactly("10.0.0.1:8080");
    }

    @Test
    void endpointInTwoSlices_countsAsReadyWhereOneSaysSo() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").of(at("10.0.0.1").pod("orders-1", "u1").notReady()),
                slice("b", "orders").of(at("10.0.0.1").pod("orders-1", "u1")));

        assertThat(only().health()).isEqualTo(Health.READY);
    }

    @Test
    void twoPodsWithOneAddress_areOneEndpointWithAReason() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").of(at("10.0.0.1").pod("old", "u1").notReady()),
                slice("b", "orders").of(at("10.0.0.1").pod("new", "u2")));

        assertThat(only().podName()).isEqualTo("new");
        assertThat(skipped()).singleElement().asString().contains("10.0.0.1 twice");
    }

    @Test
    void addressTwiceInOneSlice_isOneEndpointWithAReason() {
        put(service("orders", port("http", 80)), slice("a", "orders").of(at("10.0.0.1"), at("10.0.0.1")));

        assertThat(addresses()).containsExactly("10.0.0.1:8080");
        assertThat(skipped()).singleElement().asString().contains("10.0.0.1 twice");
    }

    @Test
    void healthFollowsTheConditions() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders")
                        .of(
                                at("10.0.0.1").conditions(true, true, false),
                                at("10.0.0.2").conditions(false, false, false),
                                at("10.0.0.3").conditions(false, true, true),
                                at("10.0.0.4").conditions(false, false, true)));

        assertThat(endpoints())
                .extracting(EndpointView::health)
                .containsExactly(Health.READY, Health.NOT_READY, Health.DRAINING, Health.STOPPING);
    }

    @Test
    void publishNotReadyAddresses_makesEveryPodReadyThatDoesNotLeave() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders")
                        .of(
                                at("10.0.0.1").conditions(true, false, false),
                                at("10.0.0.2").conditions(true, true, true)));

        assertThat(endpoints()).extracting(EndpointView::health).containsExactly(Health.READY, Health.DRAINING);
    }

    @Test
    void whereNothingIsReady_drainingEndpointsAreReady() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders")
                        .of(
                                at("10.0.0.1").notReady(),
                                at("10.0.0.2").draining(),
                                at("10.0.0.3").conditions(false, false, true)));

        assertThat(endpoints())
                .extracting(EndpointView::health)
                .containsExactly(Health.NOT_READY, Health.READY, Health.STOPPING);
    }

    @Test
    void furtherAddressesOfAnEndpoint_areNotEndpoints() {
        put(service("orders", port("http", 80)), slice("a", "orders").of(at("10.0.0.1", "10.0.0.2")));

        assertThat(addresses()).containsExactly("10.0.0.1:8080");
        assertThat(skipped()).singleElement().asString().contains("further addresses [10.0.0.2]");
    }

    @Test
    void sliceOfHostNames_isSkippedWithAReason() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").family(AddressFamily.FQDN).of(at("db.example.com")),
                slice("b", "orders").of(at("10.0.0.1")));

        assertThat(addresses()).containsExactly("10.0.0.1:8080");
        assertThat(skipped()).singleElement().asString().contains("addressType FQDN");
    }

    @Test
    void hostNameOrWrongFamilyForAnAddress_isSkippedWithAReason_theRestIsServed() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").of(at("pod-1.local"), at("fd00::1"), at("fe80::1%eth0"), at("10.0.0.1"), at()));

        assertThat(addresses()).containsExactly("10.0.0.1:8080");
        assertThat(skipped())
                .hasSize(4)
                .anyMatch(reason -> reason.contains("\"pod-1.local\" (expected: an IPv4 address)"))
                .anyMatch(reason -> reason.contains("\"fd00::1\" (expected: an IPv4 address)"))
                .anyMatch(reason -> reason.contains("without an address"));
    }

    @Test
    void loopbackAddresses_areServed() {
        put(service("orders", port("http", 80)), slice("a", "orders").of(at("127.0.0.1")));

        assertThat(addresses()).containsExactly("127.0.0.1:8080");
    }

    @Test
    void dualStackService_hasEachPodOnceAtItsFirstFamily() {
        put(
                service("orders", List.of(AddressFamily.IPV6, AddressFamily.IPV4), port("http", 80)),
                slice("a", "orders").of(at("10.0.0.1").pod("orders-1", "u1")),
                slice("b", "orders")
                        .family(AddressFamily.IPV6)
                        .of(at("FD00:0::1").pod("orders-1", "u1")));

        assertThat(addresses()).containsExactly("fd00::1:8080");
        assertThat(skipped()).isEmpty();
    }

    @Test
    void serviceThatNamesNoFamily_takesTheOneThatHasEndpoints() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").of(),
                slice("b", "orders").family(AddressFamily.IPV6).of(at("fd00::1")));

        assertThat(addresses()).containsExactly("fd00::1:8080");
    }

    /** A family is no reason to leave out a pod, or to send requests to one that is not ready. */
    @Test
    void dualStackService_hasEachPodAtTheFirstFamilyInWhichItIsReady() {
        put(
                service("orders", List.of(AddressFamily.IPV4, AddressFamily.IPV6), port("http", 80)),
                slice("a", "orders")
                        .of(
                                at("10.0.0.1").pod("orders-1", "u1").notReady(),
                                at("10.0.0.2").pod("orders-2", "u2"),
                                at("10.0.0.4").pod("orders-4", "u4").notReady()),
                slice("b", "orders")
                        .family(AddressFamily.IPV6)
                        .of(
                                at("fd00::1").pod("orders-1", "u1"),
                                at("fd00::2").pod("orders-2", "u2"),
                                at("fd00::3").pod("orders-3", "u3"),
                                at("fd00::4").pod("orders-4", "u4").notReady()));

        assertThat(addresses())
                .containsExactlyInAnyOrder("fd00::1:8080", "10.0.0.2:8080", "fd00::3:8080", "10.0.0.4:8080");
    }

    @Test
    void endpointsThatAreNoPods_areOfOneFamily_whichIsOneThatIsReady() {
        put(
                service("orders", List.of(AddressFamily.IPV4, AddressFamily.IPV6), port("http", 80)),
                slice("a", "orders")
                        .of(at("10.0.0.1").notReady(), at("10.0.0.2").notReady()),
                slice("b", "orders")
                        .family(AddressFamily.IPV6)
                        .of(at("fd00::1"), at("fd00::2").notReady()));

        assertThat(addresses()).containsExactly("fd00::1:8080", "fd00::2:8080");
    }

    @Test
    void portThatNoSliceHas_isSaid_andOneThatSomeSliceLacksIsNot() {
        put(
                service("orders", port("http", 80), port("grpc", 90)),
                slice("a", "orders").ports(new SliceObject.Port("web", 8080)).of(at("10.0.0.1")),
                slice("b", "orders").ports(new SliceObject.Port("grpc", 9090)).of(at("10.0.0.2")));

        assertThat(addresses("http")).isEmpty();
        assertThat(addresses("grpc")).containsExactly("10.0.0.2:9090");
        assertThat(skipped())
                .singleElement()
                .asString()
                .contains("Service shop/orders", "port \"http\" has no endpoints", "ports \"grpc\", \"web\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65_536})
    void portOutOfRange_isSkippedWithAReason(int number) {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").ports(new SliceObject.Port("http", number)).of(at("10.0.0.1")),
                slice("b", "orders").of(at("10.0.0.2")));

        assertThat(addresses()).containsExactly("10.0.0.2:8080");
        assertThat(skipped()).singleElement().asString().contains("is " + number, "expected: 1 to 65535");
    }

    /** It was deleted before this replica began, or comes later than the slice. */
    @Test
    void endpointOnANodeThatIsNotKnown_isInTheRegionOfItsZone() {
        put(service("orders", port("http", 80)));
        put(slice("a", "orders").of(at("10.0.0.1").node("n1").zone("eu-1")));
        project();
        assertThat(only().region()).isEmpty();

        assertThat(put(new NodeObject("n2", "eu", "eu-1"))).containsExactly(ORDERS);
        project();
        assertThat(only().region()).isEqualTo("eu");
        assertThat(put(new NodeObject("n3", "eu", "eu-1"))).isEmpty();

        assertThat(put(new NodeObject("n4", "us", "eu-1"))).containsExactly(ORDERS);
        project();
        assertThat(only().region()).as("a name that two regions use").isEmpty();
    }

    /** Its pods go some minutes later. Until then they would be in two localities, one without a region. */
    @Test
    void nodeThatIsDeleted_leavesItsEndpointsWhereTheyAre() {
        put(
                service("orders", port("http", 80)),
                new NodeObject("n1", "eu", "eu-1"),
                slice("a", "orders").of(at("10.0.0.1").node("n1")));
        remove(ObjectId.node("n1"));
        assertThat(only().region()).isEqualTo("eu");

        put(slice("a", "orders").of(at("10.0.0.1").node("n1").notReady()));
        assertThat(only().region()).isEqualTo("eu");

        put(slice("a", "orders").of());
        put(slice("a", "orders").of(at("10.0.0.2").node("n1")));
        assertThat(only().region())
                .as("of another node by this name, which is not known")
                .isEmpty();
    }

    @Test
    void portsAreJoinedByName_andEachSliceHasItsOwnNumbers() {
        put(
                service("orders", port("http", 80), port("grpc", 90)),
                slice("a", "orders")
                        .ports(new SliceObject.Port("http", 8080), new SliceObject.Port("grpc", 9090))
                        .of(at("10.0.0.1")),
                slice("b", "orders").ports(new SliceObject.Port("http", 8888)).of(at("10.0.0.2")));

        assertThat(addresses("http")).containsExactly("10.0.0.1:8080", "10.0.0.2:8888");
        assertThat(addresses("grpc")).containsExactly("10.0.0.1:9090");
    }

    @Test
    void singlePortWithoutName_isJoinedByTheEmptyName() {
        put(
                service("orders", port("", 80)),
                slice("a", "orders").ports(new SliceObject.Port("", 8080)).of(at("10.0.0.1")));

        assertThat(addresses("")).containsExactly("10.0.0.1:8080");
    }

    @Test
    void portWithoutNumber_isSkippedWithAReason() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").ports(new SliceObject.Port("http", null)).of(at("10.0.0.1")));

        assertThat(addresses()).isEmpty();
        assertThat(skipped()).singleElement().asString().contains("port \"http\" has no number");
    }

    @Test
    void externalName_hasNoPorts() {
        put(new ServiceObject(ORDERS, "db.example.com", List.of(), List.of(port("http", 80)), ""));

        assertThat(project().view().externalName()).isEqualTo("db.example.com");
        assertThat(project().view().ports()).isEmpty();
    }

    @Test
    void serviceWithoutPods_isServedFromItsOwnSlices() {
        put(service("orders", port("http", 80)), slice("by-hand", "orders").of(at("192.0.2.7")));

        EndpointView endpoint = only();

        assertThat(endpoint.podName()).isEmpty();
        assertThat(endpoint.weight()).isEqualTo(1);
    }

    @Test
    void zoneIsTheSlices_elseTheNodes_andTheRegionIsTheNodes() {
        put(
                service("orders", port("http", 80)),
                new NodeObject("n1", "eu", "eu-1"),
                slice("a", "orders")
                        .of(at("10.0.0.1").node("n1"), at("10.0.0.2").node("n1").zone("eu-2")));

        assertThat(endpoints()).extracting(EndpointView::zone).containsExactly("eu-1", "eu-2");
        assertThat(endpoints()).extracting(EndpointView::region).containsExactly("eu", "eu");
    }

    @Test
    void nodeThatArrivesLate_orChangesItsLabels_touchesItsServices() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").of(at("10.0.0.1").node("n1")));
        assertThat(only().zone()).isEmpty();

        assertThat(put(new NodeObject("n1", "eu", "eu-1"))).containsExactly(ORDERS);
        assertThat(only().zone()).isEqualTo("eu-1");

        assertThat(put(new NodeObject("n1", "eu", "eu-2"))).containsExactly(ORDERS);
        assertThat(only().zone()).isEqualTo("eu-2");
    }

    @Test
    void podThatArrivesLate_isServedAtOnceAndEnrichedThen() {
        Instant ready = Instant.parse("2026-01-01T00:00:00Z");
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").of(at("10.0.0.1").pod("orders-1", "u1")));
        assertThat(only().podUid()).isEqualTo("u1");
        assertThat(only().readySince()).isNull();

        assertThat(put(readyPod("orders-1", "u1", ready))).containsExactly(ORDERS);

        assertThat(only().readySince()).isEqualTo(ready);
        assertThat(only().shard()).isEqualTo("7");
        assertThat(only().labels()).containsEntry("tier", "gold");
    }

    @Test
    void podThatOnlyInheritedTheName_saysNothingAboutTheEndpoint() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").of(at("10.0.0.1").pod("orders-0", "old")),
                pod("orders-0", "new", 9));

        assertThat(only().weight()).isEqualTo(1);
        assertThat(only().podUid()).isEqualTo("old");
    }

    /** Kubernetes gives an address to another pod within seconds. */
    @Test
    void addressThatAnotherPodTookOver_hasWhatThatOneSays() {
        put(
                service("orders", port("http", 80)),
                pod("old", "u1", 7),
                pod("new", "u2", 9),
                slice("a", "orders").of(at("10.0.0.1").pod("old", "u1")));
        assertThat(only().weight()).isEqualTo(7);

        put(slice("a", "orders").of(at("10.0.0.1").pod("new", "u2")));
        assertThat(only().weight()).isEqualTo(9);
        assertThat(only().podUid()).isEqualTo("u2");

        put(pod("old", "u1", 8));
        remove(ObjectId.pod("shop", "old"));
        assertThat(only().weight()).isEqualTo(9);
    }

    @Test
    void weightAndLabelsOfAPodThatChange_areServed_withoutANewPod() {
        put(
                service("orders", port("http", 80)),
                pod("orders-1", "u1", 1),
                slice("a", "orders").of(at("10.0.0.1").pod("orders-1", "u1")));
        assertThat(only().weight()).isEqualTo(1);

        assertThat(put(readyPod("orders-1", "u1", Instant.EPOCH))).containsExactly(ORDERS);
        assertThat(only().shard()).isEqualTo("7");
        assertThat(only().labels()).containsEntry("tier", "gold");
        assertThat(put(pod("orders-1", "u1", 50))).containsExactly(ORDERS);
        assertThat(only().weight()).isEqualTo(50);
    }

    @Test
    void podWithoutUidInTheSlice_isJoinedByName() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").of(at("10.0.0.1").pod("orders-1", "")),
                pod("orders-1", "u1", 9));

        assertThat(only().weight()).isEqualTo(9);
        assertThat(only().podUid()).isEqualTo("u1");
    }

    @Test
    void objectThatLooksTheSame_touchesNothing() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").of(at("10.0.0.1").pod("orders-1", "u1").node("n1")),
                pod("orders-1", "u1", 1),
                new NodeObject("n1", "eu", "eu-1"));

        assertThat(put(
                        service("orders", port("http", 80)),
                        slice("a", "orders")
                                .of(at("10.0.0.1").pod("orders-1", "u1").node("n1")),
                        pod("orders-1", "u1", 1),
                        new NodeObject("n1", "eu", "eu-1")))
                .isEmpty();
    }

    @Test
    void podThatNoSliceRefersToAnyMore_touchesNothing() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").of(at("10.0.0.1").pod("orders-1", "u1")));
        put(slice("a", "orders").of());

        assertThat(put(pod("orders-1", "u1", 5))).isEmpty();
    }

    @Test
    void serviceScaledToZero_isThere_serviceDeleted_isNot() {
        put(service("orders", port("http", 80)), slice("a", "orders").of());
        assertThat(addresses()).isEmpty();

        remove(ObjectId.service("shop", "orders"));

        assertThat(project().view()).isNull();
    }

    @Test
    void endpointsOfSeveralKubernetesClusters_areOneService() {
        KubernetesClusterName west = new KubernetesClusterName("west");
        put(service("orders", port("http", 80)), slice("a", "orders").of(at("10.0.0.1")));
        putIn(west, service("orders", port("http", 80)), slice("a", "orders").of(at("10.1.0.1")));

        assertThat(endpoints())
                .extracting(EndpointView::cluster, EndpointView::address)
                .containsExactly(tuple(CLUSTER, "10.0.0.1"), tuple(west, "10.1.0.1"));
    }

    /** A cluster that says one thing hides nothing else of what the others say. */
    @Test
    void eachPartOfThePolicy_isThatOfTheFirstClusterThatSaysIt() {
        ServicePolicy ofDefault = ServicePolicy.NONE.with(TrafficDistribution.SAME_ZONE, false);
        ServicePolicy ofWest =
                policy("ring-hash", Duration.ofSeconds(30), 100).with(TrafficDistribution.SAME_NODE, true);
        putIn(new KubernetesClusterName("west"), withPolicy(ofWest));
        putIn(new KubernetesClusterName("zurich"), withPolicy(policy("random", Duration.ZERO, 1)));
        assertThat(project().view().policy()).isEqualTo(ofWest);

        put(withPolicy(ofDefault));

        assertThat(project().view().policy()).isEqualTo(ofWest.with(TrafficDistribution.SAME_ZONE, true));
    }

    /** Of two subsets half and half, no client could make anything. */
    @Test
    void subset_isThatOfOneCluster_asAWhole() {
        ServicePolicy first = new ServicePolicy(Map.of(PolicyKnob.SUBSET_FROM, "header:x-shard"));
        put(withPolicy(first));
        putIn(
                new KubernetesClusterName("west"),
                withPolicy(new ServicePolicy(Map.of(
                        PolicyKnob.SUBSET_FROM,
                        "path",
                        PolicyKnob.SUBSET_IF_NONE_MATCHES,
                        "use",
                        PolicyKnob.SUBSET_USE_VALUE,
                        "7",
                        PolicyKnob.MAX_IN_FLIGHT,
                        9))));

        assertThat(project().view().policy().said())
                .isEqualTo(Map.of(PolicyKnob.SUBSET_FROM, "header:x-shard", PolicyKnob.MAX_IN_FLIGHT, 9));
    }

    /** In whatever order their names are; the name stands for nothing while another cluster has pods, or is to have some. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "z"})
    void externalNameInOneCluster_doesNotHideTheEndpointsOfAnother(String other) {
        KubernetesClusterName outside = new KubernetesClusterName(other);
        putIn(
                outside,
                new ServiceObject(
                        ORDERS,
                        "db.example.com",
                        List.of(),
                        List.of(),
                        policy("maglev", Duration.ZERO, 9),
                        List.of(),
                        ""));
        put(service("orders", port("http", 80)), slice("o", "orders").of(at("10.0.0.1")));

        assertThat(addresses()).containsExactly("10.0.0.1:8080");
        assertThat(project().view().externalName()).isEmpty();
        assertThat(project().view().policy()).isEqualTo(ServicePolicy.NONE);
        assertThat(skipped())
                .singleElement()
                .asString()
                .contains(
                        "Service shop/orders",
                        "ExternalName",
                        "db.example.com",
                        "in Kubernetes cluster " + other,
                        "default");

        remove(ObjectId.service("shop", "orders"));
        remove(ObjectId.slice("shop", "o"));
        assertThat(project().view().externalName()).isEqualTo("db.example.com");
        assertThat(skipped()).isEmpty();
    }

    private static ServicePolicy policy(String strategy, Duration slowStart, int maxInFlightPerEndpoint) {
        return new ServicePolicy(Map.of(
                PolicyKnob.STRATEGY,
                strategy,
                PolicyKnob.SLOW_START,
                slowStart,
                PolicyKnob.MAX_IN_FLIGHT_PER_ENDPOINT,
                maxInFlightPerEndpoint));
    }

    private static ServiceObject withPolicy(ServicePolicy policy) {
        return new ServiceObject(ORDERS, "", List.of(), List.of(port("http", 80)), policy, List.of(), "");
    }

    @Test
    void objectsThatReplaceAll_removeWhatTheyDoNotName() {
        put(
                service("orders", port("http", 80)),
                slice("a", "orders").of(at("10.0.0.1")),
                slice("b", "orders").of(at("10.0.0.2")));
        Touched touched = new Touched();

        objects()
                .apply(
                        new TopologyChange.Replace(
                                List.of(
                                        service("orders", port("http", 80)),
                                        slice("b", "orders").of(at("10.0.0.2"))),
                                List.of()),
                        touched);

        assertThat(touched.services()).containsExactly(ORDERS);
        assertThat(addresses()).containsExactly("10.0.0.2:8080");
    }

    private ClusterObjects objects() {
        return clusters.computeIfAbsent(CLUSTER, name -> new ClusterObjects());
    }

    private Set<ServiceKey> put(TopologyObject... objects) {
        return putIn(CLUSTER, objects);
    }

    private Set<ServiceKey> putIn(KubernetesClusterName cluster, TopologyObject... objects) {
        Touched touched = new Touched();
        for (TopologyObject object : objects) {
            clusters.computeIfAbsent(cluster, name -> new ClusterObjects())
                    .apply(new TopologyChange.Upsert(object), touched);
        }
        return touched.services();
    }

    private void remove(ObjectId id) {
        objects().apply(new TopologyChange.Remove(id), new Touched());
    }

    private ServiceProjection.Result project() {
        return ServiceProjection.project(ORDERS, clusters);
    }

    private List<String> skipped() {
        return project().skipped().stream().map(SkippedObject::toString).toList();
    }

    private EndpointView only() {
        assertThat(endpoints()).hasSize(1);
        return endpoints().get(0);
    }

    private List<EndpointView> endpoints() {
        return project().view().ports().get(0).endpoints();
    }

    private List<String> addresses() {
        return addresses("http");
    }

    private List<String> addresses(String port) {
        return project().view().ports().stream()
                .filter(view -> view.port().name().equals(port))
                .flatMap(view -> view.endpoints().stream())
                .map(endpoint -> endpoint.address() + ":" + endpoint.port())
                .toList();
    }
}
