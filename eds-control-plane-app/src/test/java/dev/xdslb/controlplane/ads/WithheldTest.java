/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is not known yet is said to nobody, neither as something nor as nothing. */
class WithheldTest {
    private AdsFixture ads;

    @BeforeEach
    void start() {
        ads = new AdsFixture();
        ads.store.putCluster("a:1", 1);
        ads.store.putCluster("b:1", 1);
    }

    @AfterEach
    void stop() {
        ads.close();
    }

    @Test
    void wildcardThatIsNotKnown_isNotAnswered_untilItIs() {
        ads.store.setWildcardWithheld(true);
        DeltaClient delta = ads.delta(AdsFixture.node("envoy"));
        delta.subscribe(CLUSTER, "*");
        SotwClient sotw = ads.sotw(AdsFixture.node("envoy"));
        sotw.subscribe(CLUSTER);
        delta.expectNothingSent();
        sotw.expectNothingSent();

        ads.store.setWildcardWithheld(false);
        ads.advance(Duration.ofSeconds(5));

        assertThat(DeltaClient.names(delta.accept())).containsExactlyInAnyOrder("a:1", "b:1");
        assertThat(SotwClient.names(sotw.accept())).containsExactlyInAnyOrder("a:1", "b:1");
    }

    @Test
    void clientThatComesBack_isToldOfNothingThatIsGone_whileTheWildcardIsNotKnown() {
        ads.store.setWildcardWithheld(true);
        DeltaClient client = ads.delta(AdsFixture.node("envoy"));
        client.resume(CLUSTER, Map.of("a:1", ads.store.version(CLUSTER, "a:1"), "gone:1", "1"), "*");
        client.expectNothingSent();

        ads.store.setWildcardWithheld(false);
        ads.store.announce(CLUSTER, "a:1"); // as soon as it is known
        var response = client.accept();

        assertThat(DeltaClient.names(response)).contains("b:1");
        assertThat(response.getRemovedResourcesList()).containsExactly("gone:1");
    }

    @Test
    void wildcardThatIsNotKnownAnyMore_leavesWhatWasSaid() {
        DeltaClient client = ads.delta(AdsFixture.node("envoy"));
        client.subscribe(CLUSTER, "*");
        client.accept();
        ads.store.setWildcardWithheld(true);
        ads.store.remove(CLUSTER, "b:1");
        client.expectNothingSent();

        ads.store.setWildcardWithheld(false);
        ads.advance(Duration.ofSeconds(5));
        assertThat(client.accept().getRemovedResourcesList()).containsExactly("b:1");
    }

    @Test
    void nameThatIsWithheld_keepsACompleteResponseFromWhoMayHaveIt() {
        ads.store.setWithheld("b:1");
        SotwClient back = ads.sotw(AdsFixture.node("envoy"));
        back.send(back.request(CLUSTER).setVersionInfo("of an earlier stream"));
        SotwClient fresh = ads.sotw(AdsFixture.node("envoy"));
        fresh.subscribe(CLUSTER);

        assertThat(SotwClient.names(fresh.accept())).containsExactly("a:1");
        back.expectNothingSent();

        ads.store.setWithheld(null);
        ads.advance(Duration.ofSeconds(5));
        assertThat(SotwClient.names(back.next())).containsExactlyInAnyOrder("a:1", "b:1");
        assertThat(SotwClient.names(fresh.accept())).containsExactlyInAnyOrder("a:1", "b:1");
    }

    @Test
    void nameThatIsWithheld_isNotInADelta_andNotRemoved() {
        ads.store.setWithheld("b:1");
        DeltaClient client = ads.delta(AdsFixture.node("envoy"));
        client.resume(CLUSTER, Map.of("b:1", "0"), "*");
        var response = client.accept();

        assertThat(DeltaClient.names(response)).containsExactly("a:1");
        assertThat(response.getRemovedResourcesList()).isEmpty();
    }
}
