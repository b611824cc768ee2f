/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static dev.xdslb.xds.Answers.cluster;
import static dev.xdslb.xds.Answers.clusterDelta;
import static dev.xdslb.xds.Answers.delta;
import static dev.xdslb.xds.Answers.error;
import static dev.xdslb.xds.Answers.resource;
import static dev.xdslb.xds.Answers.sotw;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import dev.xdslb.xds.XdsStatus.State;
import dev.xdslb.xds.proto.DeltaDiscoveryResponse;
import dev.xdslb.xds.proto.LbEndpoint;
import dev.xdslb.xds.proto.LocalityLbEndpoints;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.io.IOException;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Control planes that say too much, twice, nothing, or what nobody asked. */
class OddServerTest {
    private static final String ORDERS = "orders.shop:8080";

    private ClientHarness harness;
    private RecordingWatcher orders;

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void nameThatComesTwice_withTheSameContent_isTaken() throws IOException {
        start(ClientHarness.delta());
        harness.answer(delta("n1")
                .addResources(resource(ORDERS, "v1", "10.0.0.1:8080"))
                .addResources(resource(ORDERS, "v1", "10.0.0.1:8080")));

        assertThat(orders.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(refusal()).isEmpty();
    }

    @Test
    void nameThatComesTwice_withDifferentContents_isRefused_andTheLastGoodOneStays() throws IOException {
        start(ClientHarness.delta());
        harness.answer(delta("n1").addResources(resource(ORDERS, "v1", "10.0.0.1:8080")));
        harness.answer(delta("n2")
                .addResources(resource(ORDERS, "v2", "10.0.0.2:8080"))
                .addResources(resource(ORDERS, "v2", "10.0.0.3:8080"))
                .addResources(resource(ORDERS, "v2", "10.0.0.3:8080")));

        assertThat(refusal()).isEqualTo(ORDERS + ": twice in one answer with different contents (expected: once)");
        assertThat(harness.status(ORDERS).version()).isEqualTo("v1");
        assertThat(orders.news).hasSize(2).last().asString().startsWith("unavailable: ");
    }

    @Test
    void nameThatIsThereAndRemovedInOneAnswer_isGone() throws IOException {
        start(ClientHarness.delta());
        harness.answer(delta("n1")
                .addResources(resource(ORDERS, "v1", "10.0.0.1:8080"))
                .addRemovedResources(ORDERS)
                .addRemovedResources("")
                .addRemovedResources("others"));

        assertThat(harness.status(ORDERS).state()).isEqualTo(State.DOES_NOT_EXIST);
    }

    @Test
    void whatNobodyAskedFor_isNotKept() throws IOException {
        start(ClientHarness.delta());
        DeltaDiscoveryResponse.Builder answer = delta("n1");
        for (int i = 0; i < 10_000; i++) {
            answer.addResources(resource("s" + i, "v1", "10.0.0.1:8080"));
            answer.addResourceErrors(error("e" + i, Code.NOT_FOUND, "no"));
        }
        harness.answer(answer.addResources(resource(ORDERS, "v1", "10.0.0.1:8080")));

        assertThat(harness.client.status().resources()).hasSize(1);
        assertThat(orders.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(refusal()).isEmpty();
    }

    @Test
    void thousandsOfProblems_areToldInAFewWords() throws IOException {
        start(ClientHarness.sotw());
        var answer = sotw("v1", "n1");
        for (int i = 0; i < 10_000; i++) {
            answer.addResources(Any.newBuilder().setTypeUrl("x".repeat(1_000) + i));
        }
        harness.answer(answer);

        String message =
                harness.server.newestSotw().newestRequest().getErrorDetail().getMessage();
        assertThat(message).hasSizeLessThan(6_000).endsWith("; and 9990 more");
        assertThat(harness.client.status().connected()).isTrue();
    }

    @Test
    void longWords_areCut() throws IOException {
        start(ClientHarness.delta());
        harness.answer(delta("n1")
                .addRemovedResources(ORDERS)
                .addResourceErrors(error(ORDERS, Code.NOT_FOUND, "x".repeat(1_000_000))));

        assertThat(harness.status(ORDERS).problem()).hasSizeLessThan(1_000);
        assertThat(orders.news).singleElement().asString().hasSizeLessThan(1_000);
    }

    @Test
    void longVersion_isNotSaidOnAReconnect() throws IOException {
        start(ClientHarness.delta());
        harness.answer(delta("n1").addResources(resource(ORDERS, "v".repeat(1_000_000), "10.0.0.1:8080")));
        harness.server.newestDelta().fail(Status.UNAVAILABLE);
        harness.awaitReconnect();

        assertThat(harness.server.newestDelta().requests.get(0).getInitialResourceVersionsMap())
                .isEmpty();
        assertThat(harness.status(ORDERS).endpoints()).isEqualTo(1);
    }

    @Test
    void hugeList_isRefused() throws IOException {
        start(ClientHarness.delta());
        LocalityLbEndpoints group = LocalityLbEndpoints.newBuilder()
                .addAllLbEndpoints(Collections.nCopies(100_001, LbEndpoint.getDefaultInstance()))
                .build();
        harness.answer(delta("n1")
                .addResources(resource(ORDERS, "v1").toBuilder()
                        .setResource(Answers.any(dev.xdslb.xds.proto.ClusterLoadAssignment.newBuilder()
                                .setClusterName(ORDERS)
                                .addEndpoints(group)
                                .build()))));

        assertThat(refusal()).isEqualTo(ORDERS + ": endpoints: 100001 (expected: at most 100000)");
    }

    @Test
    void answerWithoutAnything_isAcknowledged() throws IOException {
        start(ClientHarness.delta());
        harness.answer(delta(""));
        harness.answer(DeltaDiscoveryResponse.newBuilder());

        assertThat(harness.server.newestDelta().requests).hasSize(2);
        assertThat(refusal()).isEmpty();
        assertThat(orders.news).isEmpty();
    }

    @Test
    void onlyClusters_isSilenceAboutEndpoints_whichIsSaid() throws IOException {
        start(ClientHarness.delta());
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", Answers.NO_POLICY)));
        harness.executor.advance(XdsClientSettings.DEFAULT_ANSWER_TIMEOUT);

        assertThat(orders.news).singleElement().asString().contains("has said nothing about " + ORDERS);
    }

    @Test
    void olderControlPlaneAfterANewerOne_keepsEverythingThatItDoesNotSpeakOf() throws IOException {
        start(ClientHarness.delta());
        harness.answer(delta("n1").addResources(resource(ORDERS, "v1", "10.0.0.1:8080")));
        harness.answer(clusterDelta("c1")
                .addResources(cluster(
                        ORDERS,
                        "c1",
                        Answers.NO_POLICY.toBuilder()
                                .setLbPolicy(dev.xdslb.xds.proto.Cluster.LbPolicy.RANDOM)
                                .build())));
        harness.server.close();
        harness.executor.runDue();
        harness.server = harness.startServer(XdsProtocol.SOTW); // neither delta nor clusters
        harness.executor.advance(java.time.Duration.ofMinutes(1));
        harness.answer(sotw("v2", "n1").addResources(Answers.list(ORDERS, "10.0.0.2:8080")));

        assertThat(orders.news).last().isEqualTo("v2 [10.0.0.2:8080]");
        assertThat(orders.policies).last().isEqualTo("random");
    }

    private void start(ClientHarness started) {
        harness = started;
        orders = harness.watch(ORDERS);
    }

    private String refusal() {
        return harness.server.newestDelta().newestRequest().getErrorDetail().getMessage();
    }
}
