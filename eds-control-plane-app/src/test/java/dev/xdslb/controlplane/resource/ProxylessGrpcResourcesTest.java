/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chain by which a gRPC client of any language resolves {@code xds:///orders.shop:8080}. */
class ProxylessGrpcResourcesTest {

    private static final KubernetesClusterName KUBERNETES = new KubernetesClusterName("default");
    private static final ServiceKey ORDERS = new ServiceKey("shop", "orders");
    private static final ServicePort HTTP = new ServicePort("http", 8080, false);
    private static final ServicePort GRPC = new ServicePort("grpc", 9090, true);
    private static final ClientVariant CLIENT = new ClientVariant(Family.GRPC, "shop");
    private static final ResourceType LISTENER = TopologyResourceStore.LISTENER;
    private static final ResourceType ROUTE = TopologyResourceStore.ROUTE;

    private final TopologyResourceStore store = newStore();
    private @Nullable ServiceView served;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "orders.shop:9090",
                "orders.shop:grpc",
                "orders.shop.svc.cluster.local:9090",
                "orders.shop.svc.cluster.local.:9090",
                "orders.shop.svc:9090",
                "Orders.Shop:9090",
                "orders:9090",
                "orders.shop",
                "orders"
            })
    void everyAlias_leadsToTheEndpoints_underItsOwnName(String target) throws Exception {
        serve(HTTP, GRPC);

        HttpConnectionManager manager = manager(found(Listener.class, LISTENER, target));
        RouteConfiguration routes =
                found(RouteConfiguration.class, ROUTE, manager.getRds().getRouteConfigName());
        VirtualHost host = routes.getVirtualHosts(0);
        Cluster cluster = found(
                Cluster.class,
                TopologyResourceStore.CLUSTER,
                host.getRoutes(0).getRoute().getCluster());

        assertThat(List.of(manager.getRds().getRouteConfigName(), routes.getName(), cluster.getName()))
                .containsOnly(target);
        assertThat(store.lookup(TopologyResourceStore.ENDPOINTS, cluster.getName(), CLIENT))
                .isInstanceOf(Lookup.Found.class);
    }

    /** Clients refuse all else: see docs/proxyless-grpc.md. */
    @Test
    void listener_hasWhatEveryClientDemands() throws Exception {
        serve(GRPC);

        Listener listener = found(Listener.class, LISTENER, "orders.shop:9090");
        HttpConnectionManager manager = manager(listener);

        assertThat(listener.getName()).isEqualTo("orders.shop:9090");
        assertThat(listener.hasAddress()).as("nothing listens").isFalse();
        assertThat(manager.getStatPrefix()).isNotEmpty();
        assertThat(manager.getRds().getConfigSource()).isEqualTo(overAds());
        assertThat(manager.getHttpFiltersList())
                .singleElement()
                .satisfies(filter ->
                        assertThat(filter.getTypedConfig().is(Router.class)).isTrue());
    }

    @Test
    void routes_matchEveryHostAndEveryMethod() throws Exception {
        serve(GRPC);

        RouteConfiguration routes = found(RouteConfiguration.class, ROUTE, "orders.shop:9090");

        assertThat(routes.getVirtualHostsList()).singleElement().satisfies(host -> {
            assertThat(host.getDomainsList()).containsExactly("*");
            assertThat(host.getRoutesList()).singleElement().satisfies(route -> {
                assertThat(route.getMatch().hasPrefix()).isTrue();
                assertThat(route.getMatch().getPrefix()).isEmpty();
            });
        });
    }

    /** Python and Node refuse LEAST_REQUEST, all of them RANDOM and MAGLEV. */
    @ParameterizedTest
    @ValueSource(strings = {"", "random", "maglev", "p2c-least-request", "ring-hash"})
    void cluster_isOneThatEveryClientTakes_whateverTheStrategyOfOurs(String strategy) throws Exception {
        view(new ServiceView(
                ORDERS,
                "",
                List.of(new PortView(GRPC, List.of())),
                new ServicePolicy(Map.of(
                        PolicyKnob.STRATEGY,
                        strategy,
                        PolicyKnob.SLOW_START,
                        Duration.ofSeconds(30),
                        PolicyKnob.MAX_IN_FLIGHT_PER_ENDPOINT,
                        100))));

        Cluster cluster = found(Cluster.class, TopologyResourceStore.CLUSTER, "orders.shop:9090");

        assertThat(cluster.getType()).isEqualTo(Cluster.DiscoveryType.EDS);
        assertThat(cluster.getEdsClusterConfig().getEdsConfig()).isEqualTo(overAds());
        assertThat(cluster.getLbPolicy()).isEqualTo(Cluster.LbPolicy.ROUND_ROBIN);
        assertThat(cluster.hasLoadBalancingPolicy())
                .as("a list, of which each takes what it knows")
                .isEqualTo(strategy.startsWith("p2c"));
        assertThat(cluster.getCircuitBreakers().getThresholdsList())
                .as("no limit: 1,024 is gRPC's where nothing is said")
                .singleElement()
                .extracting(limits -> limits.getMaxRequests().getValue())
                .isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void wildcard_isNoServiceAtAll_forAnybody() {
        serve(HTTP, GRPC);

        for (Family family : Family.values()) {
            ClientVariant variant = new ClientVariant(family, "");
            assertThat(store.wildcardNames(LISTENER, variant)).isEmpty();
            assertThat(store.wildcardNames(ROUTE, variant)).isEmpty();
        }
        assertThat(LISTENER.fullState()).isTrue();
        assertThat(ROUTE.fullState()).isFalse();
    }

    @Test
    void missingName_isAnErrorThatHelps_andNoPlaceholder() {
        serve(GRPC);

        for (ResourceType type : List.of(LISTENER, ROUTE)) {
            for (Family family : Family.values()) {
                Lookup.Missing missing =
                        (Lookup.Missing) store.lookup(type, "ordrs.shop:9090", new ClientVariant(family, ""));
                assertThat(missing.code()).isEqualTo(Status.Code.NOT_FOUND);
                assertThat(missing.message()).endsWith("nearest: orders.shop:9090");
                assertThat(missing.placeholder()).isNull();
            }
        }
    }

    @Test
    void changes_areAnnouncedInTheOrderInWhichClientsNeedThem_andOnlyWherePortsComeOrGo() {
        List<String> announced = new ArrayList<>();
        store.addListener((type, causes) -> announced.add(type + " " + causes.keySet()));

        serve(GRPC);
        serve(HTTP, GRPC);
        view(new ServiceView(
                ORDERS,
                "",
                List.of(new PortView(HTTP, List.of()), new PortView(GRPC, List.of())),
                new ServicePolicy(Map.of(PolicyKnob.STRATEGY, "random"))));
        view(null);

        List<String> all = List.of(
                "CLUSTER [orders.shop]", "ENDPOINTS [orders.shop]", "LISTENER [orders.shop]", "ROUTE [orders.shop]");
        List<String> expected = new ArrayList<>(all);
        expected.addAll(all);
        expected.addAll(List.of("CLUSTER [orders.shop]", "ENDPOINTS [orders.shop]"));
        expected.addAll(all);
        assertThat(announced).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void encodedOnceForAll_withTheVersionOfEveryReplica(Family family) {
        serve(GRPC);
        TopologyResourceStore replica = newStore();
        replica.changed(List.of(new ServiceChange(ORDERS, null, ordersWith(GRPC))));

        for (ResourceType type : List.of(LISTENER, ROUTE)) {
            EncodedResource resource = lookup(store, type, new ClientVariant(family, "other"));
            assertThat(resource).isSameAs(lookup(store, type, CLIENT)).isEqualTo(lookup(replica, type, CLIENT));
        }
        assertThat(lookup(store, LISTENER, CLIENT).version())
                .isNotEqualTo(lookup(store, ROUTE, CLIENT).version());
    }

    /** A name without a port goes on to mean the same when a Service gets a further port. */
    @Test
    void furtherPort_cutsNobodyOff_whereOneSpeaksHttp2() throws Exception {
        ServicePort api = new ServicePort("grpc-api", 9090, true);
        serve(api);
        Listener before = found(Listener.class, LISTENER, "orders.shop");

        serve(new ServicePort("metrics", 9100, false), api);

        assertThat(found(Listener.class, LISTENER, "orders.shop")).isEqualTo(before);
        serve(api, new ServicePort("h2c", 9200, true));
        assertThat(store.lookup(LISTENER, "orders.shop", CLIENT))
                .as("which of two is meant nobody knows")
                .isInstanceOf(Lookup.Missing.class);
    }

    private static EncodedResource lookup(TopologyResourceStore in, ResourceType type, ClientVariant variant) {
        return ((Lookup.Found) in.lookup(type, "orders.shop:9090", variant)).resource();
    }

    private static TopologyResourceStore newStore() {
        return new TopologyResourceStore(new Topology(List.of(KUBERNETES)));
    }

    private void serve(ServicePort... ports) {
        view(ordersWith(ports));
    }

    private static ServiceView ordersWith(ServicePort... ports) {
        return new ServiceView(
                ORDERS,
                "",
                List.of(ports).stream()
                        .map(port -> new PortView(port, List.of()))
                        .toList());
    }

    private void view(@Nullable ServiceView view) {
        ServiceView before = served;
        served = view;
        store.changed(List.of(new ServiceChange(ORDERS, before, view)));
    }

    private static ConfigSource overAds() {
        return ConfigSource.newBuilder()
                .setResourceApiVersion(ApiVersion.V3)
                .setAds(AggregatedConfigSource.getDefaultInstance())
                .build();
    }

    private static HttpConnectionManager manager(Listener listener) throws InvalidProtocolBufferException {
        return listener.getApiListener().getApiListener().unpack(HttpConnectionManager.class);
    }

    private <T extends Message> T found(Class<T> message, ResourceType type, String name)
            throws InvalidProtocolBufferException {
        EncodedResource resource = ((Lookup.Found) store.lookup(type, name, CLIENT)).resource();
        assertThat(resource.name()).isEqualTo(name);
        return Any.parseFrom(resource.any()).unpack(message);
    }
}
