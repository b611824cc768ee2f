/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.BeanUtils;

/** What is thrown on the way to a client ends at most that client's stream, never in silence. */
class StreamFaultsTest {

    private final AdsFixture ads = new AdsFixture();

    @AfterEach
    void stop() {
        ads.close();
    }

    @ParameterizedTest
    @ValueSource(classes = {StackOverflowError.class, NoClassDefFoundError.class, AssertionError.class})
    void errorOfAStream_closesIt_andIsCounted_andNoOther(Class<? extends Error> type) {
        ads.store.putEndpoints("a:1", 1);
        DeltaClient other = ads.delta();
        other.subscribe(ENDPOINTS, "a:1");
        other.accept();
        ads.store.setThrowing(() -> BeanUtils.instantiateClass(type));
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, "a:1");
        assertThat(client.awaitEnd().getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(ads.faults.boundary("streams").faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.what()).contains(type.getSimpleName()));
        ads.store.setThrowing(null);

        ads.store.putEndpoints("a:1", 2);

        assertThat(DeltaClient.names(other.accept())).containsExactly("a:1");
    }

    @Test
    void whatCannotBeLookedUp_takesNothingFromAClient_andIsToldLater_delta() {
        ads.store.putEndpoints("a:1", 1);
        ads.store.putEndpoints("b:1", 1);
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, "a:1", "b:1");
        client.accept();
        ads.store.setUnknown("a:1");
        ads.store.putEndpoints("a:1", 2);
        ads.store.putEndpoints("b:1", 2);
        assertThat(DeltaClient.names(client.accept())).containsExactly("b:1");

        ads.store.setUnknown(null);
        ads.advance(Duration.ofSeconds(5));

        assertThat(DeltaClient.names(client.accept())).containsExactly("a:1");
    }

    @Test
    void clusterThatCannotBeLookedUp_isNotDeletedByACompleteResponse() {
        ads.store.putCluster("a:1", 1);
        ads.store.putCluster("b:1", 1);
        SotwClient client = ads.sotw();
        client.subscribe(CLUSTER, "a:1", "b:1");
        assertThat(client.accept().getResourcesCount()).isEqualTo(2);
        ads.store.setUnknown("a:1");
        ads.store.putCluster("b:1", 2);
        client.expectNothingSent();

        ads.store.setUnknown(null);
        ads.advance(Duration.ofSeconds(5));

        assertThat(client.accept().getResourcesCount()).isEqualTo(2);
    }

    @Test
    void subscriberThatThrows_keepsNobodyFromHearing() {
        SubscriptionIndex index =
                new SubscriptionIndex(ads.faults.boundary("streams"), System::nanoTime, (nanos, task) -> {});
        StringBuilder heard = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            int number = i;
            index.add(ENDPOINTS, "a:1", (type, key, announcement) -> {
                heard.append(number);
                throw new StackOverflowError();
            });
        }
        index.changed(ENDPOINTS, Map.of("a:1", ResourceStore.Cause.UNKNOWN));

        assertThat(heard).hasSize(10);
    }
}
