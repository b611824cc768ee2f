/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static dev.xdslb.xds.Answers.NO_POLICY;
import static dev.xdslb.xds.Answers.anyCluster;
import static dev.xdslb.xds.Answers.cluster;
import static dev.xdslb.xds.Answers.clusterDelta;
import static dev.xdslb.xds.Answers.clusterSotw;
import static dev.xdslb.xds.Answers.delta;
import static dev.xdslb.xds.Answers.list;
import static dev.xdslb.xds.Answers.resource;
import static dev.xdslb.xds.Answers.sotw;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.cluster.EndpointSource.Subscription;
import dev.xdslb.xds.XdsStatus.State;
import dev.xdslb.xds.proto.Cluster;
import dev.xdslb.xds.proto.Cluster.EdsClusterConfig;
import dev.xdslb.xds.proto.Cluster.LbPolicy;
import dev.xdslb.xds.proto.DeltaDiscoveryRequest;
import dev.xdslb.xds.proto.DiscoveryRequest;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Policies beside the endpoints, and what a control plane may do with the question for them. */
class ClusterSubscriptionTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final String USERS = "users.shop:8080";
    private static final Cluster RANDOM =
            Cluster.newBuilder().setLbPolicy(LbPolicy.RANDOM).build();
    private static final Cluster LEAST_REQUEST =
            Cluster.newBuilder().setLbPolicy(LbPolicy.LEAST_REQUEST).build();
    private static final Cluster BAD = Cluster.newBuilder()
            .setOutlierDetection(dev.xdslb.xds.proto.OutlierDetection.newBuilder()
                    .setMaxEjectionPercent(com.google.protobuf.UInt32Value.of(101)))
            .build();

    private ClientHarness harness;
    private RecordingWatcher orders;

    @AfterEach
    void stop() {
        harness.close();
    }

    @Test
    void cluster_isAskedForUnderTheSameName_beforeTheEndpoints_whichAControlPlaneMaySendAgainAfterEachCluster()
            throws IOException {
        start(ClientHarness.delta());

        assertThat(newest()).isSameAs(harness.server.newestDelta().first());
        assertThat(newest().getResourceNamesSubscribeList()).containsExactly(ORDERS);
        assertThat(newest().hasNode()).isTrue();
        assertThat(harness.server.newestDelta().newestRequest().hasNode()).isFalse();
    }

    @Test
    void endpoints_areUsedBeforeAnythingIsKnownOfTheCluster_andThePolicyFollows() throws IOException {
        start(ClientHarness.delta());
        harness.answer(endpoints("v1", "10.0.0.1:8080"));
        assertThat(orders.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(orders.policies).containsExactly("");

        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", RANDOM)));

        assertThat(orders.news).containsExactly("v1 [10.0.0.1:8080]", "v1 [10.0.0.1:8080]");
        assertThat(orders.policies).containsExactly("", "random");
        assertThat(newest().getResponseNonce()).isEqualTo("c1");
        assertThat(newest().hasErrorDetail()).isFalse();
        assertThat(harness.client.status().traffic().endpointLists())
                .as("a cluster is no list")
                .isEqualTo(1);
    }

    @Test
    void clusterBeforeTheEndpoints_isToldWithThem() throws IOException {
        start(ClientHarness.delta());
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", RANDOM)));
        assertThat(orders.news).isEmpty();

        harness.answer(endpoints("v1", "10.0.0.1:8080"));

        assertThat(orders.policies).containsExactly("random");
    }

    @Test
    void firstEndpoints_waitForTheirCluster_whereOthersWereAnswered_soThatTheFirstPickIsMadeAsThePolicySays()
            throws IOException {
        RecordingWatcher users = afterOneCluster();
        harness.answer(delta("n2").addResources(resource(USERS, "v1", "10.0.0.2:8080")));
        harness.answer(delta("n3").addResources(resource(USERS, "v2", "10.0.0.3:8080")));
        assertThat(users.news).isEmpty();

        harness.answer(clusterDelta("c2").addResources(cluster(USERS, "c2", RANDOM)));
        assertThat(users.news).containsExactly("v2 [10.0.0.3:8080]");
        assertThat(users.policies).containsExactly("random");

        harness.answer(delta("n4").addResources(resource(USERS, "v3", "10.0.0.4:8080")));
        harness.executor.advance(Duration.ofMinutes(1));
        assertThat(users.news).hasSize(2);
    }

    @Test
    void firstEndpoints_waitForASecondAtMost_andOnlyOnce() throws IOException {
        RecordingWatcher users = afterOneCluster();
        harness.answer(delta("n2").addResources(resource(USERS, "v1", "10.0.0.2:8080")));
        harness.executor.advance(ServiceSubscription.PATIENCE.minusMillis(1));
        assertThat(users.news).isEmpty();

        harness.executor.advance(Duration.ofMillis(1));
        assertThat(users.news).containsExactly("v1 [10.0.0.2:8080]");

        harness.answer(delta("n3").addResources(resource(USERS, "v2", "10.0.0.3:8080")));
        assertThat(users.news).hasSize(2);
        harness.answer(clusterDelta("c2").addResources(cluster(USERS, "c2", RANDOM)));
        assertThat(users.policies).containsExactly("", "", "random");
    }

    @Test
    void firstEndpoints_areTold_whenTheirClusterIsAbsentOrRefused_orSaysNothing() throws IOException {
        RecordingWatcher users = afterOneCluster();
        RecordingWatcher stock = harness.watch("stock.shop:8080");
        RecordingWatcher parts = harness.watch("parts.shop:8080");
        harness.answer(delta("n2")
                .addResources(resource(USERS, "v1", "10.0.0.2:8080"))
                .addResources(resource("stock.shop:8080", "v1", "10.0.0.3:8080"))
                .addResources(resource("parts.shop:8080", "v1", "10.0.0.4:8080")));
        assertThat(List.of(users.news, stock.news, parts.news)).allMatch(List::isEmpty);

        harness.answer(clusterDelta("c2")
                .addRemovedResources(USERS)
                .addResources(cluster("stock.shop:8080", "c2", BAD))
                .addResources(cluster("parts.shop:8080", "c2", NO_POLICY)));

        assertThat(users.news).containsExactly("v1 [10.0.0.2:8080]");
        assertThat(stock.news).first().isEqualTo("v1 [10.0.0.3:8080]");
        assertThat(parts.news).containsExactly("v1 [10.0.0.4:8080]");
    }

    @Test
    void endpointsThatAreGoneWhileTheyWait_areNeverTold() throws IOException {
        RecordingWatcher users = afterOneCluster();
        harness.answer(delta("n2").addResources(resource(USERS, "v1", "10.0.0.2:8080")));
        harness.answer(delta("n3").addRemovedResources(USERS));
        assertThat(users.news).singleElement().asString().startsWith("absent: ");

        harness.executor.advance(Duration.ofMinutes(1));
        assertThat(users.news).hasSize(1);
    }

    @Test
    void whoSubscribesLater_isToldThePolicyAtOnce() throws IOException {
        start(ClientHarness.delta());
        harness.answer(endpoints("v1", "10.0.0.1:8080"));
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", RANDOM)));

        assertThat(harness.watch(ORDERS).policies).containsExactly("random");
    }

    @Test
    void change_isToldOnce() throws IOException {
        start(ClientHarness.delta());
        harness.answer(endpoints("v1", "10.0.0.1:8080"));
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", RANDOM)));
        harness.answer(clusterDelta("c2").addResources(cluster(ORDERS, "c2", RANDOM)));
        harness.answer(clusterDelta("c3").addResources(cluster(ORDERS, "c3", LEAST_REQUEST)));

        assertThat(orders.policies).containsExactly("", "random", "p2c-least-request");
    }

    @Test
    void clusterThatSaysNothing_isNoNews() throws IOException {
        start(ClientHarness.delta());
        harness.answer(endpoints("v1", "10.0.0.1:8080"));
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", NO_POLICY)));

        assertThat(orders.news).hasSize(1);
        assertThat(policyStatus().state()).isEqualTo(State.ACKED);
        assertThat(policyStatus().version()).isEqualTo("c1");
    }

    @Test
    void controlPlaneWithoutSuchACluster_disturbsNoEndpoint() throws IOException {
        start(ClientHarness.delta());
        harness.answer(clusterDelta("c1").addRemovedResources(ORDERS));
        harness.answer(endpoints("v1", "10.0.0.1:8080"));

        assertThat(orders.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(harness.log.lines).isEmpty();
        assertThat(policyStatus().state()).isEqualTo(State.DOES_NOT_EXIST);
    }

    @Test
    void controlPlaneThatIgnoresTheQuestion_disturbsNoEndpoint() throws IOException {
        start(ClientHarness.delta());
        harness.answer(endpoints("v1", "10.0.0.1:8080"));
        harness.executor.advance(Duration.ofMinutes(5));

        assertThat(orders.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(harness.log.lines).isEmpty();
        assertThat(harness.server.delta).hasSize(1);
    }

    @Test
    void controlPlaneThatEndsTheStreamBecauseOfTheQuestion_isSoonNotAskedForAWhile() throws IOException {
        start(ClientHarness.delta());
        Status rejection = Status.INVALID_ARGUMENT.withDescription("unknown type");
        harness.server.newestDelta().fail(rejection);
        for (int stream = 2; stream <= AskingCaution.MAX_UNANSWERED; stream++) {
            harness.executor.advance(Duration.ofSeconds(2));
            assertThat(clusterRequests()).as("endpoints first").isEmpty();
            harness.answer(endpoints("v" + stream, "10.0.0.1:8080"));
            assertThat(clusterRequests()).hasSize(1);
            harness.server.newestDelta().fail(rejection);
        }
        harness.executor.advance(Duration.ofSeconds(2));
        harness.answer(endpoints("v9", "10.0.0.9:8080"));
        harness.executor.advance(Duration.ofMinutes(1));

        assertThat(clusterRequests()).isEmpty();
        assertThat(harness.client.status().connected()).isTrue();
        assertThat(orders.news).last().isEqualTo("v9 [10.0.0.9:8080]");

        harness.executor.advance(ResourceTable.PAUSE);
        assertThat(clusterRequests())
                .as("it may have been replaced by one that knows it")
                .hasSize(1);
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", RANDOM)));
        assertThat(orders.policies).last().isEqualTo("random");
    }

    @Test
    void questionThatNobodyAsksAnyMore_isProvenHarmlessByTime_notHeldAgainstTheStreamForEver() throws IOException {
        harness = ClientHarness.delta();
        orders = new RecordingWatcher();
        for (int stream = 1; stream <= 2 * AskingCaution.MAX_UNANSWERED; stream++) {
            var watched = harness.subscribe(ORDERS, orders); // asked for, and given up before an answer was due
            assertThat(clusterRequests()).as("on stream %s", stream).hasSize(1);
            watched.close();
            harness.executor.advance(Duration.ofMinutes(5));
            harness.server.newestDelta().fail(Status.UNAVAILABLE); // as at the end of its age
            harness.executor.advance(Duration.ofSeconds(40));
        }
    }

    @Test
    void controlPlaneThatKnowsClustersAndEndsTheStreamBecauseOfPlaces_keepsItsPolicies() throws IOException {
        start(ClientHarness.delta());
        harness.client.locate(new PlaceNews());
        harness.executor.runDue();
        for (int stream = 1; stream <= 2 * AskingCaution.MAX_UNANSWERED; stream++) {
            harness.server.newestDelta().fail(Status.INVALID_ARGUMENT); // before it came to answer the one for clusters
            harness.executor.advance(Duration.ofSeconds(40));
            harness.answer(endpoints("v" + stream, "10.0.0.1:8080"));
            assertThat(clusterRequests()).hasSize(1);
            harness.answer(clusterDelta("c" + stream).addResources(cluster(ORDERS, "c" + stream, RANDOM)));
        }
        assertThat(orders.policies).last().isEqualTo("random");
    }

    @Test
    void unusableCluster_isRefusedAlone_andTheLastPolicyStays() throws IOException {
        start(ClientHarness.delta());
        RecordingWatcher users = harness.watch("users.shop:8080");
        harness.answer(endpoints("v1", "10.0.0.1:8080"));
        harness.answer(delta("n2").addResources(resource("users.shop:8080", "v1", "10.0.0.2:8080")));
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", RANDOM)));

        harness.answer(clusterDelta("c2")
                .addResources(cluster(ORDERS, "c2", BAD))
                .addResources(cluster("users.shop:8080", "c2", RANDOM)));

        String problem = ORDERS + ": outlier_detection.max_ejection_percent: 101.0 (expected: 0 to 100, in percent)";
        assertThat(newest().getErrorDetail().getMessage()).isEqualTo(problem);
        assertThat(orders.policies).containsExactly("", "random");
        assertThat(orders.news).as("nothing about endpoints").hasSize(2);
        assertThat(users.policies).containsExactly("", "random");
        assertThat(policyStatus().state()).isEqualTo(State.NACKED);
        assertThat(policyStatus().problem()).isEqualTo(problem);
        assertThat(harness.status(ORDERS).state()).isEqualTo(State.ACKED);
        assertThat(harness.log.lines).singleElement().asString().contains("a cluster that cannot be used");
    }

    @Test
    void clusterThatIsRemoved_leavesTheEndpoints() throws IOException {
        start(ClientHarness.delta());
        harness.answer(endpoints("v1", "10.0.0.1:8080"));
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", RANDOM)));
        harness.answer(clusterDelta("c2").addRemovedResources(ORDERS));

        assertThat(orders.policies).containsExactly("", "random", "");
        assertThat(orders.news).allMatch("v1 [10.0.0.1:8080]"::equals);
    }

    @Test
    void outage_isToldOnceAndKeepsThePolicy() throws IOException {
        start(ClientHarness.delta());
        harness.answer(endpoints("v1", "10.0.0.1:8080"));
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", RANDOM)));
        harness.server.refuse(Status.UNAVAILABLE.withDescription("away"));
        harness.server.newestDelta().fail(Status.UNAVAILABLE);
        harness.executor.advance(Duration.ofMinutes(5));

        assertThat(orders.news).hasSize(3).last().asString().startsWith("unavailable: ");

        harness.server.refuse(null);
        harness.executor.advance(Duration.ofSeconds(33));
        assertThat(newest().getInitialResourceVersionsMap()).isEqualTo(Map.of(ORDERS, "c1"));
    }

    @Test
    void lastWatcherLeaves_takesBothBack() throws IOException {
        harness = ClientHarness.delta();
        Subscription subscription = harness.subscribe(ORDERS, new RecordingWatcher());
        subscription.close();
        harness.executor.runDue();

        assertThat(newest().getResourceNamesUnsubscribeList()).containsExactly(ORDERS);
        assertThat(harness.client.status().policies()).isEmpty();
        assertThat(harness.client.status().resources()).isEmpty();
    }

    @Test
    void otherEndpointsThanThoseOfItsName_areUsedOnceTheyAreKnown() throws IOException {
        start(ClientHarness.delta());
        harness.answer(endpoints("v1", "10.0.0.1:8080"));
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", withEndpointsOf("backend"))));
        assertThat(harness.server.newestDelta().newestRequest().getResourceNamesSubscribeList())
                .containsExactly("backend");
        harness.executor.advance(Duration.ofMinutes(1));
        assertThat(orders.news).as("the known ones stay").containsExactly("v1 [10.0.0.1:8080]");

        harness.answer(delta("n2").addResources(resource("backend", "b1", "10.0.0.9:8080")));

        assertThat(orders.news).containsExactly("v1 [10.0.0.1:8080]", "b1 [10.0.0.9:8080]");
        assertThat(harness.server.newestDelta().newestRequest().getResourceNamesUnsubscribeList())
                .containsExactly(ORDERS);

        harness.answer(clusterDelta("c2").addResources(cluster(ORDERS, "c2", RANDOM)));
        assertThat(orders.news).last().isEqualTo("b1 [10.0.0.9:8080]");
        harness.answer(endpoints("v2", "10.0.0.2:8080"));
        assertThat(orders.news).last().isEqualTo("v2 [10.0.0.2:8080]");
        assertThat(orders.policies).last().isEqualTo("random");
    }

    @Test
    void absenceOfAListOfTheOwnName_isNoNews_whileTheOneThatTheClusterNamesIsAskedFor() throws IOException {
        start(ClientHarness.delta());
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", withEndpointsOf("backend"))));
        harness.answer(delta("n1").addRemovedResources(ORDERS));
        assertThat(orders.news).isEmpty();

        harness.answer(delta("n2").addResources(resource("backend", "b1", "10.0.0.9:8080")));

        assertThat(orders.news).containsExactly("b1 [10.0.0.9:8080]");
    }

    @Test
    void absenceOfAListOfTheOwnName_isToldWhereTheOneThatTheClusterNamesDoesNotCome() throws IOException {
        start(ClientHarness.delta());
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", withEndpointsOf("backend"))));
        harness.answer(delta("n1").addRemovedResources(ORDERS));
        harness.executor.advance(Duration.ofMinutes(1));
        assertThat(orders.news).singleElement().asString().startsWith("absent: ");

        harness.answer(clusterDelta("c2").addResources(cluster(ORDERS, "c2", withEndpointsOf("other"))));
        harness.answer(clusterDelta("c3").addResources(cluster(ORDERS, "c3", RANDOM)));
        assertThat(orders.news).last().asString().startsWith("absent: ");
    }

    @Test
    void endpointsNameThatComesAndGoes_leavesNothingBehind() throws IOException {
        harness = ClientHarness.delta();
        Subscription subscription = harness.subscribe(ORDERS, new RecordingWatcher());
        for (int i = 0; i < 20; i++) {
            harness.answer(clusterDelta("c" + i).addResources(cluster(ORDERS, "c" + i, withEndpointsOf("b" + i))));
        }
        assertThat(harness.client.status().resources())
                .extracting(XdsStatus.Resource::name)
                .containsExactly("b19", ORDERS);

        subscription.close();
        harness.executor.runDue();
        assertThat(harness.client.status().resources()).isEmpty();
    }

    @Test
    void stateOfTheWorld_clustersNobodyAskedFor_areIgnored_andWhatIsLeftOutIsGone() throws IOException {
        start(ClientHarness.sotw());
        harness.answer(sotw("e1", "n1").addResources(list(ORDERS, "10.0.0.1:8080")));
        harness.answer(clusterSotw("c1", "m1")
                .addResources(anyCluster("a", RANDOM))
                .addResources(anyCluster(ORDERS, RANDOM))
                .addResources(anyCluster("z", BAD)));
        assertThat(orders.policies).containsExactly("", "random");
        assertThat(newestSotw().hasErrorDetail()).isFalse();
        assertThat(newestSotw().getVersionInfo()).isEqualTo("c1");
        assertThat(harness.client.status().policies()).hasSize(1);

        harness.answer(clusterSotw("c2", "m2").addResources(anyCluster("a", RANDOM)));
        assertThat(orders.policies).containsExactly("", "random", "");
        assertThat(policyStatus().state()).isEqualTo(State.DOES_NOT_EXIST);
    }

    @Test
    void stateOfTheWorld_refusedAnswer_deletesNothing() throws IOException {
        start(ClientHarness.sotw());
        harness.watch("users.shop:8080");
        harness.answer(sotw("e1", "n1").addResources(list(ORDERS, "10.0.0.1:8080")));
        harness.answer(clusterSotw("c1", "m1").addResources(anyCluster(ORDERS, RANDOM)));
        harness.answer(clusterSotw("c2", "m2").addResources(anyCluster("users.shop:8080", BAD)));

        assertThat(orders.policies).containsExactly("", "random");
        assertThat(newestSotw().getVersionInfo()).isEqualTo("c1");
        assertThat(newestSotw().hasErrorDetail()).isTrue();
    }

    @Test
    void stateOfTheWorld_nameAskedForAfterTheAnswerWasMade_isNotGone() throws IOException {
        start(ClientHarness.sotw());
        harness.watch("users.shop:8080");
        harness.answer(clusterSotw("c1", "m1").addResources(anyCluster(ORDERS, RANDOM)));

        assertThat(harness.client.status().policies())
                .extracting(XdsStatus.Resource::state)
                .containsExactly(State.ACKED, State.REQUESTED);
    }

    @Test
    void stateOfTheWorld_lastNameIsNotTakenBack_forNoNamesMeansAll() throws IOException {
        harness = ClientHarness.sotw();
        Subscription subscription = harness.subscribe(ORDERS, new RecordingWatcher());
        subscription.close();
        harness.executor.runDue();
        assertThat(harness.server.newestSotw().clusterRequests).hasSize(1);

        harness.watch("users.shop:8080");
        assertThat(newestSotw().getResourceNamesList()).containsExactly("users.shop:8080");
    }

    @Test
    void stateOfTheWorld_lastNameThatIsWatchedAgain_hasItsPolicyStill_forItIsNotSentAgain() throws IOException {
        harness = ClientHarness.sotw();
        Subscription subscription = harness.subscribe(ORDERS, new RecordingWatcher());
        harness.answer(clusterSotw("c1", "m1").addResources(anyCluster(ORDERS, RANDOM)));
        subscription.close();
        harness.executor.runDue();

        RecordingWatcher again = harness.watch(ORDERS);
        harness.answer(sotw("e1", "n1").addResources(list(ORDERS, "10.0.0.1:8080")));

        assertThat(again.policies).containsExactly("random");
    }

    @Test
    void stateOfTheWorld_answerToAQuestionThatWasNotAsked_isNotAcknowledged_forThatWouldAskForAll() throws IOException {
        start(ClientHarness.sotw());
        harness.server.newestSotw().fail(Status.INVALID_ARGUMENT);
        harness.awaitReconnect();
        assertThat(harness.server.newestSotw().clusterRequests).isEmpty();

        harness.answer(clusterSotw("c1", "m1").addResources(anyCluster(ORDERS, RANDOM)));
        assertThat(harness.server.newestSotw().clusterRequests).isEmpty();
    }

    @Test
    void stateOfTheWorld_wrappedResource_isTaken() throws IOException {
        start(ClientHarness.sotw());
        harness.answer(sotw("e1", "n1")
                .addResources(com.google.protobuf.Any.newBuilder()
                        .setTypeUrl(AdsMethods.WRAPPER_TYPE_URL)
                        .setValue(resource(ORDERS, "x", "10.0.0.1:8080").toByteString())));

        assertThat(orders.news).containsExactly("e1 [10.0.0.1:8080]");
    }

    @Test
    void noncesAndVersionsOfTheTypes_areKeptApart() throws IOException {
        start(ClientHarness.delta());
        harness.answer(clusterDelta("same").addResources(cluster(ORDERS, "c1", RANDOM)));
        harness.answer(delta("same").addResources(resource(ORDERS, "v1", "10.0.0.1:8080")));

        harness.server.newestDelta().fail(Status.UNAVAILABLE);
        harness.awaitReconnect();
        assertThat(newest().getInitialResourceVersionsMap()).isEqualTo(Map.of(ORDERS, "c1"));
        assertThat(harness.server.newestDelta().requests.get(0).getInitialResourceVersionsMap())
                .isEqualTo(Map.of(ORDERS, "v1"));
    }

    private void start(ClientHarness started) {
        harness = started;
        orders = harness.watch(ORDERS);
    }

    /** Watches a second service of a control plane that has answered for the cluster of the first. */
    private RecordingWatcher afterOneCluster() throws IOException {
        start(ClientHarness.delta());
        harness.answer(clusterDelta("c1").addResources(cluster(ORDERS, "c1", RANDOM)));
        return harness.watch(USERS);
    }

    private static dev.xdslb.xds.proto.DeltaDiscoveryResponse.Builder endpoints(String version, String... addresses) {
        return delta("n-" + version).addResources(resource(ORDERS, version, addresses));
    }

    private static Cluster withEndpointsOf(String name) {
        return Cluster.newBuilder()
                .setEdsClusterConfig(EdsClusterConfig.newBuilder().setServiceName(name))
                .build();
    }

    private List<DeltaDiscoveryRequest> clusterRequests() {
        return harness.server.newestDelta().clusterRequests;
    }

    private DeltaDiscoveryRequest newest() {
        return harness.server.newestDelta().newestClusterRequest();
    }

    private DiscoveryRequest newestSotw() {
        return harness.server.newestSotw().newestClusterRequest();
    }

    private XdsStatus.Resource policyStatus() {
        return harness.client.status().policies().stream()
                .filter(status -> status.name().equals(ORDERS))
                .findFirst()
                .orElseThrow();
    }
}
