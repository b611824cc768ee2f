/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.DeltaClient.names;
import static dev.xdslb.controlplane.ads.DeltaClient.request;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.ads.ClientVariant.Family;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What the incremental protocol promises, one promise a test. */
@ExtendWith(OutputCaptureExtension.class)
class DeltaStreamTest {
    private AdsFixture ads;

    @BeforeEach
    void start() {
        ads = new AdsFixture();
    }

    @AfterEach
    void stop() {
        ads.close();
    }

    @Nested
    class Subscribing {

        @Test
        void namesSubscribedOneAfterTheOther_areSentEachByItself() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1");
            assertThat(names(client.accept())).containsExactly("a:1");
            client.subscribe(ENDPOINTS, "b:1");
            assertThat(names(client.accept())).containsExactly("b:1");
        }

        @Test
        void clustersSubscribedOneAfterTheOther_areSentEachByItself() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(CLUSTER, "a:1");
            assertThat(names(client.accept())).containsExactly("a:1");
            client.subscribe(CLUSTER, "b:1");
            assertThat(names(client.accept())).containsExactly("b:1");
        }

        @Test
        void changeOfOneOfSeveral_sendsOnlyThatOneWithANonceOfItsOwn() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1", "b:1");
            DeltaDiscoveryResponse first = client.accept();
            assertThat(names(first)).containsExactlyInAnyOrder("a:1", "b:1");

            ads.store.putEndpoints("b:1", 2);
            DeltaDiscoveryResponse second = client.accept();
            assertThat(names(second)).containsExactly("b:1");
            assertThat(second.getResources(0).getVersion()).isEqualTo(ads.store.version(ENDPOINTS, "b:1"));
            assertThat(second.getNonce()).isNotEmpty().isNotEqualTo(first.getNonce());
        }

        @Test
        void missingNameBesideAnExistingOne_isToldAtOnceAndDeliveredWhenItIsCreated() {
            ads.store.putEndpoints("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1", "z:1");
            DeltaDiscoveryResponse first = client.accept();
            assertThat(names(first)).containsExactly("a:1");
            assertThat(first.getRemovedResourcesList()).containsExactly("z:1");
            assertThat(first.getResourceErrorsList()).singleElement().satisfies(error -> {
                assertThat(error.getResourceName().getName()).isEqualTo("z:1");
                assertThat(error.getErrorDetail().getCode()).isEqualTo(Status.Code.NOT_FOUND.value());
                assertThat(error.getErrorDetail().getMessage()).isEqualTo("no z:1 here");
            });
            client.expectNothingSent();

            ads.store.putEndpoints("z:1", 1);
            DeltaDiscoveryResponse second = client.accept();
            assertThat(names(second)).containsExactly("z:1");
            assertThat(second.getNonce()).isNotEqualTo(first.getNonce());
        }

        @Test
        void missingCluster_isToldAtOnceAndDeliveredWhenItIsCreated() {
            DeltaClient client = ads.delta();
            client.subscribe(CLUSTER, "z:1");
            assertThat(client.accept().getRemovedResourcesList()).containsExactly("z:1");
            ads.store.putCluster("z:1", 1);
            assertThat(names(client.accept())).containsExactly("z:1");
        }

        @Test
        void removedResource_isToldRemovedAndDeliveredWhenItComesBack() {
            ads.store.putEndpoints("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1");
            client.accept();

            ads.store.remove(ENDPOINTS, "a:1");
            DeltaDiscoveryResponse removal = client.accept();
            assertThat(removal.getRemovedResourcesList()).containsExactly("a:1");
            assertThat(removal.getResourcesList()).isEmpty();

            ads.store.putEndpoints("a:1", 1);
            assertThat(names(client.accept())).containsExactly("a:1");
        }

        @Test
        void unsubscribedName_isNotDeliveredAnyMore() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1", "b:1");
            client.accept();
            client.unsubscribe(ENDPOINTS, "a:1");
            client.expectNothingSent();
            ads.store.putEndpoints("a:1", 2);
            client.expectNothingSent();
            ads.store.putEndpoints("a:1", 3);
            client.expectNothingSent();
            ads.store.putEndpoints("b:1", 2);
            assertThat(names(client.accept())).containsExactly("b:1");
        }

        @Test
        void knownNameSubscribedAgain_isSentAgain() {
            ads.store.putEndpoints("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1");
            client.accept();
            client.subscribe(ENDPOINTS, "a:1");
            assertThat(names(client.accept())).containsExactly("a:1");
        }

        @Test
        void nameThatIsEmpty_meansNothing() {
            ads.store.putCluster("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(CLUSTER, "");
            client.expectNothingSent();
            ads.store.putCluster("a:1", 2);
            client.expectNothingSent();
        }

        @Test
        void severalNamesOfOneService_areEachSentWhenItChanges() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("a:http", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1", "a:http");
            client.accept();
            ads.store.putEndpoints("a:1", 2);
            assertThat(names(client.accept())).containsExactly("a:1");
            client.unsubscribe(ENDPOINTS, "a:1");
            client.expectNothingSent();
            ads.store.putEndpoints("a:http", 2);
            assertThat(names(client.accept())).containsExactly("a:http");
        }

        @Test
        void phantomUnsubscribe_isIgnored() {
            ads.store.putCluster("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(CLUSTER, "*");
            client.accept();
            client.unsubscribe(CLUSTER, "a:1", "never-heard-of:1");
            client.expectNothingSent();
        }
    }

    @Nested
    class Wildcard {

        @Test
        void emptyFirstRequestOfEnvoy_meansAllClusters() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            DeltaClient client = ads.delta(AdsFixture.node("envoy"));
            client.subscribe(CLUSTER);
            assertThat(names(client.accept())).containsExactly("a:1", "b:1");
            ads.store.putCluster("c:1", 1);
            assertThat(names(client.accept())).containsExactly("c:1");
            ads.store.remove(CLUSTER, "a:1");
            DeltaDiscoveryResponse removal = client.accept();
            assertThat(removal.getRemovedResourcesList()).containsExactly("a:1");
            assertThat(removal.getResourceErrorsList()).isEmpty();
            ads.store.putCluster("a:1", 1);
            assertThat(names(client.accept())).containsExactly("a:1");
        }

        @Test
        void emptyFirstRequestOfAGrpcClient_meansNothing() {
            ads.store.putCluster("a:1", 1);
            DeltaClient client = ads.delta(AdsFixture.node("gRPC Java"));
            client.subscribe(CLUSTER);
            client.expectNothingSent();
        }

        @Test
        void emptyFirstRequestForEndpoints_meansNothing() {
            ads.store.putEndpoints("a:1", 1);
            DeltaClient client = ads.delta(AdsFixture.node("envoy"));
            client.subscribe(ENDPOINTS);
            client.expectNothingSent();
        }

        @Test
        void wildcardWithNothingInIt_isAnsweredSoThatTheClientNeedNotWait() {
            DeltaClient client = ads.delta(AdsFixture.node("envoy"));
            client.subscribe(CLUSTER);
            DeltaDiscoveryResponse response = client.accept();
            assertThat(response.getTypeUrl()).isEqualTo(CLUSTER.typeUrl());
            assertThat(response.getResourcesList()).isEmpty();
        }

        @Test
        void namedCluster_isNotEverything() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            DeltaClient client = ads.delta(AdsFixture.node("envoy"));
            client.subscribe(CLUSTER, "a:1");
            assertThat(names(client.accept())).containsExactly("a:1");
            ads.store.putCluster("b:1", 2);
            client.expectNothingSent();
        }

        @Test
        void nameUnsubscribedWhileEverythingIsWanted_isSentAgainIfEverythingHasIt() {
            ads.store.putCluster("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(CLUSTER, "*", "a:1");
            client.accept();
            client.unsubscribe(CLUSTER, "a:1");
            assertThat(names(client.accept())).containsExactly("a:1");
            ads.store.putCluster("a:1", 2);
            assertThat(names(client.accept())).containsExactly("a:1");
        }

        @Test
        void missingNameUnsubscribedWhileEverythingIsWanted_isToldRemoved() {
            ads.store.putCluster("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(CLUSTER, "*", "z:1");
            client.accept();
            client.unsubscribe(CLUSTER, "z:1");
            assertThat(client.accept().getRemovedResourcesList()).containsExactly("z:1");
        }

        @Test
        void wildcardUnsubscribed_leavesTheNames() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(CLUSTER, "*", "a:1");
            client.accept();
            client.unsubscribe(CLUSTER, "*");
            client.expectNothingSent();
            ads.store.putCluster("b:1", 2);
            client.expectNothingSent();
            ads.store.putCluster("a:1", 2);
            assertThat(names(client.accept())).containsExactly("a:1");
        }

        @Test
        void wildcardSubscribedAndUnsubscribedInTheFirstRequest_meansNothing() {
            ads.store.putCluster("a:1", 1);
            DeltaClient client = ads.delta(AdsFixture.node("envoy"));
            client.send(request(CLUSTER).addResourceNamesSubscribe("*").addResourceNamesUnsubscribe("*"));
            client.expectNothingSent();
            ads.store.putCluster("a:1", 2);
            client.expectNothingSent();
        }

        @Test
        void wildcardSubscribedAgain_sendsEverythingAgain() {
            ads.store.putCluster("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(CLUSTER, "*");
            client.accept();
            client.subscribe(CLUSTER, "*");
            assertThat(names(client.accept())).containsExactly("a:1");
        }
    }

    @Nested
    class Resuming {

        @Test
        void equalVersions_areNotSentAgain() {
            ads.store.putCluster("a:1", 1);
            ads.store.putEndpoints("a:1", 1);
            DeltaClient client = ads.delta();
            client.resume(CLUSTER, Map.of("a:1", ads.store.version(CLUSTER, "a:1")), "a:1");
            client.resume(ENDPOINTS, Map.of("a:1", ads.store.version(ENDPOINTS, "a:1")), "a:1");
            client.expectNothingSent();
            ads.store.putEndpoints("a:1", 2);
            assertThat(names(client.accept())).containsExactly("a:1");
        }

        @Test
        void equalVersionsUnderWildcard_areNotSentAgain() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            DeltaClient client = ads.delta(AdsFixture.node("envoy"));
            client.resume(
                    CLUSTER,
                    Map.of("a:1", ads.store.version(CLUSTER, "a:1"), "b:1", ads.store.version(CLUSTER, "b:1")));
            client.expectNothingSent();
            ads.store.putCluster("b:1", 2);
            assertThat(names(client.accept())).containsExactly("b:1");
        }

        @Test
        void differingVersions_areSentAndNoOthers() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            ads.store.putEndpoints("c:1", 1);
            DeltaClient client = ads.delta();
            client.resume(
                    ENDPOINTS, Map.of("a:1", ads.store.version(ENDPOINTS, "a:1"), "b:1", "older"), "a:1", "b:1", "c:1");
            assertThat(names(client.accept())).containsExactlyInAnyOrder("b:1", "c:1");
        }

        @Test
        void namesThatVanishedMeanwhile_areToldRemoved() {
            DeltaClient client = ads.delta();
            client.resume(ENDPOINTS, Map.of("gone:1", "v"), "gone:1");
            assertThat(client.accept().getRemovedResourcesList()).containsExactly("gone:1");
        }

        @Test
        void namesThatVanishedMeanwhileUnderWildcard_areToldRemoved() {
            ads.store.putCluster("a:1", 1);
            DeltaClient client = ads.delta(AdsFixture.node("envoy"));
            client.resume(CLUSTER, Map.of("a:1", ads.store.version(CLUSTER, "a:1"), "gone:1", "v"));
            DeltaDiscoveryResponse response = client.accept();
            assertThat(response.getRemovedResourcesList()).containsExactly("gone:1");
            assertThat(response.getResourcesList()).isEmpty();
        }

        @Test
        void anotherReplicaWithTheSameContent_sendsNothing() {
            ads.store.putCluster("a:1", 1);
            ads.store.putEndpoints("a:1", 1);
            DeltaClient before = ads.delta();
            before.subscribe(CLUSTER, "a:1");
            String cluster = before.accept().getResources(0).getVersion();
            before.subscribe(ENDPOINTS, "a:1");
            String endpoints = before.accept().getResources(0).getVersion();

            try (AdsFixture replica = new AdsFixture()) {
                replica.store.putEndpoints("a:1", 1);
                replica.store.putCluster("a:1", 1);
                DeltaClient after = replica.delta();
                after.resume(ENDPOINTS, Map.of("a:1", endpoints), "a:1");
                after.resume(CLUSTER, Map.of("a:1", cluster), "a:1");
                after.expectNothingSent();
            }
        }

        @Test
        void familyThatForgetsWhatItSaysItHolds_canBeSentEverythingAgain() {
            AdsSettings distrustful = AdsSettings.DEFAULT.withTrustInitialVersions(Set.of(Family.XDS_LB));
            try (AdsFixture distrusting = new AdsFixture(distrustful)) {
                distrusting.store.putCluster("a:1", 1);
                Map<String, String> held =
                        Map.of("a:1", distrusting.store.version(CLUSTER, "a:1"), "gone:1", "version");
                DeltaClient envoy = distrusting.delta(AdsFixture.node("envoy"));
                envoy.resume(CLUSTER, held);
                DeltaDiscoveryResponse response = envoy.accept();
                assertThat(names(response)).containsExactly("a:1");
                assertThat(response.getRemovedResourcesList()).containsExactly("gone:1");
            }
        }
    }

    @Nested
    class Answering {

        @Test
        void ack_isNeverAnswered() {
            ads.store.putEndpoints("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1");
            client.accept();
            client.expectNothingSent();
        }

        @Test
        void nack_isNotAnsweredBeforeTheContentChanges() {
            ads.store.putEndpoints("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1");
            client.nack(client.next(), "I do not like it");
            client.expectNothingSent();
            ads.store.announce(ENDPOINTS, "a:1"); // announced, and the same
            client.expectNothingSent();

            StreamView.TypeView view = ads.stream().types().get(0);
            assertThat(view.counts().nacks()).isEqualTo(1);
            assertThat(view.lastNack().message()).isEqualTo("I do not like it");

            ads.store.putEndpoints("a:1", 2);
            assertThat(names(client.accept())).containsExactly("a:1");
        }

        @Test
        void nacksWithTheSameReason_areLoggedOnceAndAllCounted(CapturedOutput output) {
            ads.store.putEndpoints("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1");
            client.nack(client.next(), "the same reason");
            client.expectNothingSent(); // accepts the marker
            for (int revision = 2; revision < 5; revision++) {
                ads.store.putEndpoints("a:1", revision);
                client.nack(client.next(), "another reason");
            }
            await().until(() -> ads.stream().types().get(0).counts().nacks() == 4);
            assertThat(output.getAll().split("the same reason", -1)).hasSize(2);
            assertThat(output.getAll().split("another reason", -1)).hasSize(2);
        }

        @Test
        void unknownNonce_changesTheSubscriptionAndIsNoError() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1");
            client.accept();
            client.send(request(ENDPOINTS).setResponseNonce("of-another-life").addResourceNamesSubscribe("b:1"));
            assertThat(names(client.accept())).containsExactly("b:1");
            client.send(request(ENDPOINTS).setResponseNonce("of-another-life").addResourceNamesUnsubscribe("a:1"));
            client.expectNothingSent();
            ads.store.putEndpoints("a:1", 2);
            client.expectNothingSent();
            assertThat(ads.stream().types().get(0).counts().staleNonces()).isEqualTo(2);
        }

        @Test
        void firstRequestWithANonceOfAnEarlierStream_isAnswered() {
            ads.store.putEndpoints("a:1", 1);
            DeltaClient client = ads.delta();
            client.send(request(ENDPOINTS).setResponseNonce("earlier").addResourceNamesSubscribe("a:1"));
            assertThat(names(client.accept())).containsExactly("a:1");
        }

        @Test
        void changesWhileAResponseIsUnanswered_becomeOneResponseWithTheLastState() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1", "b:1");
            DeltaDiscoveryResponse first = client.next();
            for (int revision = 2; revision <= 100; revision++) {
                ads.store.putEndpoints("a:1", revision);
            }
            ads.store.putEndpoints("b:1", 2);
            ads.store.putEndpoints("b:1", 1);
            client.ack(first);
            DeltaDiscoveryResponse second = client.accept();
            assertThat(names(second)).containsExactly("a:1");
            assertThat(second.getResources(0).getVersion()).isEqualTo(ads.store.version(ENDPOINTS, "a:1"));
            client.expectNothingSent();
        }

        @Test
        void removedAndAddedAgainWhileAResponseIsUnanswered_isNoChange() {
            ads.store.putEndpoints("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1");
            DeltaDiscoveryResponse first = client.next();
            ads.store.remove(ENDPOINTS, "a:1");
            ads.store.putEndpoints("a:1", 1);
            client.ack(first);
            client.expectNothingSent();
        }

        @Test
        void nameUnsubscribedWhileItsChangeWaits_isNotSent() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1", "b:1");
            DeltaDiscoveryResponse first = client.next();
            ads.store.putEndpoints("a:1", 2);
            client.unsubscribe(ENDPOINTS, "a:1");
            client.ack(first);
            client.expectNothingSent();
        }

        @Test
        void responseThatIsNeverAnswered_holdsChangesBackOnlyForATime() {
            ads.store.putEndpoints("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1");
            client.next();
            ads.store.putEndpoints("a:1", 2);
            ads.advance(AdsSettings.DEFAULT.ackTimeout());
            assertThat(names(client.next())).containsExactly("a:1");
        }

        @Test
        void twoTypesOnOneStream_areIndependentInEitherOrder() {
            ads.store.putCluster("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            for (ResourceType first : InMemoryResourceStore.TYPES) {
                ResourceType second = first.equals(CLUSTER) ? ENDPOINTS : CLUSTER;
                DeltaClient client = ads.delta();
                client.subscribe(first, first.equals(CLUSTER) ? "a:1" : "b:1");
                DeltaDiscoveryResponse unanswered = client.next();
                assertThat(unanswered.getTypeUrl()).isEqualTo(first.typeUrl());
                client.subscribe(second, second.equals(CLUSTER) ? "a:1" : "b:1");
                DeltaDiscoveryResponse other = client.accept();
                assertThat(other.getTypeUrl()).isEqualTo(second.typeUrl());
                assertThat(other.getNonce()).isNotEqualTo(unanswered.getNonce());
                client.ack(unanswered);
                client.expectNothingSent();
            }
        }

        @Test
        void emptyAssignment_isAResourceAndNotMissing() {
            ads.store.putEndpoints("a:1", 1);
            DeltaClient client = ads.delta();
            client.subscribe(ENDPOINTS, "a:1");
            client.accept();
            ads.store.putEndpoints("a:1", 0);
            DeltaDiscoveryResponse response = client.accept();
            assertThat(names(response)).containsExactly("a:1");
            assertThat(response.getRemovedResourcesList()).isEmpty();
        }

        @Test
        void moreThanOneMessageCanHold_comesInSeveralBelowTheLimit() {
            int limit = 64 * 1024;
            AdsSettings small = AdsSettings.DEFAULT.withMaxPushBytes(limit);
            try (AdsFixture chunked = new AdsFixture(small)) {
                String[] all = new String[20];
                for (int i = 0; i < all.length; i++) {
                    all[i] = "s" + i + ":1";
                    chunked.store.putEndpoints(all[i], 1, 10 * 1024);
                }
                DeltaClient client = chunked.delta();
                client.subscribe(ENDPOINTS, all);
                int received = 0;
                while (received < all.length) {
                    DeltaDiscoveryResponse response = client.accept();
                    assertThat(response.getSerializedSize()).isLessThan(limit + 1024);
                    received += response.getResourcesCount();
                }
                client.expectNothingSent();

                chunked.store.putEndpoints("s3:1", 2, 2 * limit);
                assertThat(names(client.accept())).containsExactly("s3:1"); // alone, if it must
            }
        }
    }
}
