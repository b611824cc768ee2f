/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static dev.xdslb.xds.Answers.clientPlace;
import static dev.xdslb.xds.Answers.clusterDelta;
import static dev.xdslb.xds.Answers.delta;
import static dev.xdslb.xds.Answers.error;
import static dev.xdslb.xds.Answers.place;
import static dev.xdslb.xds.Answers.placeDelta;
import static dev.xdslb.xds.Answers.resource;
import static dev.xdslb.xds.Answers.sotw;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.xds.proto.ClientPlace;
import dev.xdslb.xds.proto.DeltaDiscoveryRequest;
import dev.xdslb.xds.proto.DiscoveryRequest;
import dev.xdslb.xds.proto.DiscoveryResponse;
import dev.xdslb.xds.proto.Resource;
import dev.xdslb.xds.proto.ZoneClients;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Asking the control plane where this process runs, beside the endpoints. */
class PlaceSubscriptionTest {
    private static final String POD = "pod/shop/orders-5d9f";

    private final PlaceNews place = new PlaceNews();
    private ClientHarness harness;
    private RecordingWatcher orders;

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void pod_isAskedForOnTheStreamOfTheEndpoints() throws IOException {
        start(ClientHarness.delta());

        assertThat(harness.server.delta).hasSize(1);
        List<DeltaDiscoveryRequest> requests = harness.server.newestDelta().requests;
        assertThat(requests)
                .extracting(DeltaDiscoveryRequest::getTypeUrl)
                .containsExactly(AdsMethods.ENDPOINTS_TYPE_URL, AdsMethods.PLACE_TYPE_URL);
        assertThat(harness.server.newestDelta().first().hasNode()).isTrue();
        assertThat(requests.get(1).hasNode()).as("said once").isFalse();
        assertThat(requests.get(1).getResourceNamesSubscribeList()).containsExactly(POD);

        harness.answer(placeDelta("p1").addResources(place(POD, "v1", "west-1", "orders.shop:8080")));

        assertThat(place.news).containsExactly("west/west-1 [orders.shop:8080]");
        assertThat(newestDelta().getTypeUrl()).isEqualTo(AdsMethods.PLACE_TYPE_URL);
        assertThat(newestDelta().getResponseNonce()).isEqualTo("p1");
        assertThat(newestDelta().hasErrorDetail()).isFalse();
        assertThat(harness.client.status().traffic().endpointLists())
                .as("a place is no list")
                .isZero();
    }

    @Test
    void stateOfTheWorld_keepsNoncesAndVersionsOfTheTypesApart() throws IOException {
        start(ClientHarness.sotw());
        harness.answer(sotw("e1", "n1").addResources(Answers.list("orders.shop:8080", "10.0.0.1:8080")));
        harness.answer(placeSotw("p1", "n2").addResources(clientPlace(POD, "west-1")));
        harness.answer(sotw("e2", "n3").addResources(Answers.list("orders.shop:8080", "10.0.0.2:8080")));

        DiscoveryRequest endpoints = harness.server.newestSotw().newestRequest();
        assertThat(endpoints.getVersionInfo()).isEqualTo("e2");
        assertThat(endpoints.getResourceNamesList()).containsExactly("orders.shop:8080");
        DiscoveryRequest acknowledged = harness.server.newestSotw().requests.get(3);
        assertThat(acknowledged.getTypeUrl()).isEqualTo(AdsMethods.PLACE_TYPE_URL);
        assertThat(acknowledged.getVersionInfo()).isEqualTo("p1");
        assertThat(acknowledged.getResponseNonce()).isEqualTo("n2");
        assertThat(acknowledged.getResourceNamesList()).containsExactly(POD);
        assertThat(place.news).containsExactly("west/west-1 []");
        assertThat(orders.news).containsExactly("e1 [10.0.0.1:8080]", "e2 [10.0.0.2:8080]");

        harness.server.newestSotw().fail(Status.UNAVAILABLE);
        harness.awaitReconnect();

        assertThat(harness.server.newestSotw().requests)
                .extracting(DiscoveryRequest::getVersionInfo)
                .as("what is held is not sent again")
                .containsExactly("e2", "p1");
    }

    @Test
    void change_isToldOnce() throws IOException {
        start(ClientHarness.delta());
        harness.answer(placeDelta("p1").addResources(place(POD, "v1", "west-1")));
        harness.answer(placeDelta("p2").addResources(place(POD, "v1", "west-1")));
        harness.answer(placeDelta("p3").addResources(place(POD, "v2", "west-2")));

        assertThat(place.news).containsExactly("west/west-1 []", "west/west-2 []");
    }

    @Test
    void clientsByZone_areToldWithThePlace_andWhenTheyChange() throws IOException {
        start(ClientHarness.delta());
        harness.answer(placeDelta("p1").addResources(withClients("v1", Map.of("west-1", 2, "west-2", 0))));
        harness.answer(placeDelta("p2").addResources(withClients("v2", Map.of("west-1", 3))));
        assertThat(place.clients).containsExactly(Map.of("west-1", 2, "west-2", 0), Map.of("west-1", 3));

        harness.answer(placeDelta("p3").addResources(withClients("v3", Map.of("west-1", -1))));
        assertThat(newestDelta().getErrorDetail().getMessage())
                .isEqualTo(POD + ": clients_by_zone[\"west-1\"]: 4294967295 (expected: 0 to 2147483647)");
        assertThat(place.clients).hasSize(2);
    }

    @Test
    void clientsByRegionAndZone_areToldToo() throws IOException {
        start(ClientHarness.delta());
        ClientPlace.Builder told = ClientPlace.newBuilder()
                .setName(POD)
                .addClients(
                        ZoneClients.newBuilder().setRegion("eu").setZone("1").setClients(2))
                .addClients(
                        ZoneClients.newBuilder().setRegion("us").setZone("1").setClients(3));
        harness.answer(placeDelta("p1").addResources(of("v1", told)));
        assertThat(place.clientsByLocality)
                .containsExactly(Map.of(new Locality("eu", "1", ""), 2, new Locality("us", "1", ""), 3));

        harness.answer(placeDelta("p2")
                .addResources(of(
                        "v2",
                        told.clone()
                                .addClients(
                                        ZoneClients.newBuilder().setZone("2").setClients(-1)))));
        assertThat(newestDelta().getErrorDetail().getMessage())
                .isEqualTo(POD + ": clients of zone \"2\": 4294967295 (expected: 0 to 2147483647)");
    }

    private static Resource withClients(String version, Map<String, Integer> clients) {
        return of(version, ClientPlace.newBuilder().setName(POD).putAllClientsByZone(clients));
    }

    private static Resource of(String version, ClientPlace.Builder told) {
        return Resource.newBuilder()
                .setName(POD)
                .setVersion(version)
                .setResource(Any.newBuilder()
                        .setTypeUrl(AdsMethods.PLACE_TYPE_URL)
                        .setValue(told.build().toByteString()))
                .build();
    }

    @Test
    void podThatIsNotKnown_isToldWithTheReason_andWhenItAppears() throws IOException {
        start(ClientHarness.delta());
        harness.answer(placeDelta("p1")
                .addRemovedResources(POD)
                .addResourceErrors(error(POD, Code.NOT_FOUND, "no Pod \"orders-5d9f\"")));
        harness.answer(placeDelta("p2").addResources(place(POD, "v1", "west-1")));

        assertThat(place.news)
                .containsExactly(
                        "unknown: control plane eds-control-plane.xds-lb:18000 says: no Pod \"orders-5d9f\"",
                        "west/west-1 []");
    }

    @Test
    void podThatIsNotKnown_inStateOfTheWorld() throws IOException {
        start(ClientHarness.sotw());
        harness.answer(placeSotw("p1", "n1").addResourceErrors(error(POD, Code.NOT_FOUND, "no Pod")));
        harness.answer(placeSotw("p2", "n2").addResources(clientPlace(POD, "west-1")));

        assertThat(place.news).hasSize(2).last().isEqualTo("west/west-1 []");
    }

    @Test
    void heldPlace_isSaidOnAReconnect_andSilenceIsAnAnswer() throws IOException {
        start(ClientHarness.delta());
        harness.answer(placeDelta("p1").addResources(place(POD, "v1", "west-1")));
        for (int i = 0; i < 2 * AskingCaution.MAX_UNANSWERED; i++) {
            harness.answer(delta("n" + i).addResources(resource("orders.shop:8080", "v" + i, "10.0.0.1:8080")));
            harness.server.newestDelta().fail(Status.UNAVAILABLE);
            harness.awaitReconnect();

            assertThat(newestDelta().getResourceNamesSubscribeList()).containsExactly(POD);
            assertThat(newestDelta().getInitialResourceVersionsMap()).isEqualTo(Map.of(POD, "v1"));
        }
        assertThat(place.news).hasSize(1);
    }

    @Test
    void unusablePlace_isRefused_andTheStreamGoesOn() throws IOException {
        start(ClientHarness.delta());
        harness.answer(placeDelta("p1")
                .addResources(Resource.newBuilder()
                        .setName(POD)
                        .setResource(Any.newBuilder()
                                .setTypeUrl(AdsMethods.PLACE_TYPE_URL)
                                .setValue(ByteString.copyFromUtf8("\u00ff")))));

        assertThat(newestDelta().getErrorDetail().getMessage()).contains("that are no ClientPlace");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        assertThat(orders.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(place.news).singleElement().asString().contains("a place that cannot be used");
    }

    @Test
    void controlPlaneThatIgnoresTheQuestion_costsNothingButAWord() throws IOException {
        start(ClientHarness.delta());
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        assertThat(orders.news).containsExactly("v1 [10.0.0.1:8080]");

        harness.executor.advance(Duration.ofMinutes(1));

        assertThat(place.news)
                .containsExactly("unknown: control plane eds-control-plane.xds-lb:18000 has said nothing about " + POD
                        + " within 15000 ms");
        assertThat(harness.server.delta).hasSize(1);
        assertThat(harness.client.status().connected()).isTrue();
    }

    @Test
    void controlPlaneThatEndsTheStreamBecauseOfTheQuestion_isSoonNotAskedAnyMore() throws IOException {
        start(ClientHarness.delta());
        Status rejection = Status.INVALID_ARGUMENT.withDescription("unknown type");
        harness.server.newestDelta().fail(rejection);
        for (int stream = 2; stream <= AskingCaution.MAX_UNANSWERED; stream++) {
            harness.executor.advance(Duration.ofSeconds(2));
            assertThat(typesOfNewestStream()).as("endpoints first").containsExactly(AdsMethods.ENDPOINTS_TYPE_URL);
            String version = "v" + stream;
            harness.answer(delta("n1").addResources(resource("orders.shop:8080", version, "10.0.0.1:8080")));
            assertThat(typesOfNewestStream()).doesNotContain(AdsMethods.PLACE_TYPE_URL);
            harness.answer(clusterDelta("c1").addRemovedResources("orders.shop:8080"));
            assertThat(typesOfNewestStream()).contains(AdsMethods.PLACE_TYPE_URL);
            harness.server.newestDelta().fail(rejection);
        }
        harness.executor.advance(Duration.ofSeconds(2));
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v9", "10.0.0.9:8080")));
        harness.executor.advance(Duration.ofMinutes(1));

        assertThat(typesOfNewestStream()).containsOnly(AdsMethods.ENDPOINTS_TYPE_URL);
        assertThat(harness.server.delta).hasSize(AskingCaution.MAX_UNANSWERED + 1);
        assertThat(harness.client.status().connected()).isTrue();
        assertThat(orders.news).last().isEqualTo("v9 [10.0.0.9:8080]");
        assertThat(place.news)
                .containsExactly("unknown: 3 streams of control plane eds-control-plane.xds-lb:18000 ended without an"
                        + " answer; it is not asked again for 1 h");
    }

    @Test
    void answer_makesUpForStreamsWithoutOne() throws IOException {
        start(ClientHarness.delta());
        for (int i = 0; i < 2 * AskingCaution.MAX_UNANSWERED; i++) {
            harness.server.newestDelta().fail(Status.UNAVAILABLE);
            harness.awaitReconnect();
            harness.executor.advance(Duration.ofSeconds(2)); // long enough open to count as accepted
            harness.answer(clusterDelta("c1").addRemovedResources("orders.shop:8080"));
            assertThat(typesOfNewestStream()).contains(AdsMethods.PLACE_TYPE_URL);
            harness.answer(placeDelta("p1").addRemovedResources(POD));
            harness.server.newestDelta().fail(Status.UNAVAILABLE);
            harness.awaitReconnect();
            assertThat(typesOfNewestStream()).contains(AdsMethods.PLACE_TYPE_URL);
        }
    }

    @Test
    void whoeverDoesNotWantToKnow_asksForNothing() throws IOException {
        harness = ClientHarness.delta();
        orders = harness.watch("orders.shop:8080");

        assertThat(typesOfNewestStream()).containsExactly(AdsMethods.ENDPOINTS_TYPE_URL);
    }

    private void start(ClientHarness started) {
        harness = started;
        harness.client.locate(place);
        orders = harness.watch("orders.shop:8080");
    }

    private DeltaDiscoveryRequest newestDelta() {
        return harness.server.newestDelta().newestRequest();
    }

    private List<String> typesOfNewestStream() {
        return harness.server.newestDelta().requests.stream()
                .map(DeltaDiscoveryRequest::getTypeUrl)
                .toList();
    }

    private static DiscoveryResponse.Builder placeSotw(String version, String nonce) {
        return sotw(version, nonce).setTypeUrl(AdsMethods.PLACE_TYPE_URL);
    }
}
