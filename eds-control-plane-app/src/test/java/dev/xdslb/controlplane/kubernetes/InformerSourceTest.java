/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.topology.ClusterFeed;
import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyChange;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the client's own mock of an API server; the end-to-end tests do the same with a real one. */
@EnableKubernetesMockClient(crud = true)
class InformerSourceTest {

    private static final KubernetesClusterName CLUSTER = new KubernetesClusterName("default");
    private static final ServiceKey ORDERS = new ServiceKey("shop", "orders");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: orders, namespace: shop}
            spec: {ports: [{name: http, port: 80}]}
            """;

    // Set by the extension.
    private KubernetesClient client;

    private final Topology topology = new Topology(List.of(CLUSTER));
    private InformerSource source;

    @AfterEach
    void stop() {
        source.close();
        topology.close();
    }

    @Test
    void whatExistsAtTheStart_isThereWithTheFirstSync() {
        create(SERVICE);
        create(slice("orders-1", "10.0.0.1", "10.0.0.2"));
        create(pod("orders-1", "3"));
        create("""
                apiVersion: v1
                kind: Node
                metadata: {name: n1, labels: {topology.kubernetes.io/zone: z1}}
                """);
        start();

        await().atMost(PATIENCE).until(topology::isSynced);

        assertThat(addresses()).containsExactly("10.0.0.1", "10.0.0.2");
        assertThat(endpoints()).extracting(EndpointView::weight).containsOnly(3);
        assertThat(endpoints()).extracting(EndpointView::zone).containsOnly("z1");
        assertThat(source.status().source()).contains("all namespaces");
    }

    @Test
    void emptyCluster_isSynced() {
        start();

        await().atMost(PATIENCE).until(topology::isSynced);
        assertThat(topology.services()).isEmpty();
    }

    @Test
    void changesAreFollowed() {
        start();
        await().atMost(PATIENCE).until(topology::isSynced);

        create(SERVICE);
        create(slice("orders-1", "10.0.0.1"));
        awaitAddresses("10.0.0.1");

        update(slice("orders-1", "10.0.0.1", "10.0.0.2"));
        awaitAddresses("10.0.0.1", "10.0.0.2");

        create(pod("orders-1", "5"));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(endpoints()).extracting(EndpointView::weight).containsOnly(5));

        update(pod("orders-1", "7"));
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(endpoints()).extracting(EndpointView::weight).containsOnly(7));

        delete(slice("orders-1"));
        awaitAddresses();

        delete(SERVICE);
        await().atMost(PATIENCE).until(() -> topology.service(ORDERS) == null);
    }

    @Test
    void sliceThatIsRelabelled_movesToTheOtherService() {
        ServiceKey carts = new ServiceKey("shop", "carts");
        create(SERVICE);
        create(SERVICE.replace("orders", "carts"));
        create(slice("a", "10.0.0.1"));
        start();
        await().atMost(PATIENCE).until(topology::isSynced);
        awaitAddresses("10.0.0.1");

        update(slice("a", "10.0.0.1").replace("service-name: orders", "service-name: carts"));

        awaitAddresses();
        await().atMost(PATIENCE)
                .until(() -> topology.service(carts).ports().get(0).endpoints().size() == 1);
    }

    @Test
    void onlyTheGivenNamespacesAreWatched() {
        create(SERVICE);
        create(SERVICE.replace("shop", "bank"));
        create(SERVICE.replace("shop", "club"));
        start("shop", "club");

        await().atMost(PATIENCE).until(topology::isSynced);

        assertThat(topology.services())
                .extracting(view -> view.key().toString())
                .containsExactlyInAnyOrder("orders.shop", "orders.club");
    }

    @Test
    void annotationThatCannotBeUsed_isSaidByAnEventOnItsObject() {
        create(SERVICE.replace("namespace: shop", "namespace: shop, annotations: {xdslb.dev/slow-start: soon}"));
        start();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                client.v1().events().inNamespace("shop").list().getItems())
                        .extracting(event -> event.getInvolvedObject().getName() + ": " + event.getReason())
                        .containsExactly("orders: InvalidAnnotation"));
    }

    /** What a handler or the store throws would otherwise end the informer, or the connection of all four. */
    @ParameterizedTest
    @ValueSource(classes = {StackOverflowError.class, NoClassDefFoundError.class, AssertionError.class})
    void errorOfAHandler_isCounted_andLaterChangesAreFollowed(Class<? extends Error> type) {
        AtomicInteger toThrow = new AtomicInteger(3);
        ClusterFeed feed = topology.feed(CLUSTER);
        Faults faults = new Faults();
        create(SERVICE);
        create(slice("orders-1", "10.0.0.1"));
        source = new InformerSource(
                client,
                false,
                false,
                List.of(),
                new ObjectPruning(List.of()),
                new ClusterFeed() {
                    @Override
                    public void submit(TopologyChange change) {
                        if (change instanceof TopologyChange.Upsert && toThrow.getAndDecrement() > 0) {
                            throw instance(type);
                        }
                        feed.submit(change);
                    }

                    @Override
                    public void heard() {
                        feed.heard();
                    }

                    @Override
                    public void lost(String problem) {
                        feed.lost(problem);
                    }
                },
                faults);
        topology.start();
        source.start();
        await().atMost(PATIENCE).until(topology::isSynced);
        create(pod("orders-2", "1"));
        await().atMost(PATIENCE).until(() -> toThrow.get() <= 0);

        update(SERVICE.replace("name: orders, ", "name: orders, labels: {a: b}, "));
        update(slice("orders-1", "10.0.0.2"));

        awaitAddresses("10.0.0.2");
        assertThat(faults.boundaries())
                .anySatisfy(boundary -> assertThat(boundary.count()).isEqualTo(3));
        assertThat(source.ended()).isEmpty();
        assertThat(source.status().problem()).isEmpty();
    }

    @Test
    void informerThatHasEnded_isSaid() {
        start();
        await().atMost(PATIENCE).until(topology::isSynced);
        assertThat(source.ended()).isEmpty();

        source.close(); // by whomever

        assertThat(source.ended()).hasSize(4);
    }

    private static Error instance(Class<? extends Error> type) {
        try {
            return type.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private void start(String... namespaces) {
        source = new InformerSource(
                client,
                false,
                true,
                List.of(namespaces),
                new ObjectPruning(List.of()),
                topology.feed(CLUSTER),
                new Faults());
        topology.start();
        source.start();
    }

    private void create(String yaml) {
        client.resource(yaml).create();
    }

    private void update(String yaml) {
        client.resource(yaml).update();
    }

    private void delete(String yaml) {
        client.resource(yaml).delete();
    }

    private static String pod(String name, String weight) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, namespace: shop, annotations: {xdslb.dev/weight: "%s"}}
                """.formatted(name, weight);
    }

    private static String slice(String pod, String... addresses) {
        StringBuilder yaml = new StringBuilder("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: orders-abc, namespace: shop, labels: {kubernetes.io/service-name: orders}}
                addressType: IPv4
                ports: [{name: http, port: 8080, protocol: TCP}]
                endpoints:
                """);
        for (String address : addresses) {
            yaml.append(
                    "- {addresses: [%s], nodeName: n1, targetRef: {kind: Pod, name: %s}}\n".formatted(address, pod));
        }
        return yaml.toString();
    }

    private void awaitAddresses(String... expected) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(addresses()).containsExactly(expected));
    }

    private List<String> addresses() {
        return endpoints().stream().map(EndpointView::address).toList();
    }

    private List<EndpointView> endpoints() {
        ServiceView view = topology.service(ORDERS);
        return view == null ? List.of() : view.ports().get(0).endpoints();
    }
}
