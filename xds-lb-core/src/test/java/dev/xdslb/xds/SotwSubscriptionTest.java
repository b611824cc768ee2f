/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static dev.xdslb.xds.Answers.error;
import static dev.xdslb.xds.Answers.list;
import static dev.xdslb.xds.Answers.sotw;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import dev.xdslb.cluster.EndpointSource.Subscription;
import dev.xdslb.xds.XdsStatus.State;
import dev.xdslb.xds.proto.DiscoveryRequest;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SotwSubscriptionTest {
    private ClientHarness harness;

    @BeforeEach
    void start() throws IOException {
        harness = ClientHarness.sotw();
    }

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void usesTheVariantThatIsConfigured() {
        harness.watch("orders.shop:8080");

        assertThat(harness.server.delta).isEmpty();
        assertThat(harness.server.sotw).hasSize(1);
        assertThat(harness.client.status().protocol()).isEqualTo(XdsProtocol.SOTW);
    }

    @Test
    void asksForAllNamesEachTime() {
        harness.watch("orders.shop:8080");
        harness.answer(sotw("v1", "n1").addResources(list("orders.shop:8080", "10.0.0.1:8080")));
        harness.watch("users.shop:8080");

        List<DiscoveryRequest> requests = harness.server.newestSotw().requests;
        assertThat(requests).hasSize(3);
        assertThat(harness.server.newestSotw().first().getNode().getId()).isEqualTo("orders~1");
        assertThat(requests.get(0).getVersionInfo()).isEmpty();
        assertThat(requests.get(0).getResponseNonce()).isEmpty();
        DiscoveryRequest both = requests.get(2);
        assertThat(both.hasNode()).isFalse();
        assertThat(both.getResourceNamesList()).containsExactly("orders.shop:8080", "users.shop:8080");
        assertThat(both.getVersionInfo()).isEqualTo("v1");
        assertThat(both.getResponseNonce()).isEqualTo("n1");
    }

    @Test
    void deliversAndAcknowledges() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        harness.answer(sotw("v1", "n1").addResources(list("orders.shop:8080", "10.0.0.1:8080")));

        assertThat(watcher.news).containsExactly("v1 [10.0.0.1:8080]");
        DiscoveryRequest acknowledgement = harness.server.newestSotw().newestRequest();
        assertThat(acknowledgement.getVersionInfo()).isEqualTo("v1");
        assertThat(acknowledgement.getResponseNonce()).isEqualTo("n1");
        assertThat(acknowledgement.getResourceNamesList()).containsExactly("orders.shop:8080");
        assertThat(acknowledgement.hasErrorDetail()).isFalse();
    }

    @Test
    void resourceThatAnAnswerLeavesOut_isUnchanged() {
        RecordingWatcher orders = harness.watch("orders.shop:8080");
        RecordingWatcher users = harness.watch("users.shop:8080");
        harness.answer(sotw("v1", "n1")
                .addResources(list("orders.shop:8080", "10.0.0.1:8080"))
                .addResources(list("users.shop:8080", "10.0.0.2:8080")));

        harness.answer(sotw("v2", "n2").addResources(list("users.shop:8080", "10.0.0.3:8080")));

        assertThat(orders.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(users.news).containsExactly("v1 [10.0.0.2:8080]", "v2 [10.0.0.3:8080]");
    }

    @Test
    void resourceThatIsRepeatedUnchanged_isNoNews() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        harness.answer(sotw("v1", "n1").addResources(list("orders.shop:8080", "10.0.0.1:8080")));
        harness.answer(sotw("v2", "n2").addResources(list("orders.shop:8080", "10.0.0.1:8080")));

        assertThat(watcher.news).hasSize(1);
        assertThat(harness.server.newestSotw().newestRequest().getVersionInfo()).isEqualTo("v2");
    }

    @Test
    void unusableList_isRefusedUnderTheVersionBefore() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");
        harness.answer(sotw("v1", "n1").addResources(list("orders.shop:8080", "10.0.0.1:8080")));

        harness.answer(sotw("v2", "n2").addResources(list("orders.shop:8080", "10.0.0.1:70000")));

        DiscoveryRequest refusal = harness.server.newestSotw().newestRequest();
        assertThat(refusal.getVersionInfo()).isEqualTo("v1");
        assertThat(refusal.getResponseNonce()).isEqualTo("n2");
        assertThat(refusal.getErrorDetail().getMessage())
                .isEqualTo("orders.shop:8080: endpoints[0].lb_endpoints[0].port: 70000 (expected: 1 to 65535)");
        assertThat(watcher.news.get(1)).startsWith("unavailable: ");
        assertThat(harness.status("orders.shop:8080").state()).isEqualTo(State.NACKED);
        assertThat(harness.status("orders.shop:8080").version()).isEqualTo("v1");
    }

    @Test
    void goodListAfterARefusedOne_isTaken() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");
        harness.answer(sotw("v1", "n1").addResources(list("orders.shop:8080", "10.0.0.1:70000")));

        harness.answer(sotw("v2", "n2").addResources(list("orders.shop:8080", "10.0.0.1:8080")));

        assertThat(watcher.news).hasSize(2);
        assertThat(watcher.news.get(1)).isEqualTo("v2 [10.0.0.1:8080]");
        assertThat(harness.status("orders.shop:8080").problem()).isEmpty();
    }

    @Test
    void whatIsNoList_isRefusedAndSaidOnce() {
        harness.watch("orders.shop:8080");
        Any other = Any.newBuilder().setTypeUrl("type.googleapis.com/a.B").build();

        harness.answer(sotw("v1", "n1").addResources(other));
        harness.answer(sotw("v1", "n2").addResources(other));
        harness.answer(sotw("v1", "n3").addResources(list("", "10.0.0.1:8080")));

        assertThat(harness.server.newestSotw().requests.get(1).getErrorDetail().getMessage())
                .startsWith("type_url: \"type.googleapis.com/a.B\"");
        assertThat(harness.server.newestSotw().newestRequest().getErrorDetail().getMessage())
                .startsWith("cluster_name: empty");
        assertThat(harness.log.lines).hasSize(2);
    }

    @Test
    void listThatNobodyAskedFor_isIgnored() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");

        harness.answer(sotw("v1", "n1").addResources(list("users.shop:8080", "10.0.0.1:8080")));

        assertThat(watcher.news).isEmpty();
        assertThat(harness.server.newestSotw().newestRequest().hasErrorDetail()).isFalse();
    }

    @Test
    void errorOfAResource_isAnAbsence() {
        RecordingWatcher watcher = harness.watch("orders.shop");

        harness.answer(sotw("v1", "n1")
                .addResourceErrors(error(
                        "orders.shop", Code.FAILED_PRECONDITION, "Service \"orders.shop\" has two ports: name one")));

        assertThat(watcher.news)
                .containsExactly("absent: control plane eds-control-plane.xds-lb:18000 says: Service \"orders.shop\""
                        + " has two ports: name one");
    }

    @Test
    void noAnswer_isTroubleNotAbsence() {
        RecordingWatcher watcher = harness.watch("orders.shop:8080");
        harness.answer(sotw("v1", "n1"));

        harness.executor.advance(Duration.ofSeconds(15));

        assertThat(watcher.news)
                .containsExactly("unavailable: control plane eds-control-plane.xds-lb:18000 has said nothing about"
                        + " orders.shop:8080 within 15000 ms");
    }

    @Test
    void lastWatcherLeaves_asksForNothing() {
        Subscription subscription = harness.subscribe("orders.shop:8080", new RecordingWatcher());

        subscription.close();
        harness.executor.runDue();

        assertThat(harness.server.newestSotw().requests).hasSize(2);
        assertThat(harness.server.newestSotw().newestRequest().getResourceNamesList())
                .isEmpty();
    }

    @Test
    void newStream_goesOnFromTheLastVersionWithAnEmptyNonce() {
        harness.watch("orders.shop:8080");
        harness.answer(sotw("v1", "n1").addResources(list("orders.shop:8080", "10.0.0.1:8080")));

        harness.server.newestSotw().fail(Status.UNAVAILABLE);
        harness.awaitReconnect();

        assertThat(harness.server.sotw).hasSize(2);
        DiscoveryRequest first = harness.server.newestSotw().requests.get(0);
        assertThat(harness.server.newestSotw().first().getNode().getId()).isEqualTo("orders~1");
        assertThat(first.getVersionInfo()).isEqualTo("v1");
        assertThat(first.getResponseNonce()).isEmpty();
    }

    @Test
    void newStreamWithANewName_claimsNoVersion() {
        harness.watch("orders.shop:8080");
        harness.answer(sotw("v1", "n1").addResources(list("orders.shop:8080", "10.0.0.1:8080")));
        harness.server.newestSotw().fail(Status.UNAVAILABLE);
        harness.executor.runDue();

        harness.watch("users.shop:8080");
        harness.awaitReconnect();

        DiscoveryRequest first = harness.server.newestSotw().requests.get(0);
        assertThat(first.getResourceNamesList()).containsExactly("orders.shop:8080", "users.shop:8080");
        assertThat(first.getVersionInfo()).isEmpty();
    }
}
