/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.Topology;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An API server whose connections are open and dead, or which is slow: the time that makes it so is a fake clock's. */
class SilentWatchTest {
    private static final KubernetesClusterName CLUSTER = new KubernetesClusterName("default");
    private static final String SERVICE = """
            apiVersion: v1
            kind: Service
            metadata: {name: %s, namespace: shop}
            spec: {ports: [{name: http, port: 80}]}
            """;

    private final AtomicLong clock = new AtomicLong();
    private final AtomicLong looks = new AtomicLong(); // each asks the clock once
    private final ScriptedApiServer api = new ScriptedApiServer();
    private final KubernetesClient client =
            new KubernetesClientBuilder().withConfig(api.config()).build();
    private final Topology topology = new Topology(List.of(CLUSTER));
    private final InformerSource source = new InformerSource(
            client,
            true,
            false,
            List.of(),
            new ObjectPruning(List.of()),
            null,
            topology.feed(CLUSTER),
            new Faults(),
            this::look,
            Duration.ofMillis(2));

    @BeforeEach
    void start() {
        topology.start();
    }

    @AfterEach
    void close() {
        source.close();
        topology.close();
        api.close();
    }

    @Test
    void changesThatASilentWatchKeepsBack_areFoundWithin90Seconds() {
        api.put(SERVICE.formatted("orders"));
        api.put(SERVICE.formatted("gone"));
        api.put(slice("10.0.0.1"));
        startAndAwaitWatches();
        api.put(slice("10.0.0.2"));
        eventually().untilAsserted(() -> assertThat(addresses()).containsExactly("10.0.0.2"));

        api.fallSilent();
        api.put(slice("10.0.0.3"));
        api.remove(SERVICE.formatted("gone"));
        pass(Duration.ofSeconds(60));
        assertThat(addresses()).as("before it is noticed").containsExactly("10.0.0.2");
        pass(Duration.ofSeconds(30));

        eventually().untilAsserted(() -> {
            assertThat(addresses()).containsExactly("10.0.0.3");
            assertThat(topology.service(new ServiceKey("shop", "gone"))).isNull();
            assertThat(api.watches()).isEqualTo(4);
            assertThat(source.status().problem()).isEmpty();
        });
        api.put(slice("10.0.0.4"));
        eventually().untilAsserted(() -> assertThat(addresses()).containsExactly("10.0.0.4"));
    }

    /** The list of the renewed watch is kept waiting, so that what is said meanwhile can be seen. */
    @Test
    void silenceIsSaid_untilTheListHasCome() {
        startAndAwaitWatches();
        api.delayLists(Duration.ofSeconds(2));

        api.fallSilent();
        pass(WatchSilence.WATCHING);

        eventually().untilAsserted(() -> assertThat(source.status().problem()).contains("pods"));
        eventually().untilAsserted(() -> assertThat(problemOfTheCluster()).contains("pods"));
        eventually().untilAsserted(() -> assertThat(source.status().problem()).isEmpty());
        eventually().untilAsserted(() -> assertThat(problemOfTheCluster()).isEmpty());
        assertThat(topology.isSynced()).isTrue();
    }

    @Test
    void clusterWhoseFirstListTookLong_isWellWithIt() {
        api.delayLists(Duration.ofSeconds(1));
        source.start();
        eventually().untilAsserted(() -> assertThat(problemOfTheCluster()).contains("pods"));

        eventually().until(topology::isSynced);
        eventually().untilAsserted(() -> assertThat(problemOfTheCluster()).isEmpty());
    }

    @Test
    void bookmarksKeepAWatchThatHasNothingElseToSay() {
        startAndAwaitWatches();
        int lists = api.lists().size();

        for (int minute = 0; minute < 10; minute++) {
            pass(Duration.ofSeconds(60));
            String version = api.bookmark();
            eventually().until(() -> source.versions().equals(Collections.nCopies(4, version)));
            awaitLook();
        }

        assertThat(api.lists()).hasSize(lists);
    }

    /** A fake API server, of a test or of kwok's kind, need not send any. */
    @Test
    void whereThereAreNoBookmarks_listsBecomeRare() {
        startAndAwaitWatches();
        int lists = api.lists().size();

        for (int minute = 0; minute < 60; minute++) {
            pass(Duration.ofSeconds(60));
            eventually().until(() -> api.watches() >= 4);
        }

        int each = (api.lists().size() - lists) / 4;
        assertThat(each).as("lists in an hour, of each kind").isBetween(5, 9);
    }

    @Test
    void listsComeInPages() {
        for (int i = 0; i < 1_201; i++) {
            api.put(SERVICE.formatted("service-" + i));
        }

        startAndAwaitWatches();

        assertThat(topology.services()).hasSize(1_201);
        assertThat(api.lists())
                .filteredOn(list -> list.contains("/services?"))
                .hasSize(3)
                .allMatch(list -> list.contains("limit=500"));
    }

    @Test
    void listThatStopsInTheMiddle_isBegunAgain() {
        api.delayLists(Duration.ofSeconds(3));
        source.start();
        eventually().until(() -> api.lists().size() == 4);
        api.fallSilent();
        api.delayLists(Duration.ZERO);

        pass(WatchSilence.LISTING);

        eventually().until(topology::isSynced);
    }

    private void startAndAwaitWatches() {
        source.start();
        eventually().until(() -> topology.isSynced() && api.watches() == 4);
        awaitLook();
    }

    /** In steps, with looks between them. */
    private void pass(Duration time) {
        for (long seconds = 0; seconds < time.toSeconds(); seconds += 10) {
            clock.addAndGet(Duration.ofSeconds(10).toNanos());
            awaitLook();
        }
    }

    private long look() {
        looks.incrementAndGet();
        return clock.get();
    }

    /** A whole look that sees the present time. */
    private void awaitLook() {
        long before = looks.get();
        eventually().until(() -> looks.get() >= before + 2);
    }

    private static ConditionFactory eventually() {
        return await().atMost(Duration.ofSeconds(30)).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    private static String slice(String address) {
        return """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: orders-abc, namespace: shop, labels: {kubernetes.io/service-name: orders}}
                addressType: IPv4
                ports: [{name: http, port: 8080, protocol: TCP}]
                endpoints: [{addresses: [%s]}]
                """.formatted(address);
    }

    private String problemOfTheCluster() {
        return topology.clusters().get(0).problem();
    }

    private List<String> addresses() {
        ServiceView view = topology.service(new ServiceKey("shop", "orders"));
        return view == null
                ? List.of()
                : view.ports().stream()
                        .flatMap(port -> port.endpoints().stream())
                        .map(EndpointView::address)
                        .toList();
    }
}
