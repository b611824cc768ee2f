/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceStore;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.EndpointView.Health;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePolicy.TrafficDistribution;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopologyResourceStoreTest {

    private static final KubernetesClusterName CLUSTER = new KubernetesClusterName("default");
    private static final ServiceKey ORDERS = new ServiceKey("shop", "orders");
    private static final ServicePort HTTP = new ServicePort("http", 8080, false);
    private static final ServicePort GRPC = new ServicePort("grpc", 9090, true);
    private static final ServicePort ADMIN = new ServicePort("admin", 7070, false);

    private static final ClientVariant OURS = new ClientVariant(Family.XDS_LB, "shop");
    private static final ClientVariant ENVOY = new ClientVariant(Family.ENVOY, "");
    private static final ClientVariant GRPC_CLIENT = new ClientVariant(Family.GRPC, "");

    private final TopologyResourceStore store = new TopologyResourceStore(new Topology(List.of(CLUSTER)));
    private final Map<ServiceKey, ServiceView> views = new HashMap<>();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "orders.shop:8080",
                "orders.shop:http",
                "orders.shop.svc.cluster.local:8080",
                "orders.shop.svc.cluster.local:http",
                "orders:8080",
                "orders.shop",
                "orders"
            })
    void everyAliasOfAPort_isAnsweredUnderTheRequestedName(String name) throws Exception {
        serve(ORDERS, port(HTTP, endpoint("10.0.0.1")), port(GRPC), port(ADMIN));

        ClusterLoadAssignment assignment = assignment(name, OURS);

        assertThat(assignment.getClusterName()).isEqualTo(name);
        assertThat(addresses(assignment)).containsExactly("10.0.0.1");
    }

    @ParameterizedTest
    @CsvSource({
        "orders.shop,XDS_LB,10.0.0.1",
        "orders.shop,ENVOY,10.0.0.1",
        "orders.shop,GRPC,10.0.0.2",
        "orders.shop?protocol=grpc,XDS_LB,10.0.0.2",
        "orders.shop:http?protocol=grpc,XDS_LB,10.0.0.1",
        "orders.shop:9090,XDS_LB,10.0.0.2"
    })
    void withoutAPort_theOneNamedByTheProtocolIsMeant(String name, Family family, String address) throws Exception {
        serve(ORDERS, port(HTTP, endpoint("10.0.0.1")), port(GRPC, endpoint("10.0.0.2")), port(ADMIN));

        assertThat(addresses(assignment(name, new ClientVariant(family, "shop"))))
                .containsExactly(address);
    }

    @Test
    void withoutAPort_theOnlyOneIsMeant() throws Exception {
        serve(ORDERS, port(ADMIN, endpoint("10.0.0.1")));

        assertThat(addresses(assignment("orders.shop", GRPC_CLIENT))).containsExactly("10.0.0.1");
    }

    @Test
    void ambiguousPort_saysWhichThereAre() {
        serve(ORDERS, port(new ServicePort("web", 8080, false)), port(ADMIN));

        Lookup.Missing missing = missing("orders.shop", OURS);

        assertThat(missing.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(missing.message())
                .isEqualTo("Service \"orders.shop\" has ports 8080 (web), 7070 (admin):"
                        + " name one, e.g. orders.shop:8080");
    }

    @ParameterizedTest
    @ValueSource(strings = {"orders.shop:1", "orders.shop:https", "orders.shop:08080", "orders.shop:99999999999"})
    void unknownPort_saysWhichThereAre(String name) {
        serve(ORDERS, port(HTTP), port(GRPC));

        Lookup.Missing missing = missing(name, OURS);

        assertThat(missing.code()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(missing.message()).contains("it has 8080 (http), 9090 (grpc)");
    }

    @Test
    void externalName_saysWhatToCall() {
        view(new ServiceView(ORDERS, "db.example.com", List.of()));

        Lookup.Missing missing = missing("orders.shop:8080", OURS);

        assertThat(missing.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
        assertThat(missing.message()).contains("ExternalName", "call db.example.com directly");
    }

    @Test
    void unknownService_isAnsweredWithTheNearestNames() {
        serve(ORDERS, port(HTTP), port(GRPC));
        serve(new ServiceKey("billing", "orders"), port(HTTP));
        serve(new ServiceKey("shop", "carts"), port(HTTP));

        Lookup.Missing missing = missing("ordrs.shop:8080", OURS);

        assertThat(missing.code()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(missing.message())
                .isEqualTo("no Service \"ordrs\" in namespace \"shop\";"
                        + " nearest: orders.shop:8080, orders.shop:9090, orders.billing:8080");
    }

    @Test
    void messageAboutAMissingName_knowsServicesThatCameLater() {
        assertThat(missing("ordrs.shop", OURS).message()).isEqualTo("no Service \"ordrs\" in namespace \"shop\"");

        serve(ORDERS, port(HTTP));

        assertThat(missing("ordrs.shop", OURS).message()).endsWith("nearest: orders.shop:8080");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":", "a:", ".shop", "a..b", "a.b.c", "a.b:1:2", "*", "orders.shop?protocol=http", "ö.shop"})
    void textThatIsNoName_isMissing(String name) {
        assertThat(missing(name, OURS).code()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(missing(name, OURS).message()).contains("expected: <service>.<namespace>:<port>");
        assertThat(store.dependencyKey(TopologyResourceStore.ENDPOINTS, name, OURS))
                .isEqualTo(name);
    }

    @Test
    void nameWithoutNamespace_ofAClientWithoutOne_saysSo() {
        assertThat(missing("orders:8080", ENVOY).message())
                .contains("has no namespace", "<service>.<namespace>", "set xds-lb.namespace in the client");
    }

    @Test
    void onlyEnvoyGetsAPlaceholder_andOnlyForEndpoints() throws Exception {
        EncodedResource placeholder = missing("ordrs.shop:1", ENVOY).placeholder();

        assertThat(unpack(placeholder, ClusterLoadAssignment.class))
                .isEqualTo(ClusterLoadAssignment.newBuilder()
                        .setClusterName("ordrs.shop:1")
                        .build());
        assertThat(missing("ordrs.shop:1", OURS).placeholder()).isNull();
        assertThat(missing("ordrs.shop:1", GRPC_CLIENT).placeholder()).isNull();
        assertThat(((Lookup.Missing) store.lookup(TopologyResourceStore.CLUSTER, "ordrs.shop:1", ENVOY)).placeholder())
                .isNull();
    }

    @Test
    void serviceScaledToZero_isAnEmptyAssignment_notMissing() throws Exception {
        serve(ORDERS, port(HTTP));

        assertThat(assignment("orders.shop:8080", OURS).getEndpointsCount()).isZero();
    }

    @Test
    void ourClientSeesEveryEndpoint_othersOnlyThoseThatAnswer() throws Exception {
        serve(
                ORDERS,
                port(
                        HTTP,
                        endpoint("10.0.0.1"),
                        endpoint("10.0.0.2", Health.NOT_READY),
                        endpoint("10.0.0.3", Health.DRAINING),
                        endpoint("10.0.0.4", Health.STOPPING)));

        assertThat(health(assignment("orders.shop:8080", OURS)))
                .containsExactly(
                        HealthStatus.HEALTHY, HealthStatus.UNHEALTHY, HealthStatus.DRAINING, HealthStatus.DRAINING);
        assertThat(health(assignment("orders.shop:8080", ENVOY)))
                .containsExactly(HealthStatus.HEALTHY, HealthStatus.DRAINING);
        assertThat(health(assignment("orders.shop:8080", GRPC_CLIENT)))
                .containsExactly(HealthStatus.HEALTHY, HealthStatus.DRAINING);
    }

    @Test
    void localitiesAreSortedAndDistinct_andWeighWhatTheirEndpointsWeigh() throws Exception {
        serve(
                ORDERS,
                port(
                        HTTP,
                        endpoint("10.0.0.1", "b", 1),
                        endpoint("10.0.0.2", "a", 2),
                        endpoint("10.0.0.3", "b", 3),
                        endpoint("10.0.0.4", "", 1)));

        ClusterLoadAssignment assignment = assignment("orders.shop:8080", GRPC_CLIENT);

        assertThat(assignment.getEndpointsList())
                .allMatch(LocalityLbEndpoints::hasLocality)
                .extracting(
                        locality -> locality.getLocality().getZone(),
                        locality -> locality.getLoadBalancingWeight().getValue(),
                        LocalityLbEndpoints::getLbEndpointsCount,
                        LocalityLbEndpoints::getPriority)
                .containsExactly(tuple("", 1, 1, 0), tuple("a", 2, 1, 0), tuple("b", 4, 2, 0));
    }

    @Test
    void whatIsKnownOfAPod_travelsInTheMetadata() throws Exception {
        EndpointView endpoint = new EndpointView(
                CLUSTER,
                "10.0.0.1",
                8080,
                Health.READY,
                "eu",
                "eu-1",
                "orders-1",
                "u1",
                1,
                "7",
                Instant.parse("2026-01-02T03:04:05Z"),
                Map.of("tier", "gold"));
        serve(ORDERS, port(HTTP, endpoint, endpoint("10.0.0.2")));

        List<LbEndpoint> endpoints = endpoints(assignment("orders.shop:8080", OURS));

        Map<String, Struct> metadata = endpoints.get(1).getMetadata().getFilterMetadataMap();
        Struct ours = metadata.get("dev.xdslb");
        assertThat(text(ours, "pod")).isEqualTo("orders-1");
        assertThat(text(ours, "uid")).isEqualTo("u1");
        assertThat(text(ours, "ready_since")).isEqualTo("2026-01-02T03:04:05Z");
        assertThat(text(ours, "shard")).isEqualTo("7");
        assertThat(text(ours.getFieldsOrThrow("labels").getStructValue(), "tier"))
                .isEqualTo("gold");
        assertThat(text(metadata.get("envoy.lb"), "shard")).isEqualTo("7");
        assertThat(text(metadata.get("envoy.lb"), "tier")).isEqualTo("gold");
        assertThat(endpoints.get(0).hasMetadata()).isFalse();
    }

    @Test
    void clusterAsksForItsEndpointsOverTheSameStream_andTellsEnvoyTheProtocol() throws Exception {
        serve(ORDERS, port(HTTP), port(GRPC));

        Cluster grpc = cluster("orders.shop:grpc", ENVOY);

        assertThat(grpc.getName()).isEqualTo("orders.shop:grpc");
        assertThat(grpc.getType()).isEqualTo(Cluster.DiscoveryType.EDS);
        assertThat(grpc.getEdsClusterConfig().getEdsConfig().hasAds()).isTrue();
        assertThat(grpc.getLbPolicy()).isEqualTo(Cluster.LbPolicy.ROUND_ROBIN);
        assertThat(grpc.getTypedExtensionProtocolOptionsMap())
                .containsOnlyKeys("envoy.extensions.upstreams.http.v3.HttpProtocolOptions");
        assertThat(cluster("orders.shop:http", ENVOY).getTypedExtensionProtocolOptionsMap())
                .isEmpty();
        assertThat(cluster("orders.shop:grpc", GRPC_CLIENT).getTypedExtensionProtocolOptionsMap())
                .isEmpty();
    }

    @Test
    void wildcard_standsForTheCanonicalNameOfEveryPort_andForNoEndpoints() {
        serve(ORDERS, port(HTTP), port(GRPC));
        view(new ServiceView(new ServiceKey("shop", "db"), "db.example.com", List.of()));
        assertThat(store.wildcardNames(TopologyResourceStore.CLUSTER, ENVOY))
                .containsExactly("orders.shop:8080", "orders.shop:9090");

        serve(new ServiceKey("shop", "carts"), port(HTTP));

        assertThat(store.wildcardNames(TopologyResourceStore.CLUSTER, ENVOY))
                .containsExactly("carts.shop:8080", "orders.shop:8080", "orders.shop:9090");
        assertThat(store.wildcardNames(TopologyResourceStore.ENDPOINTS, ENVOY)).isEmpty();
    }

    @Test
    void resourceIsEncodedOnceForAllWhoAreAnsweredAlike() {
        serve(ORDERS, port(HTTP, endpoint("10.0.0.1")));

        EncodedResource envoys = found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", ENVOY);

        assertThat(found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", ENVOY))
                .isSameAs(envoys);
        assertThat(found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", GRPC_CLIENT))
                .isSameAs(envoys);
    }

    @Test
    void versionsAreThoseOfEveryOtherReplica_andChangeWithTheContentOnly() {
        PortView first = port(HTTP, endpoint("10.0.0.1"), endpoint("10.0.0.2"));
        serve(ORDERS, first);
        EncodedResource resource = found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", OURS);
        TopologyResourceStore replica = new TopologyResourceStore(new Topology(List.of(CLUSTER)));
        replica.changed(List.of(new ServiceChange(ORDERS, null, new ServiceView(ORDERS, "", List.of(first)))));

        assertThat(((Lookup.Found) replica.lookup(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", OURS))
                        .resource())
                .isEqualTo(resource);
        serve(ORDERS, first, port(GRPC, endpoint("10.0.0.1")));
        assertThat(found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", OURS))
                .isEqualTo(resource);
        serve(ORDERS, port(HTTP, endpoint("10.0.0.1")));
        assertThat(found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", OURS)
                        .version())
                .isNotEqualTo(resource.version());
    }

    /** Others are told that there is no limit, as they have one of their own otherwise. */
    @Test
    void ourClient_isToldNothing_ofAServiceWithoutPolicy() throws Exception {
        view(new ServiceView(ORDERS, "", List.of(port(HTTP), port(GRPC)), ServicePolicy.NONE));

        assertThat(cluster("orders.shop:8080", GRPC_CLIENT).hasCircuitBreakers())
                .isTrue();
        assertThat(cluster("orders.shop:8080", OURS).hasCircuitBreakers()).isFalse();
    }

    @Test
    void policyOfTheService_isInItsCluster_andItsChangeIsAnnouncedForClusters() throws Exception {
        serve(ORDERS, port(HTTP), port(GRPC));
        EncodedResource without = found(TopologyResourceStore.CLUSTER, "orders.shop:8080", OURS);
        List<String> announced = announced();

        ServicePolicy policy = new ServicePolicy(Map.of(
                PolicyKnob.STRATEGY,
                "p2c-ewma",
                PolicyKnob.SLOW_START,
                Duration.ofMillis(90_500),
                PolicyKnob.MAX_IN_FLIGHT_PER_ENDPOINT,
                100));
        view(new ServiceView(ORDERS, "", List.of(port(HTTP), port(GRPC)), policy));

        assertThat(announced).containsExactly("CLUSTER [orders.shop]", "ENDPOINTS [orders.shop]");
        for (ClientVariant variant : List.of(OURS, ENVOY, GRPC_CLIENT)) {
            Cluster cluster = cluster("orders.shop:8080", variant);
            boolean isEnvoy = variant.equals(ENVOY);
            assertThat(cluster.getLbPolicy())
                    .isEqualTo(isEnvoy ? Cluster.LbPolicy.LEAST_REQUEST : Cluster.LbPolicy.ROUND_ROBIN);
            assertThat((isEnvoy
                                    ? cluster.getLeastRequestLbConfig().getSlowStartConfig()
                                    : cluster.getRoundRobinLbConfig().getSlowStartConfig())
                            .getSlowStartWindow())
                    .isEqualTo(com.google.protobuf.Duration.newBuilder()
                            .setSeconds(90)
                            .setNanos(500_000_000)
                            .build());
            assertThat(cluster.getCircuitBreakers().getThresholdsList())
                    .as("they are the whole cluster's")
                    .noneMatch(limits -> limits.getMaxRequests().getValue() == 100);
            CircuitBreakers.Thresholds perEndpoint =
                    cluster.getCircuitBreakers().getPerHostThresholds(0);
            assertThat(perEndpoint)
                    .as("Envoy 1.40 knows connections alone, and refuses the rest")
                    .isEqualTo(
                            isEnvoy
                                    ? CircuitBreakers.Thresholds.newBuilder()
                                            .setMaxConnections(UInt32Value.of(100))
                                            .build()
                                    : CircuitBreakers.Thresholds.newBuilder()
                                            .setMaxRequests(UInt32Value.of(100))
                                            .build());
            assertThat(cluster.hasMetadata()).isEqualTo(variant.equals(OURS));
            if (!variant.equals(OURS)) {
                continue;
            }
            Struct ours = cluster.getMetadata().getFilterMetadataOrThrow("dev.xdslb");
            assertThat(text(ours, "strategy")).isEqualTo("p2c-ewma");
            assertThat(ours.getFieldsOrThrow("max_in_flight_per_endpoint").getNumberValue())
                    .isEqualTo(100);
        }
        assertThat(cluster("orders.shop:9090", ENVOY).getCircuitBreakers().getPerHostThresholdsList())
                .as("over HTTP/2 many requests share a connection")
                .isEmpty();

        serve(ORDERS, port(HTTP), port(GRPC));
        assertThat(found(TopologyResourceStore.CLUSTER, "orders.shop:8080", OURS))
                .isEqualTo(without);
    }

    @Test
    void clusterWithoutAnnotations_hasWhatItAlwaysHad_andNoLimits() throws Exception {
        serve(ORDERS, port(HTTP));

        assertThat(cluster("orders.shop:8080", ENVOY).toBuilder()
                        .clearCircuitBreakers()
                        .build())
                .isEqualTo(Cluster.newBuilder()
                        .setName("orders.shop:8080")
                        .setType(Cluster.DiscoveryType.EDS)
                        .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder()
                                .setEdsConfig(ConfigSource.newBuilder()
                                        .setResourceApiVersion(ApiVersion.V3)
                                        .setAds(AggregatedConfigSource.getDefaultInstance())))
                        .setLbPolicy(Cluster.LbPolicy.ROUND_ROBIN)
                        .build());
    }

    @Test
    void serviceOfSeveralClusters_hasTheEndpointsOfTheClientsOwnRegionFirst() throws Exception {
        KubernetesClusterName other = new KubernetesClusterName("east");
        serve(ORDERS, port(HTTP, in(CLUSTER, "10.1.0.1", "west"), in(other, "10.2.0.1", "east")));

        ClusterLoadAssignment west = assignment("orders.shop:8080", in("west"));
        assertThat(west.getEndpointsList())
                .extracting(locality -> locality.getLocality().getRegion() + " " + locality.getPriority())
                .containsExactly("east 1", "west 0");
        assertThat(assignment("orders.shop:8080", in("north")).getEndpointsList())
                .as("priorities have no gaps, and what clients say of themselves makes no encodings")
                .extracting(LocalityLbEndpoints::getPriority)
                .containsOnly(0);
        assertThat(assignment("orders.shop:8080", OURS).getEndpointsList())
                .extracting(LocalityLbEndpoints::getPriority)
                .containsOnly(0);

        assertThat(found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", in("made up")))
                .isSameAs(found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", OURS));

        serve(ORDERS, port(HTTP, in(CLUSTER, "10.1.0.1", "west"), in(CLUSTER, "10.2.0.1", "east")));
        assertThat(found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", in("west")))
                .as("one encoding for all, where there is one Kubernetes cluster")
                .isSameAs(found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", OURS));
    }

    @Test
    void changeOfEndpoints_isAnnouncedForEndpointsOnly_underTheKeyOfEveryAlias() {
        serve(ORDERS, port(HTTP));
        List<String> announced = announced();

        serve(ORDERS, port(HTTP, endpoint("10.0.0.1")));

        assertThat(announced).containsExactly("ENDPOINTS [orders.shop]");
        assertThat(List.of(
                        "orders.shop:8080",
                        "orders:http",
                        "orders.shop.svc.cluster.local",
                        "orders.shop?protocol=grpc"))
                .allSatisfy(name -> assertThat(store.dependencyKey(TopologyResourceStore.ENDPOINTS, name, OURS))
                        .isEqualTo("orders.shop"));
    }

    @Test
    void serviceThatAppears_changesPortsOrGoes_isAnnouncedForClustersFirst() {
        List<String> announced = announced();

        serve(ORDERS, port(HTTP));
        serve(ORDERS, port(HTTP), port(GRPC));
        view(ORDERS, null);

        assertThat(announced)
                .containsExactly(
                        "CLUSTER [orders.shop]",
                        "ENDPOINTS [orders.shop]",
                        "LISTENER [orders.shop]",
                        "ROUTE [orders.shop]",
                        "CLUSTER [orders.shop]",
                        "ENDPOINTS [orders.shop]",
                        "LISTENER [orders.shop]",
                        "ROUTE [orders.shop]",
                        "CLUSTER [orders.shop]",
                        "ENDPOINTS [orders.shop]",
                        "LISTENER [orders.shop]",
                        "ROUTE [orders.shop]");
    }

    @Test
    void newStateIsVisibleWhenItIsAnnounced() {
        List<Lookup> seen = new ArrayList<>();
        store.addListener(
                (type, causes) -> seen.add(store.lookup(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", OURS)));

        serve(ORDERS, port(HTTP));

        assertThat(seen).isNotEmpty().allMatch(Lookup.Found.class::isInstance);
    }

    @Test
    void closedRegistration_hearsNothing() {
        List<String> announced = new ArrayList<>();
        ResourceStore.Registration registration =
                store.addListener((type, causes) -> announced.add(type + " " + causes.keySet()));
        registration.close();
        registration.close();

        serve(ORDERS, port(HTTP));

        assertThat(announced).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TrafficDistribution.class)
    void trafficDistribution_switchesZonesOn_forEveryKindOfClient(TrafficDistribution distribution) throws Exception {
        view(new ServiceView(ORDERS, "", List.of(port(HTTP)), ServicePolicy.NONE.with(distribution, false)));

        for (ClientVariant variant : List.of(OURS, ENVOY, GRPC_CLIENT)) {
            assertThat(cluster("orders.shop:8080", variant)
                            .getCommonLbConfig()
                            .getZoneAwareLbConfig()
                            .getRoutingEnabled()
                            .getValue())
                    .isEqualTo(100);
        }
    }

    @Test
    void sameNodePreferred_endpointsOfTheClientsNodeComeFirst_andTheOthersAfter() throws Exception {
        serveOnNodes(ServicePolicy.NONE.with(TrafficDistribution.SAME_NODE, false));

        ClusterLoadAssignment near = assignment("orders.shop:8080", on("n1"));

        assertThat(near.getEndpointsList())
                .extracting(locality ->
                        locality.getPriority() + " " + locality.getLocality().getZone() + "/"
                                + locality.getLocality().getSubZone() + " " + locality.getLbEndpointsCount())
                .containsExactlyInAnyOrder("0 z1/n1 1", "1 z1/ 1", "1 z2/ 1");
        for (String elsewhere : List.of("n9", "")) {
            assertThat(assignment("orders.shop:8080", on(elsewhere)).getEndpointsList())
                    .as("no endpoint on node %s", elsewhere)
                    .allMatch(locality -> locality.getPriority() == 0
                            && locality.getLocality().getSubZone().isEmpty());
        }
    }

    @Test
    void nodeLocalService_hasTheEndpointsOfTheClientsNodeAlone_andAllWhereThatIsUnknown() throws Exception {
        serveOnNodes(ServicePolicy.NONE.with(null, true));

        assertThat(addresses(assignment("orders.shop:8080", on("n1")))).containsExactly("10.0.0.1");
        assertThat(addresses(assignment("orders.shop:8080", on("n2")))).containsExactly("10.0.0.2");
        assertThat(addresses(assignment("orders.shop:8080", on("n9")))).isEmpty();
        assertThat(addresses(assignment("orders.shop:8080", on("")))).hasSize(3);
        assertThat(assignment("orders.shop:8080", on("n1")).getEndpoints(0).getPriority())
                .isZero();
        assertThat(found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", on("n8")))
                .as("one for all that have none")
                .isSameAs(found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", on("n9")));
    }

    /** As kube-proxy: what answers on another node does not help here. */
    @Test
    void nodeLocalService_whoseLastEndpointOnTheNodeShutsDown_hasThatAsItsLastResort() throws Exception {
        view(new ServiceView(
                ORDERS,
                "",
                List.of(port(
                        HTTP,
                        onNode("10.0.0.1", Health.DRAINING, "z1", "n1"),
                        onNode("10.0.0.2", Health.READY, "z1", "n2"))),
                ServicePolicy.NONE.with(null, true)));

        assertThat(health(assignment("orders.shop:8080", on("n1")))).containsExactly(HealthStatus.HEALTHY);
        assertThat(health(assignment("orders.shop:8080", on(""))))
                .containsExactlyInAnyOrder(HealthStatus.DRAINING, HealthStatus.HEALTHY);
    }

    /** As where Nodes are named by number. */
    @Test
    void nodesOfTheSameName_inTwoKubernetesClusters_areTwo() throws Exception {
        KubernetesClusterName east = new KubernetesClusterName("east");
        List<PortView> ports = List.of(port(
                HTTP,
                onNode("10.0.0.1", Health.READY, "z1", "n1"),
                new EndpointView(east, "10.2.0.1", 8080, Health.READY, "", "z1", "n1", "", "", 1, "", null, Map.of()),
                onNode("10.0.0.2", Health.READY, "z1", "n2")));
        view(new ServiceView(ORDERS, "", ports, ServicePolicy.NONE.with(null, true)));
        assertThat(addresses(assignment("orders.shop:8080", on("n1")))).containsExactly("10.0.0.1");
        assertThat(addresses(assignment("orders.shop:8080", on(east, "n1")))).containsExactly("10.2.0.1");
        assertThat(addresses(assignment("orders.shop:8080", on(east, "n2")))).isEmpty();

        view(new ServiceView(ORDERS, "", ports, ServicePolicy.NONE.with(TrafficDistribution.SAME_NODE, false)));

        assertThat(assignment("orders.shop:8080", on(east, "n1")).getEndpointsList())
                .filteredOn(locality -> locality.getPriority() == 0)
                .singleElement()
                .satisfies(locality -> {
                    assertThat(locality.getLocality().getSubZone()).isEqualTo("n1");
                    assertThat(locality.getLbEndpointsCount()).isEqualTo(1);
                });
    }

    @Test
    void nodesOfOtherServices_areNoReasonToEncodeThemTwice() {
        serveOnNodes(ServicePolicy.NONE);

        assertThat(found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", on("n1")))
                .isSameAs(found(TopologyResourceStore.ENDPOINTS, "orders.shop:8080", on("n2")));
    }

    private void serveOnNodes(ServicePolicy policy) {
        view(new ServiceView(
                ORDERS,
                "",
                List.of(port(
                        HTTP,
                        onNode("10.0.0.1", Health.READY, "z1", "n1"),
                        onNode("10.0.0.2", Health.READY, "z1", "n2"),
                        onNode("10.0.0.3", Health.READY, "z2", "n3"))),
                policy));
    }

    private static EndpointView onNode(String address, Health health, String zone, String node) {
        return new EndpointView(CLUSTER, address, 8080, health, "", zone, node, "", "", 1, "", null, Map.of());
    }

    private static ClientVariant on(String node) {
        return on(CLUSTER, node);
    }

    private static ClientVariant on(KubernetesClusterName cluster, String node) {
        return new ClientVariant(Family.XDS_LB, "shop", new ClientPlace("", "z1", cluster.value(), node));
    }

    private List<String> announced() {
        List<String> announced = new ArrayList<>();
        store.addListener((type, causes) -> announced.add(type + " " + causes.keySet()));
        return announced;
    }

    private void serve(ServiceKey key, PortView... ports) {
        view(new ServiceView(key, "", List.of(ports)));
    }

    private void view(ServiceView view) {
        view(view.key(), view);
    }

    private void view(ServiceKey key, @Nullable ServiceView view) {
        ServiceView before = view == null ? views.remove(key) : views.put(key, view);
        store.changed(List.of(new ServiceChange(key, before, view)));
    }

    private static PortView port(ServicePort port, EndpointView... endpoints) {
        return new PortView(port, List.of(endpoints));
    }

    private static EndpointView endpoint(String address) {
        return endpoint(address, "", 1);
    }

    private static EndpointView endpoint(String address, Health health) {
        return new EndpointView(CLUSTER, address, 8080, health, "", "", "", "", 1, "", null, Map.of());
    }

    private static EndpointView endpoint(String address, String zone, int weight) {
        return new EndpointView(CLUSTER, address, 8080, Health.READY, "", zone, "", "", weight, "", null, Map.of());
    }

    private static EndpointView in(KubernetesClusterName cluster, String address, String region) {
        return new EndpointView(cluster, address, 8080, Health.READY, region, "", "", "", 1, "", null, Map.of());
    }

    private static ClientVariant in(String region) {
        return new ClientVariant(Family.XDS_LB, "shop", new ClientPlace(region, ""));
    }

    private Lookup.Missing missing(String name, ClientVariant variant) {
        return (Lookup.Missing) store.lookup(TopologyResourceStore.ENDPOINTS, name, variant);
    }

    private EncodedResource found(ResourceType type, String name, ClientVariant variant) {
        return ((Lookup.Found) store.lookup(type, name, variant)).resource();
    }

    private ClusterLoadAssignment assignment(String name, ClientVariant variant) throws Exception {
        return unpack(found(TopologyResourceStore.ENDPOINTS, name, variant), ClusterLoadAssignment.class);
    }

    private Cluster cluster(String name, ClientVariant variant) throws Exception {
        return unpack(found(TopologyResourceStore.CLUSTER, name, variant), Cluster.class);
    }

    private static <T extends Message> T unpack(EncodedResource resource, Class<T> type)
            throws InvalidProtocolBufferException {
        return Any.parseFrom(resource.any()).unpack(type);
    }

    private static List<LbEndpoint> endpoints(ClusterLoadAssignment assignment) {
        return assignment.getEndpointsList().stream()
                .flatMap(locality -> locality.getLbEndpointsList().stream())
                .toList();
    }

    private static List<String> addresses(ClusterLoadAssignment assignment) {
        return endpoints(assignment).stream()
                .map(endpoint ->
                        endpoint.getEndpoint().getAddress().getSocketAddress().getAddress())
                .toList();
    }

    private static List<HealthStatus> health(ClusterLoadAssignment assignment) {
        return endpoints(assignment).stream().map(LbEndpoint::getHealthStatus).toList();
    }

    private static String text(Struct struct, String field) {
        return struct.getFieldsOrThrow(field).getStringValue();
    }
}
