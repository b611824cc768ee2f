/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SubscriptionsTest {
    private final AdsFixture ads = new AdsFixture();

    @AfterEach
    void stop() {
        ads.close();
    }

    @Test
    void clustersThatWereSent_areRememberedForTheirEndpoints() {
        assertThat(warmed(false)).containsExactly("a:1");
    }

    /** On a stream of clusters alone they would be remembered until it ends: nobody asks for endpoints there. */
    @Test
    void clustersThatWereSentOnAStreamOfTheirOwn_areNotRemembered() {
        assertThat(warmed(true)).isEmpty();
    }

    /** A client that never asks for endpoints, in a cluster whose services come and go. */
    @Test
    void clustersThatAreGone_areNotRememberedForTheirEndpoints() {
        Subscriptions<DeltaDiscoveryRequest> subscriptions = subscriptions(false);
        Subscription<DeltaDiscoveryRequest> clusters =
                subscriptions.get(Client.of(AdsFixture.node("xds-lb"), ads.store), CLUSTER.typeUrl());
        assertThat(clusters).isNotNull();
        clusters.names.subscribe("lasting:1");
        subscriptions.renewed(CLUSTER, List.of("lasting:1"));
        for (int i = 0; i < 1_000; i++) {
            subscriptions.renewed(CLUSTER, List.of("passing-" + i + ":1"));
        }

        assertThat(subscriptions.unawaited()).isLessThan(100);
        Subscription<DeltaDiscoveryRequest> endpoints =
                subscriptions.get(Client.of(AdsFixture.node("xds-lb"), ads.store), ENDPOINTS.typeUrl());
        assertThat(endpoints).isNotNull();
        assertThat(endpoints.takeWarmed()).contains("lasting:1");
    }

    private Set<String> warmed(boolean ofOneType) {
        Subscriptions<DeltaDiscoveryRequest> subscriptions = subscriptions(ofOneType);
        subscriptions.renewed(CLUSTER, List.of("a:1"));
        Subscription<DeltaDiscoveryRequest> endpoints =
                subscriptions.get(Client.of(AdsFixture.node("xds-lb"), ads.store), ENDPOINTS.typeUrl());
        assertThat(endpoints).isNotNull();
        return endpoints.takeWarmed();
    }

    private Subscriptions<DeltaDiscoveryRequest> subscriptions(boolean ofOneType) {
        StreamContext context = new StreamContext(
                ads.store,
                new ResourceTypes(ads.store.types()),
                ads.streams.index(),
                AdsSettings.DEFAULT,
                Clock.systemUTC(),
                ads.nanos::get,
                (nanos, task) -> {},
                ads.faults.boundary("streams"),
                StreamSignals.NONE,
                ads.streams.shedding(),
                stream -> {});
        return new Subscriptions<>(context, Dialect.DELTA, (type, key, announcement) -> {}, ofOneType);
    }
}
