/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a client that does not read. In-process, the transport is full as soon as one response is unread. */
class SlowClientTest {
    private static final Duration DEADLINE = AdsSettings.DEFAULT.writeDeadline();

    private AdsFixture ads;
    private SotwClient stalled;

    @BeforeEach
    void stallOnTheFirstResponse() {
        ads = new AdsFixture();
        ads.store.putCluster("a:1", 1);
        ads.store.putEndpoints("a:1", 1);
        stalled = new SotwClient(ads.channel(), AdsFixture.node("xds-lb"), ads, false);
        stalled.subscribe(CLUSTER, "a:1");
        stalled.subscribe(ENDPOINTS, "a:1"); // waits behind the clusters that are not read
        await().until(() -> ads.stream().types().size() == 2);
    }

    @AfterEach
    void stop() {
        ads.close();
    }

    @Test
    void readerThatGoesOn_isSentTheLatestState() {
        for (int revision = 2; revision < 100; revision++) {
            ads.store.putEndpoints("a:1", revision);
        }
        assertThat(ads.stream().types().get(1).counts().responses()).isZero();
        stalled.resumeReading();
        assertThat(stalled.accept().getTypeUrl()).isEqualTo(CLUSTER.typeUrl());
        DiscoveryResponse endpoints = stalled.accept();
        assertThat(SotwClient.names(endpoints)).containsExactly("a:1");
        assertThat(ads.stream().types().get(1).sent()).containsEntry("a:1", ads.store.version(ENDPOINTS, "a:1"));
        stalled.expectNothingSent();
    }

    @Test
    void readerThatGoesOnInTime_staysConnected() {
        ads.advance(DEADLINE.minusSeconds(1));
        stalled.resumeReading();
        stalled.accept();
        stalled.accept();
        ads.advance(DEADLINE);
        stalled.expectNothingSent();
    }

    @Test
    void readerThatDoesNotGoOn_isResetAndForgotten() {
        ads.advance(DEADLINE);
        assertThat(stalled.awaitEnd().getCode()).isEqualTo(Status.Code.CANCELLED); // all that a reset can say
        assertThat(ads.streams.streamCount()).isZero();
        assertThat(ads.streams.index().size()).isZero();
    }

    @Test
    void othersOnTheSameResources_areNotAffected() {
        DeltaClient other = ads.delta();
        other.subscribe(ENDPOINTS, "a:1");
        other.accept();
        for (int revision = 2; revision < 50; revision++) {
            ads.store.putEndpoints("a:1", revision);
            assertThat(other.accept().getResources(0).getVersion()).isEqualTo(ads.store.version(ENDPOINTS, "a:1"));
        }
    }
}
