/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static dev.xdslb.controlplane.ads.SotwClient.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What the state-of-the-world protocol promises, one promise a test. */
class SotwStreamTest {
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
    class Clusters {

        @Test
        void emptyFirstRequest_meansAllInOneResponse() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            SotwClient client = ads.sotw(AdsFixture.node("envoy"));
            client.subscribe(CLUSTER);
            assertThat(names(client.accept())).containsExactly("a:1", "b:1");
        }

        @Test
        void changeUnderWildcard_sendsAllInOneResponse() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            SotwClient client = ads.sotw(AdsFixture.node("envoy"));
            client.subscribe(CLUSTER);
            DiscoveryResponse first = client.accept();
            ads.store.putCluster("b:1", 2);
            DiscoveryResponse second = client.accept();
            assertThat(names(second)).containsExactly("a:1", "b:1");
            assertThat(second.getVersionInfo()).isNotEqualTo(first.getVersionInfo());
            assertThat(second.getNonce()).isNotEqualTo(first.getNonce());
            client.expectNothingSent();
        }

        @Test
        void additionUnderWildcard_sendsTheNewWhole() {
            ads.store.putCluster("a:1", 1);
            SotwClient client = ads.sotw(AdsFixture.node("envoy"));
            client.subscribe(CLUSTER);
            client.accept();
            ads.store.putCluster("b:1", 1);
            assertThat(names(client.accept())).containsExactly("a:1", "b:1");
        }

        @Test
        void removal_isToldByOmissionDownToTheEmptySet() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            SotwClient client = ads.sotw(AdsFixture.node("envoy"));
            client.subscribe(CLUSTER);
            client.accept();
            ads.store.remove(CLUSTER, "a:1");
            assertThat(names(client.accept())).containsExactly("b:1");
            ads.store.remove(CLUSTER, "b:1");
            assertThat(names(client.accept())).isEmpty();
            ads.store.putCluster("a:1", 1);
            assertThat(names(client.accept())).containsExactly("a:1");
        }

        @Test
        void wildcardWithNothingInIt_isAnsweredSoThatTheClientNeedNotWait() {
            SotwClient client = ads.sotw(AdsFixture.node("envoy"));
            client.subscribe(CLUSTER);
            assertThat(names(client.accept())).isEmpty();
            client.expectNothingSent();
        }

        @Test
        void namedSubset_isSentAndNothingElse() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(CLUSTER, "a:1");
            assertThat(names(client.accept())).containsExactly("a:1");
            ads.store.putCluster("b:1", 2);
            client.expectNothingSent();
        }

        @Test
        void changeOfOneOfANamedSubset_sendsTheWholeSubset() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            ads.store.putCluster("c:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(CLUSTER, "a:1", "b:1");
            client.accept();
            ads.store.putCluster("a:1", 2);
            assertThat(names(client.accept())).containsExactlyInAnyOrder("a:1", "b:1");
        }

        @Test
        void missingNameBesideAnExistingOne_comesWithItWhenItIsCreated() {
            ads.store.putCluster("a:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(CLUSTER, "a:1", "z:1");
            DiscoveryResponse first = client.accept();
            assertThat(names(first)).containsExactly("a:1");
            assertThat(first.getResourceErrors(0).getResourceName().getName()).isEqualTo("z:1");
            ads.store.putCluster("z:1", 1);
            DiscoveryResponse second = client.accept();
            assertThat(names(second)).containsExactlyInAnyOrder("a:1", "z:1");
            assertThat(second.getResourceErrorsList()).isEmpty();
        }

        @Test
        void nameDropped_isNotSentWithLaterChanges() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(CLUSTER, "a:1", "b:1");
            client.accept();
            client.subscribe(CLUSTER, "a:1");
            client.expectNothingSent();
            ads.store.putCluster("a:1", 2);
            assertThat(names(client.accept())).containsExactly("a:1");
        }

        @Test
        void namesGivenUp_areNotTakenForEverything() {
            ads.store.putCluster("a:1", 1);
            for (String nothing : new String[] {null, ""}) {
                SotwClient client = ads.sotw(AdsFixture.node("envoy"));
                client.subscribe(CLUSTER, "a:1");
                client.accept();
                if (nothing == null) {
                    client.subscribe(CLUSTER);
                } else {
                    client.subscribe(CLUSTER, nothing);
                }
                client.expectNothingSent();
                ads.store.putCluster("a:1", 2);
                client.expectNothingSent();
                ads.store.putCluster("a:1", 1);
            }
        }

        @Test
        void emptyFirstRequestOfAGrpcClient_meansNothing() {
            ads.store.putCluster("a:1", 1);
            SotwClient client = ads.sotw(AdsFixture.node("grpc-node"));
            client.subscribe(CLUSTER);
            client.expectNothingSent();
        }

        @Test
        void wildcardAndName_thenTheName_thenNothing() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            SotwClient client = ads.sotw(AdsFixture.node("envoy"));
            client.subscribe(CLUSTER);
            client.accept();
            client.subscribe(CLUSTER, "*", "a:1");
            client.accept(); // a:1 was asked for anew
            ads.store.putCluster("b:1", 2);
            assertThat(names(client.accept())).containsExactlyInAnyOrder("a:1", "b:1");
            client.subscribe(CLUSTER, "a:1");
            client.expectNothingSent();
            ads.store.putCluster("b:1", 3);
            client.expectNothingSent();
            ads.store.putCluster("a:1", 2);
            assertThat(names(client.accept())).containsExactly("a:1");
            client.subscribe(CLUSTER);
            client.expectNothingSent();
            ads.store.putCluster("a:1", 3);
            client.expectNothingSent();
        }

        @Test
        void wildcardThatStays_isNotAnsweredAgain() {
            ads.store.putCluster("a:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(CLUSTER, "*");
            assertThat(names(client.accept())).containsExactly("a:1");
            client.subscribe(CLUSTER, "*");
            client.expectNothingSent();
        }
    }

    @Nested
    class Endpoints {

        @Test
        void namedSubset_isSentAndNothingElse() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1");
            assertThat(names(client.accept())).containsExactly("a:1");
            ads.store.putEndpoints("b:1", 2);
            client.expectNothingSent();
        }

        @Test
        void changeOfOne_sendsThatOneOnly() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1", "b:1");
            DiscoveryResponse first = client.accept();
            assertThat(names(first)).containsExactlyInAnyOrder("a:1", "b:1");
            ads.store.putEndpoints("a:1", 2);
            DiscoveryResponse second = client.accept();
            assertThat(names(second)).containsExactly("a:1");
            assertThat(second.getVersionInfo()).isNotEmpty().isNotEqualTo(first.getVersionInfo());
        }

        @Test
        void missingName_isAnErrorAndDeliveredWhenItIsCreated() {
            ads.store.putEndpoints("a:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1", "z:1");
            DiscoveryResponse first = client.accept();
            assertThat(names(first)).containsExactly("a:1");
            assertThat(first.getResourceErrors(0).getResourceName().getName()).isEqualTo("z:1");
            assertThat(first.getResourceErrors(0).getErrorDetail().getCode()).isEqualTo(Status.Code.NOT_FOUND.value());
            client.expectNothingSent();
            ads.store.putEndpoints("z:1", 1);
            assertThat(names(client.accept())).containsExactly("z:1");
        }

        @Test
        void missingNameOfEnvoy_isAnEmptyAssignmentToo() {
            SotwClient client = ads.sotw(AdsFixture.node("envoy"));
            client.subscribe(ENDPOINTS, "z:1");
            DiscoveryResponse response = client.accept();
            assertThat(names(response)).containsExactly("z:1");
            assertThat(response.getResourceErrorsCount()).isEqualTo(1);
            client.expectNothingSent();
        }

        @Test
        void changeOfAnExistingNameWhileAnotherIsStillMissing_isSent() {
            ads.store.putEndpoints("a:1", 1);
            SotwClient client = ads.sotw(AdsFixture.node("envoy"));
            client.subscribe(ENDPOINTS, "a:1", "z:1");
            client.accept();
            ads.store.putEndpoints("a:1", 2);
            assertThat(names(client.accept())).containsExactly("a:1");
        }

        @Test
        void missingNameThatIsStillMissing_isNotToldAgain() {
            SotwClient client = ads.sotw(AdsFixture.node("envoy"));
            client.subscribe(ENDPOINTS, "z:1");
            client.accept();
            ads.store.announce(ENDPOINTS, "z:1");
            client.expectNothingSent();
        }

        @Test
        void removal_isToldAsAnError() {
            ads.store.putEndpoints("a:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1");
            client.accept();
            ads.store.remove(ENDPOINTS, "a:1");
            DiscoveryResponse response = client.accept();
            assertThat(response.getResourcesList()).isEmpty();
            assertThat(response.getResourceErrorsCount()).isEqualTo(1);
        }

        @Test
        void emptyAssignment_isAResourceAndNotMissing() {
            ads.store.putEndpoints("a:1", 0);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1");
            DiscoveryResponse response = client.accept();
            assertThat(names(response)).containsExactly("a:1");
            assertThat(response.getResourceErrorsList()).isEmpty();
        }

        @Test
        void nameDropped_isNotSentAnyMore() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1", "b:1");
            client.accept();
            client.subscribe(ENDPOINTS, "a:1");
            client.expectNothingSent();
            ads.store.putEndpoints("b:1", 2);
            ads.store.putEndpoints("a:1", 2);
            assertThat(names(client.accept())).containsExactly("a:1");
            client.expectNothingSent();
        }

        @Test
        void emptyList_unsubscribesFromAll() {
            ads.store.putEndpoints("a:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1");
            client.accept();
            client.subscribe(ENDPOINTS);
            client.expectNothingSent();
            ads.store.putEndpoints("a:1", 2);
            client.expectNothingSent();
        }

        @Test
        void emptyFirstRequest_meansNothing() {
            ads.store.putEndpoints("a:1", 1);
            SotwClient client = ads.sotw(AdsFixture.node("envoy"));
            client.subscribe(ENDPOINTS);
            client.expectNothingSent();
        }

        @Test
        void nameAdded_isSentAlone() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1");
            client.accept();
            client.subscribe(ENDPOINTS, "a:1", "b:1");
            assertThat(names(client.accept())).containsExactly("b:1");
        }

        @Test
        void nameDroppedAndAddedAgain_isSentAgainThoughUnchanged() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1", "b:1");
            client.accept();
            client.subscribe(ENDPOINTS, "a:1");
            client.subscribe(ENDPOINTS, "a:1", "b:1");
            assertThat(names(client.accept())).containsExactly("b:1");
        }

        @Test
        void nameGivenTwice_isSentOnce() {
            ads.store.putEndpoints("a:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1", "a:1");
            assertThat(names(client.accept())).containsExactly("a:1");
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
                SotwClient client = chunked.sotw();
                client.subscribe(ENDPOINTS, all);
                int received = 0;
                while (received < all.length) {
                    DiscoveryResponse response = client.accept();
                    assertThat(response.getSerializedSize()).isLessThan(limit + 1024);
                    received += response.getResourcesCount();
                }
                client.expectNothingSent();
            }
        }
    }

    @Nested
    class Answering {

        @Test
        void ack_isNeverAnswered() {
            ads.store.putCluster("a:1", 1);
            ads.store.putEndpoints("a:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(CLUSTER, "a:1");
            client.accept();
            client.subscribe(ENDPOINTS, "a:1");
            client.accept();
            client.expectNothingSent();
        }

        @Test
        void nackOfTheFirstResponse_isNotAnsweredBeforeTheContentChanges() {
            ads.store.putEndpoints("a:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1");
            DiscoveryResponse rejected = client.next();
            client.nack(rejected, "no");
            client.expectNothingSent();
            ads.store.announce(ENDPOINTS, "a:1");
            client.expectNothingSent();
            assertThat(ads.stream().types().get(0).lastNack().nonce()).isEqualTo(rejected.getNonce());
        }

        @Test
        void nack_isNotAnsweredBeforeTheContentChanges() {
            ads.store.putCluster("a:1", 1);
            ads.store.putEndpoints("a:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(CLUSTER, "a:1");
            client.accept();
            client.subscribe(ENDPOINTS, "a:1");
            client.accept();

            ads.store.putCluster("a:1", 2);
            client.nack(client.next(), "no");
            assertThat(names(client.accept())).containsExactly("a:1"); // endpoints, because the cluster was sent
            client.expectNothingSent();
            ads.store.putEndpoints("a:1", 2);
            client.nack(client.next(), "no");
            client.expectNothingSent();
            ads.store.announce(CLUSTER, "a:1");
            ads.store.announce(ENDPOINTS, "a:1");
            client.expectNothingSent();

            ads.store.putEndpoints("a:1", 3);
            assertThat(names(client.accept())).containsExactly("a:1");
        }

        @Test
        void contentRestoredAfterANack_isSent() {
            ads.store.putEndpoints("a:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1");
            DiscoveryResponse good = client.accept();
            ads.store.putEndpoints("a:1", 2);
            client.nack(client.next(), "no");
            ads.store.putEndpoints("a:1", 1);
            assertThat(client.accept().getVersionInfo()).isEqualTo(good.getVersionInfo());
        }

        @Test
        void outdatedNonce_isNotAnsweredAndItsNamesCountWithTheNextAck() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1");
            client.accept();
            ads.store.putEndpoints("a:1", 2);
            DiscoveryResponse second = client.next();
            client.subscribe(ENDPOINTS, "a:1", "b:1"); // with the nonce of the first: was on its way
            ads.store.putEndpoints("a:1", 3);
            await().until(() -> ads.stream().types().get(0).counts().staleNonces() == 1);
            client.expectNothingReceived();
            client.ack(second);
            assertThat(names(client.accept())).containsExactlyInAnyOrder("a:1", "b:1");
            client.expectNothingSent();
        }

        @Test
        void lastNamesWin_whenTheyChangeTwiceWhileAResponseIsOnItsWay() {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1");
            DiscoveryResponse first = client.next();
            client.subscribe(ENDPOINTS, "a:1", "b:1");
            client.subscribe(ENDPOINTS, "a:1");
            client.ack(first);
            client.expectNothingSent();
        }

        @Test
        void reconnectWithOldVersionAndNonce_isAnsweredInFull() {
            ads.store.putCluster("a:1", 1);
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            SotwClient before = ads.sotw();
            before.subscribe(ENDPOINTS, "a:1", "b:1");
            DiscoveryResponse old = before.accept();
            before.halfClose();
            before.awaitEnd();

            SotwClient after = ads.sotw();
            after.send(DiscoveryRequest.newBuilder()
                    .setTypeUrl(ENDPOINTS.typeUrl())
                    .setVersionInfo(old.getVersionInfo())
                    .setResponseNonce(old.getNonce())
                    .addResourceNames("a:1")
                    .addResourceNames("b:1"));
            DiscoveryResponse full = after.next();
            assertThat(names(full)).containsExactly("a:1", "b:1");
            assertThat(full.getVersionInfo()).isEqualTo(old.getVersionInfo());
        }

        @Test
        void clientThatUnsubscribedFromAllAndComesBackWithAnOldNonce_isAnswered() {
            ads.store.putEndpoints("a:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "a:1");
            DiscoveryResponse first = client.accept();
            ads.store.putEndpoints("a:1", 2);
            client.accept();
            client.subscribe(ENDPOINTS);
            client.send(DiscoveryRequest.newBuilder()
                    .setTypeUrl(ENDPOINTS.typeUrl())
                    .setVersionInfo(first.getVersionInfo())
                    .setResponseNonce(first.getNonce())
                    .addResourceNames("a:1"));
            assertThat(names(client.next())).containsExactly("a:1");
        }

        @Test
        void twoTypesOnOneStream_haveVersionsAndNoncesOfTheirOwn() {
            ads.store.putCluster("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            SotwClient client = ads.sotw();
            client.subscribe(ENDPOINTS, "b:1");
            DiscoveryResponse endpoints = client.accept();
            client.subscribe(CLUSTER, "a:1");
            DiscoveryResponse clusters = client.accept();
            assertThat(clusters.getNonce()).isNotEqualTo(endpoints.getNonce());
            assertThat(clusters.getVersionInfo()).isNotEqualTo(endpoints.getVersionInfo());
            ads.store.putCluster("a:1", 2);
            assertThat(client.accept().getTypeUrl()).isEqualTo(CLUSTER.typeUrl());
            client.expectNothingSent();
        }

        @Test
        void sameContentInAnotherReplica_hasTheSameVersion() {
            ads.store.putCluster("a:1", 1);
            ads.store.putCluster("b:1", 1);
            SotwClient here = ads.sotw(AdsFixture.node("envoy"));
            here.subscribe(CLUSTER);
            String version = here.accept().getVersionInfo();
            try (AdsFixture replica = new AdsFixture()) {
                replica.store.putCluster("b:1", 1);
                replica.store.putCluster("a:1", 7);
                SotwClient there = replica.sotw(AdsFixture.node("envoy"));
                there.subscribe(CLUSTER);
                assertThat(there.accept().getVersionInfo()).isNotEqualTo(version);
                replica.store.putCluster("a:1", 1);
                assertThat(there.accept().getVersionInfo()).isEqualTo(version);
            }
        }
    }
}
