/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** However much clients ask for, what is shown of them at once is bounded. */
class StreamPageTest {
    private final AdsFixture ads = new AdsFixture(AdsSettings.DEFAULT.withRates(0, 0));

    @AfterEach
    void stop() {
        ads.close();
    }

    @Test
    void streamOfManyNames_isShownInPart_andHowManyThereAreIsSaid() {
        subscribe("many", 1_500);

        StreamView.TypeView type = ads.stream().types().get(0);
        assertThat(type.names()).isEqualTo(1_500);
        assertThat(type.subscribed()).hasSize(1_000).isSorted();
        assertThat(type.sent()).hasSize(1_000);
    }

    @Test
    void streamsOfManyNames_areFewerOnAPage_andAllOnSeveral() {
        for (int i = 0; i < 35; i++) {
            subscribe("client-" + i, 700);
        }

        StreamPage first = ads.streams.page(null, 0, 1_000);
        assertThat(first.total()).isEqualTo(35);
        assertThat(first.streams()).hasSize(20);
        int seen = first.streams().size();
        StreamPage page = first;
        while (page.next() != 0) {
            page = ads.streams.page(null, page.next(), 1_000);
            assertThat(page.streams()).isNotEmpty();
            seen += page.streams().size();
        }
        assertThat(seen).isEqualTo(35);
    }

    private void subscribe(String id, int names) {
        String[] all =
                IntStream.range(0, names).mapToObj(i -> "name-" + i + ":1").toArray(String[]::new);
        for (int i = 0; i < names && id.equals("many"); i++) {
            ads.store.putEndpoints(all[i], 1);
        }
        DeltaClient client =
                ads.delta(AdsFixture.node("xds-lb").toBuilder().setId(id).build());
        client.subscribe(ENDPOINTS, all);
        DeltaDiscoveryResponse response = client.accept();
        assertThat(response.getResourcesCount() + response.getRemovedResourcesCount())
                .isEqualTo(names);
    }
}
