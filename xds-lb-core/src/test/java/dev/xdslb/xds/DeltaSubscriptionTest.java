/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static dev.xdslb.xds.Answers.delta;
import static dev.xdslb.xds.Answers.error;
import static dev.xdslb.xds.Answers.resource;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.cluster.EndpointSource.Subscription;
import dev.xdslb.cluster.ServiceSnapshot;
import dev.xdslb.xds.XdsStatus.State;
import dev.xdslb.xds.proto.DeltaDiscoveryRequest;
import dev.xdslb.xds.proto.Node;
import io.grpc.Status.Code;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeltaSubscriptionTest {
    private ClientHarness harness;

    @BeforeEach
    void start() throws IOException {
        harness = ClientHarness.delta();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void opensNoStreamBeforeTheFirstSubscription() {
        harness.executor.runDue();

        assertThat(harness.server.delta).isEmpty();
    }

    @Test
    void connectsEarlyWhenAsked() {
        harness.client.connect();
        harness.executor.runDue();

        assertThat(harness.server.delta).hasSize(1);
        assertThat(harness.server.newestDelta().requests).isEmpty();
    }

    @Test
    void introducesItselfInTheFirstRequestOnly() {
        harness.watch("orders.shop:8080");
        harness.watch("users.shop:8080");

        List<DeltaDiscoveryRequest> requests = harness.server.newestDelta().requests;
        assertThat(requests).hasSize(2);
        assertThat(requests.get(0).getTypeUrl()).isEqualTo(AdsMethods.ENDPOINTS_TYPE_URL);
        Node node = harness.server.newestDelta().first().getNode();
        assertThat(node.getId()).isEqualTo("orders~1");
        assertThat(node.getUserAgentName()).isEqualTo("xds-lb");
        assertThat(node.getLocality().getZone()).isEqualTo("zone-a");
        assertThat(node.getMetadata().getFieldsOrThrow("namespace").getStringValue())
                .isEqualTo("shop");
        assertThat(requests.get(1).hasNode()).isFalse();
        assertThat(requests.get(1).getResourceNamesSubscribeList()).containsExactly("users.shop:8080");
    }

    @Test
    void deliversAndAcknowledges() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080", "10.0.0.2:8080")));

        assertThat(watcher.news).containsExactly("v1 [10.0.0.1:8080, 10.0.0.2:8080]");
        DeltaDiscoveryRequest acknowledgement = harness.server.newestDelta().newestRequest();
        assertThat(acknowledgement.getResponseNonce()).isEqualTo("n1");
        assertThat(acknowledgement.hasErrorDetail()).isFalse();
        assertThat(acknowledgement.getResourceNamesSubscribeList()).isEmpty();
        assertThat(harness.status("orders.shop:8080").state()).isEqualTo(State.ACKED);
        assertThat(harness.status("orders.shop:8080").version()).isEqualTo("v1");
    }

    @Test
    void subscriptionsMadeAtOnceGoOutInOneRequest() {
        for (int i = 0; i < 100; i++) {
            harness.client.subscribe("service-" + i + ".shop:80", new RecordingWatcher());
        }
        harness.executor.runDue();
        for (int i = 100; i < 200; i++) {
            harness.client.subscribe("service-" + i + ".shop:80", new RecordingWatcher());
        }
        harness.executor.runDue();

        List<DeltaDiscoveryRequest> requests = harness.server.newestDelta().requests;
        assertThat(requests).hasSize(2);
        assertThat(requests.get(0).getResourceNamesSubscribeCount()).isEqualTo(100);
        assertThat(requests.get(1).getResourceNamesSubscribeCount()).isEqualTo(100);
    }

    @Test
    void tellsNobodyFromWithinSubscribe() {
        harness.watch("orders.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        RecordingWatcher second = new RecordingWatcher();

        harness.client.subscribe("orders.shop:8080", second);

        assertThat(second.news).isEmpty();
        harness.executor.runDue();
        assertThat(second.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(harness.server.newestDelta().requests).hasSize(2); // the question and the acknowledgement
    }

    @Test
    void lastWatcherLeaves_takesTheNameBack() {
        RecordingWatcher watcher = new RecordingWatcher();
        Subscription first = harness.subscribe("orders.shop:8080", watcher);
        Subscription second = harness.subscribe("orders.shop:8080", watcher);

        first.close();
        harness.executor.runDue();
        assertThat(harness.server.newestDelta().requests).hasSize(1);

        second.close();
        second.close();
        harness.executor.runDue();
        assertThat(harness.server.newestDelta().newestRequest().getResourceNamesUnsubscribeList())
                .containsExactly("orders.shop:8080");
        assertThat(harness.server.newestDelta().requests).hasSize(2);
        assertThat(harness.client.status().resources()).isEmpty();
    }

    @Test
    void answerForANameTakenBack_isAcknowledgedAndToldToNobody() {
        RecordingWatcher watcher = new RecordingWatcher();
        Subscription subscription = harness.subscribe("orders.shop:8080", watcher);
        subscription.close();
        harness.executor.runDue();

        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));

        assertThat(watcher.news).isEmpty();
        assertThat(harness.server.newestDelta().newestRequest().getResponseNonce())
                .isEqualTo("n1");
        assertThat(harness.server.newestDelta().newestRequest().hasErrorDetail())
                .isFalse();
    }

    @Test
    void watchedAgainBeforeItWasTakenBack_keepsTheData() {
        Subscription subscription = harness.subscribe("orders.shop:8080", new RecordingWatcher());
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        int requests = harness.server.newestDelta().requests.size();

        subscription.close();
        RecordingWatcher second = harness.watch("orders.shop:8080");

        assertThat(second.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(harness.server.newestDelta().requests).hasSize(requests);
    }

    @Test
    void watchedAgainAfterItWasTakenBack_isAskedForAgain() {
        Subscription subscription = harness.subscribe("orders.shop:8080", new RecordingWatcher());
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        subscription.close();
        harness.executor.runDue();

        RecordingWatcher second = harness.watch("orders.shop:8080");

        assertThat(second.news).isEmpty();
        assertThat(harness.server.newestDelta().newestRequest().getResourceNamesSubscribeList())
                .containsExactly("orders.shop:8080");
    }

    @Test
    void serviceWithoutEndpoints_isASnapshotNotAnAbsence() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1")));

        assertThat(watcher.news).containsExactly("v1 []");
    }

    @Test
    void unknownService_isAbsentWithTheControlPlanesWords() {
        RecordingWatcher watcher = harness.watch("ordrs.shop:8080");

        harness.answer(delta("n1")
                .addRemovedResources("ordrs.shop:8080")
                .addResourceErrors(
                        error("ordrs.shop:8080", Code.NOT_FOUND, "no Service \"ordrs\" in namespace \"shop\"")));

        assertThat(watcher.news)
                .containsExactly("absent: control plane eds-control-plane.xds-lb:18000 says: no Service \"ordrs\" in"
                        + " namespace \"shop\"");
        assertThat(harness.status("ordrs.shop:8080").state()).isEqualTo(State.DOES_NOT_EXIST);
    }

    @Test
    void unknownServiceWithoutWords_isAbsentAndComesLater() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        harness.answer(delta("n1").addRemovedResources("orders.shop:8080"));
        harness.answer(delta("n2").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));

        assertThat(watcher.news)
                .containsExactly(
                        "absent: control plane eds-control-plane.xds-lb:18000 knows no orders.shop:8080",
                        "v1 [10.0.0.1:8080]");
    }

    @Test
    void serviceThatIsRemoved_isAbsent() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));

        harness.answer(delta("n2").addRemovedResources("orders.shop:8080"));

        assertThat(watcher.news).hasSize(2);
        assertThat(watcher.news.get(1)).startsWith("absent: ");
        assertThat(harness.status("orders.shop:8080").version()).isEmpty();
    }

    @Test
    void passingErrorOfAResource_isNoAbsence() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));

        harness.answer(delta("n2").addResourceErrors(error("orders.shop:8080", Code.UNAVAILABLE, "not synced")));

        assertThat(watcher.news.get(1))
                .isEqualTo("unavailable: control plane eds-control-plane.xds-lb:18000 has no answer for"
                        + " orders.shop:8080: UNAVAILABLE, not synced");
        assertThat(harness.status("orders.shop:8080").version()).isEqualTo("v1");
    }

    @Test
    void unusableList_isRefusedWithTheReasonAndTheLastGoodOneStays() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");
        RecordingWatcher other = harness.watch("users.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));

        harness.answer(delta("n2")
                .addResources(resource("orders.shop:8080", "v2", "10.0.0.1:0"))
                .addResources(resource("users.shop:8080", "v2", "10.0.0.2:8080")));

        String problem = "orders.shop:8080: endpoints[0].lb_endpoints[0].port: 0 (expected: 1 to 65535)";
        DeltaDiscoveryRequest refusal = harness.server.newestDelta().newestRequest();
        assertThat(refusal.getResponseNonce()).isEqualTo("n2");
        assertThat(refusal.getErrorDetail().getMessage()).isEqualTo(problem);
        assertThat(refusal.getErrorDetail().getCode()).isEqualTo(Code.INVALID_ARGUMENT.value());
        assertThat(watcher.news.get(1)).startsWith("unavailable: ").endsWith(problem);
        assertThat(other.news).containsExactly("v2 [10.0.0.2:8080]");
        assertThat(harness.status("orders.shop:8080").state()).isEqualTo(State.NACKED);
        assertThat(harness.status("orders.shop:8080").version()).isEqualTo("v1");
        assertThat(harness.status("orders.shop:8080").problem()).isEqualTo(problem);
        assertThat(harness.client.status().traffic().rejected()).isEqualTo(1);

        RecordingWatcher late = harness.watch("orders.shop:8080");
        assertThat(late.news).hasSize(2);
        assertThat(late.news.get(0)).isEqualTo("v1 [10.0.0.1:8080]");
    }

    @Test
    void sameUnusableListAgain_isLoggedOnce() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "orders:8080")));
        harness.answer(delta("n2").addResources(resource("orders.shop:8080", "v1", "orders:8080")));

        assertThat(watcher.news).hasSize(1);
        assertThat(harness.log.lines).hasSize(1);
        assertThat(harness.log.lines.get(0)).startsWith("WARN ").contains("\"orders\" (expected: an IP address)");
    }

    @Test
    void resourceThatHoldsAnotherOne_isRefused() {
        harness.watch("orders.shop:8080");

        harness.answer(delta("n1")
                .addResources(resource("users.shop:8080", "v1", "10.0.0.1:8080").toBuilder()
                        .setName("orders.shop:8080")));

        assertThat(harness.server.newestDelta().newestRequest().getErrorDetail().getMessage())
                .isEqualTo("orders.shop:8080: cluster_name: \"users.shop:8080\" (expected: \"orders.shop:8080\")");
    }

    @Test
    void resourceWithoutAName_isRefused() {
        harness.watch("orders.shop:8080");

        harness.answer(delta("n1").addResources(resource("", "v1", "10.0.0.1:8080")));

        assertThat(harness.server.newestDelta().newestRequest().getErrorDetail().getMessage())
                .isEqualTo("a resource without a name");
    }

    @Test
    void resourcesOfAnotherType_areIgnoredAndSaidOnce() {
        harness.watch("orders.shop:8080");

        harness.answer(delta("n1").setTypeUrl("type.googleapis.com/envoy.config.route.v3.RouteConfiguration"));
        harness.answer(delta("n2").setTypeUrl("type.googleapis.com/envoy.config.route.v3.RouteConfiguration"));

        assertThat(harness.server.newestDelta().requests).hasSize(1);
        assertThat(harness.log.lines).hasSize(1);
        assertThat(harness.log.lines.get(0)).contains("envoy.config.route.v3.RouteConfiguration");
    }

    @Test
    void noAnswer_isTroubleNotAbsence() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        harness.executor.advance(Duration.ofMillis(14_999));
        assertThat(watcher.news).isEmpty();
        harness.executor.advance(Duration.ofMillis(1));

        assertThat(watcher.news)
                .containsExactly("unavailable: control plane eds-control-plane.xds-lb:18000 has said nothing about"
                        + " orders.shop:8080 within 15000 ms");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        assertThat(watcher.news).hasSize(2);
    }

    @Test
    void answerInTime_stopsTheTimer() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");
        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));

        harness.executor.advance(Duration.ofMinutes(10));

        assertThat(watcher.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(harness.executor.waiting()).isZero();
    }

    @Test
    void listThatIsTheSame_isNoNews() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));
        harness.answer(delta("n2").addResources(resource("orders.shop:8080", "v2", "10.0.0.1:8080")));

        assertThat(watcher.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(harness.status("orders.shop:8080").version()).isEqualTo("v2");
    }

    @Test
    void watcherThatFails_costsNobodyElseTheNews() {
        RecordingWatcher other = new RecordingWatcher();
        harness.client.subscribe("orders.shop:8080", new FailingWatcher());
        harness.subscribe("orders.shop:8080", other);

        harness.answer(delta("n1").addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080")));

        assertThat(other.news).hasSize(1);
        assertThat(harness.server.newestDelta().newestRequest().getResponseNonce())
                .isEqualTo("n1");
        assertThat(harness.client.faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.what()).isEqualTo("a watcher of orders.shop:8080"));
        assertThat(harness.client.status().faults()).isEqualTo(harness.client.faults());
    }

    @Test
    void statusCountsWhatWasReceived() {
        harness.watch("orders.shop:8080");
        var resource = resource("orders.shop:8080", "v1", "10.0.0.1:8080");

        harness.answer(delta("n1").addResources(resource));

        XdsStatus status = harness.client.status();
        assertThat(status.connected()).isTrue();
        assertThat(status.protocol()).isEqualTo(XdsProtocol.DELTA);
        assertThat(status.server()).isEqualTo("fake");
        assertThat(status.traffic())
                .isEqualTo(new XdsStatus.Traffic(
                        1, 1, 0, 1, resource.getResource().getValue().size()));
    }

    private static final class FailingWatcher implements EndpointSource.Watcher {
        @Override
        public void onSnapshot(ServiceSnapshot snapshot) {
            throw new IllegalStateException("this watcher is broken");
        }

        @Override
        public void onAbsent(String reason) {}

        @Override
        public void onUnavailable(String reason) {}
    }
}
