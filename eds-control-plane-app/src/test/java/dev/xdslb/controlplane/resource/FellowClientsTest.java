/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.topology.AddressFamily;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.PodKey;
import dev.xdslb.controlplane.topology.PodObject;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceObject;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.SliceObject;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyChange;
import dev.xdslb.controlplane.topology.TopologyListener.PlaceChange;
import dev.xdslb.controlplane.topology.TopologyObject;
import dev.xdslb.controlplane.topology.ZoneKey;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever names a pod leaves a note for each service that it asks for, and these are bounded. Two pods of one service, in two zones. */
class FellowClientsTest {
    private static final KubernetesClusterName CLUSTER = new KubernetesClusterName("default");
    private static final Map<ZoneKey, Integer> ONE_IN_EACH = Map.of(new ZoneKey("", "a"), 1, new ZoneKey("", "b"), 1);

    private final Topology topology = new Topology(List.of(CLUSTER));
    private final ServiceCatalog catalog = new ServiceCatalog(new Faults().boundary("test"));

    @BeforeEach
    void start() {
        topology.addListener(catalog::apply);
        topology.start();
        submit(new ServiceObject(
                new ServiceKey("shop", "web"), "", List.of(), List.of(new ServicePort("grpc", 80, true)), ""));
        submit(pod("a"));
        submit(pod("b"));
        submit(new SliceObject(
                "shop",
                "web-1",
                "web",
                false,
                AddressFamily.IPV4,
                List.of(new SliceObject.Port("grpc", 8080)),
                List.of(endpoint("a", "10.0.0.1"), endpoint("b", "10.0.0.2")),
                ""));
        topology.submit(CLUSTER, new TopologyChange.Synced());
        await().until(() -> catalog.get(new ServiceKey("shop", "web")) != null);
    }

    @AfterEach
    void stop() {
        topology.close();
    }

    @Test
    void podThatHasAskedForTooManyServices_hasNoFellowsForFurtherOnes_untilItsPlaceChanges() {
        FellowClients fellows = new FellowClients(topology, catalog);
        for (int i = 0; i < FellowClients.MAX_OF_A_POD; i++) {
            assertThat(fellows.byZone(client("a"), target(i))).isEqualTo(ONE_IN_EACH);
        }

        assertThat(fellows.byZone(client("a"), target(-1))).isEmpty();
        assertThat(fellows.byZone(client("a"), target(0)))
                .as("one that is noted")
                .isEqualTo(ONE_IN_EACH);
        assertThat(fellows.byZone(client("b"), target(-1))).as("another pod").isEqualTo(ONE_IN_EACH);

        assertThat(fellows.touchedBy(changeOf("a")))
                .hasSize(FellowClients.MAX_OF_A_POD)
                .doesNotContain(target(-1).toString());
        assertThat(fellows.byZone(client("a"), target(-1))).isEqualTo(ONE_IN_EACH);
    }

    @Test
    void notesOfAllPods_areBounded_andWhatIsAnnouncedMakesRoom() {
        FellowClients fellows = new FellowClients(topology, catalog, 2);
        assertThat(fellows.byZone(client("a"), target(1))).isEqualTo(ONE_IN_EACH);
        assertThat(fellows.byZone(client("a"), target(2))).isEqualTo(ONE_IN_EACH);

        assertThat(fellows.byZone(client("b"), target(1))).isEmpty();
        assertThat(fellows.touchedBy(changeOf("b"))).isEmpty();
        assertThat(fellows.touchedBy(changeOf("a")))
                .containsExactlyInAnyOrder(target(1).toString(), target(2).toString());
        assertThat(fellows.byZone(client("b"), target(1))).isEqualTo(ONE_IN_EACH);
    }

    @Test
    void podThatIsGone_isForgotten_andNobodyLooksAgainForIt() {
        FellowClients fellows = new FellowClients(topology, catalog, 1);
        assertThat(fellows.byZone(client("a"), target(1))).isEqualTo(ONE_IN_EACH);

        topology.submit(CLUSTER, new TopologyChange.Remove(pod("a").id()));
        await().until(() -> topology.place(new PodKey("shop", "web-a")) == null);

        assertThat(fellows.touchedBy(changeOf("a"))).isEmpty();
        assertThat(fellows.byZone(client("b"), target(1)))
                .as("there is room for another one")
                .isNotEmpty();
    }

    private void submit(TopologyObject object) {
        topology.submit(CLUSTER, new TopologyChange.Upsert(object));
    }

    private static ServiceKey target(int number) {
        return new ServiceKey("shop", "target-" + number);
    }

    private static ClientVariant client(String zone) {
        return new ClientVariant(Family.GRPC, "shop", new ClientPlace("", zone), "web-" + zone);
    }

    private static List<PlaceChange> changeOf(String zone) {
        return List.of(new PlaceChange(new PodKey("shop", "web-" + zone), Set.of()));
    }

    private static PodObject pod(String zone) {
        PodObject.Location location = new PodObject.Location("node-" + zone, "", "", List.of(), false);
        return new PodObject("shop", "web-" + zone, "uid-" + zone, 1, "", null, Map.of(), location, "", "");
    }

    private static SliceObject.Endpoint endpoint(String zone, String address) {
        return new SliceObject.Endpoint(List.of(address), true, true, false, zone, "", "web-" + zone, "uid-" + zone);
    }
}
