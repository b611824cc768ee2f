/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.HOSTS;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ROUTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.service.route.v3.RouteDiscoveryServiceGrpc;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Hosts that come apart from their routes. What Envoy does here is what 1.37 to 1.40 were seen to do: it asks for all hosts once,
 * after it got its first routes; hosts of routes that it does not have it puts aside, and says later that it has them.
 */
class PartsTest {
    private AdsFixture ads;

    @BeforeEach
    void start() {
        ads = new AdsFixture();
        ads.store.putRoutes("g/e:80", 1);
        ads.store.putHost("g/e:80/a", 1);
        ads.store.putHost("g/e:80/b", 1);
        ads.store.putRoutes("g/e:443/tls", 1);
        ads.store.putHost("g/e:443/tls/c", 1);
    }

    @AfterEach
    void stop() {
        ads.close();
    }

    @Test
    void hosts_areThoseOfTheRoutesThatTheClientHas() {
        DeltaClient envoy = ads.delta(AdsFixture.envoy(40));
        envoy.subscribe(ROUTES, "g/e:80");
        DeltaDiscoveryResponse routes = envoy.accept();
        assertThat(routes.getResources(0).getVersion()).isEqualTo(ads.store.versionApart("g/e:80"));
        envoy.subscribe(HOSTS);

        assertThat(DeltaClient.names(envoy.accept())).containsExactly("g/e:80/a", "g/e:80/b");
        envoy.expectNothingSent();
    }

    @Test
    void changeOfAHost_isThatHostAlone() {
        DeltaClient envoy = served("g/e:80");

        ads.store.putHost("g/e:80/b", 2);
        ads.store.putRoutes("g/e:80", 2); // as they are for others
        assertHosts(envoy.accept(), "g/e:80/b");
        ads.store.putHost("g/e:80/new", 1);
        assertHosts(envoy.accept(), "g/e:80/new");
        ads.store.remove(HOSTS, "g/e:80/a");
        assertThat(envoy.accept().getRemovedResourcesList()).containsExactly("g/e:80/a");
        ads.store.putHost("g/e:443/tls/d", 1); // of other routes
        envoy.expectNothingSent();
        ads.store.putHost("g/e:80/a", 1);
        assertHosts(envoy.accept(), "g/e:80/a");
    }

    @Test
    void routesThatComeLater_areFollowedByTheirHosts_whichNobodyAsksFor() {
        DeltaClient envoy = served("g/e:80");

        envoy.subscribe(ROUTES, "g/e:443/tls");
        assertThat(envoy.accept().getTypeUrl()).isEqualTo(ROUTES.typeUrl());
        assertHosts(envoy.accept(), "g/e:443/tls/c");
        envoy.expectNothingSent();
    }

    @Test
    void routesThatAreAskedForAgain_areFollowedByTheirHostsAgain_andNoOthers() {
        DeltaClient envoy = served("g/e:80", "g/e:443/tls");

        envoy.subscribe(ROUTES, "g/e:80");
        assertThat(DeltaClient.names(envoy.accept())).containsExactly("g/e:80");
        assertHosts(envoy.accept(), "g/e:80/a", "g/e:80/b");
        envoy.expectNothingSent();
    }

    @Test
    void hostsOfRoutesThatAreNotWantedAnyMore_areGone() {
        DeltaClient envoy = served("g/e:80", "g/e:443/tls");

        envoy.unsubscribe(ROUTES, "g/e:443/tls");
        assertThat(removedOfHosts(envoy)).containsExactly("g/e:443/tls/c");
        envoy.subscribe(ROUTES, "g/e:443/tls");
        assertThat(DeltaClient.names(envoy.accept())).containsExactly("g/e:443/tls");
        assertHosts(envoy.accept(), "g/e:443/tls/c");
    }

    @Test
    void hostsOfRoutesThatDoNotExistAnyMore_stay_untilTheClientHasDrained() {
        DeltaClient envoy = served("g/e:80", "g/e:443/tls");

        ads.store.remove(ROUTES, "g/e:443/tls");
        ads.store.setGone(ROUTES, "g/e:443/tls@apart");
        ads.store.announce(ROUTES, "g/e:443/tls");
        assertThat(envoy.accept().getRemovedResourcesList()).containsExactly("g/e:443/tls");
        ads.store.remove(HOSTS, "g/e:443/tls/c");
        envoy.expectNothingSent();
        envoy.unsubscribe(ROUTES, "g/e:443/tls");
        assertThat(removedOfHosts(envoy)).containsExactly("g/e:443/tls/c");
    }

    @Test
    void clientThatComesBack_isToldWhatIsOther_andWhatIsGone() {
        DeltaClient envoy = ads.delta(AdsFixture.envoy(40));
        ads.store.putHost("g/e:80/b", 2);
        envoy.resume(ROUTES, Map.of("g/e:80", ads.store.versionApart("g/e:80")), "g/e:80");
        envoy.resume(
                HOSTS,
                Map.of(
                        "g/e:80/a",
                        ads.store.version(HOSTS, "g/e:80/a"),
                        "g/e:80/b",
                        "an older one",
                        "g/e:80/gone",
                        "any",
                        "g/e:443/tls/c",
                        ads.store.version(HOSTS, "g/e:443/tls/c"))); // it has no such routes

        DeltaDiscoveryResponse hosts = envoy.accept();
        assertHosts(hosts, "g/e:80/b");
        assertThat(hosts.getRemovedResourcesList()).containsExactlyInAnyOrder("g/e:80/gone", "g/e:443/tls/c");
        envoy.expectNothingSent();
    }

    @Test
    void clientThatComesBackWithEverything_isToldNothing() {
        DeltaClient envoy = ads.delta(AdsFixture.envoy(40));
        envoy.resume(ROUTES, Map.of("g/e:80", ads.store.versionApart("g/e:80")), "g/e:80");
        envoy.resume(
                HOSTS,
                Map.of(
                        "g/e:80/a", ads.store.version(HOSTS, "g/e:80/a"),
                        "g/e:80/b", ads.store.version(HOSTS, "g/e:80/b")));
        envoy.expectNothingSent();
    }

    /** It may have been cut off between the routes and the hosts, and has the latter from when it had the routes before. */
    @Test
    void hostsThatAreHeld_areSentAgain_whereTheirRoutesWereSentBeforeTheyWereAskedFor() {
        DeltaClient envoy = ads.delta(AdsFixture.envoy(40));
        envoy.subscribe(ROUTES, "g/e:80");
        envoy.accept();
        envoy.resume(
                HOSTS,
                Map.of(
                        "g/e:80/a", ads.store.version(HOSTS, "g/e:80/a"),
                        "g/e:80/b", ads.store.version(HOSTS, "g/e:80/b")));

        assertHosts(envoy.accept(), "g/e:80/a", "g/e:80/b");
    }

    /** Told that the hosts come apart, Envoy answers 404 until they have come. */
    @Test
    void clientThatHoldsRoutesWhole_keepsToThem() {
        DeltaClient envoy = ads.delta(AdsFixture.envoy(40));
        envoy.resume(ROUTES, Map.of("g/e:80", ads.store.version(ROUTES, "g/e:80")), "g/e:80");
        envoy.expectNothingSent();

        ads.store.putRoutes("g/e:80", 2);
        DeltaDiscoveryResponse routes = envoy.accept();
        assertThat(routes.getTypeUrl()).isEqualTo(ROUTES.typeUrl());
        assertThat(routes.getResources(0).getVersion()).isEqualTo(ads.store.version(ROUTES, "g/e:80"));
        envoy.subscribe(ROUTES, "g/e:443/tls");
        assertThat(envoy.accept().getResources(0).getVersion()).isEqualTo(ads.store.version(ROUTES, "g/e:443/tls"));
    }

    @Test
    void clientThatHoldsAnOlderWhole_isGivenTheWhole() {
        DeltaClient envoy = ads.delta(AdsFixture.envoy(40));
        envoy.resume(ROUTES, Map.of("g/e:80", "an older one"), "g/e:80");

        assertThat(envoy.accept().getResources(0).getVersion()).isEqualTo(ads.store.version(ROUTES, "g/e:80"));
        envoy.expectNothingSent();
    }

    /** It may be whole, which nobody can see yet. */
    @Test
    void clientThatHoldsRoutesThatAreWithheld_isGivenTheWholeAfterwards() {
        ads.store.setWithheld("g/e:80");
        DeltaClient envoy = ads.delta(AdsFixture.envoy(40));
        envoy.resume(ROUTES, Map.of("g/e:80", "an older one"), "g/e:80");
        envoy.expectNothingSent();

        ads.store.setWithheld(null);
        ads.store.announce(ROUTES, "g/e:80");

        assertThat(envoy.accept().getResources(0).getVersion()).isEqualTo(ads.store.version(ROUTES, "g/e:80"));
    }

    /** Envoy may go on by the hosts that it has from before, and would find none. */
    @Test
    void hostsOfAClientThatIsGivenTheWhole_areNotTakenFromIt() {
        DeltaClient envoy = ads.delta(AdsFixture.envoy(40));
        envoy.resume(ROUTES, Map.of("g/e:80", "an older one"), "g/e:80");
        assertThat(envoy.accept().getResources(0).getVersion()).isEqualTo(ads.store.version(ROUTES, "g/e:80"));

        envoy.resume(
                HOSTS,
                Map.of(
                        "g/e:80/a", ads.store.version(HOSTS, "g/e:80/a"),
                        "g/e:80/b", ads.store.version(HOSTS, "g/e:80/b")));
        envoy.expectNothingSent();
    }

    @Test
    void clientThatRefusesRoutesWithoutHosts_isGivenTheWhole() {
        DeltaClient envoy = ads.delta(AdsFixture.envoy(40));
        envoy.subscribe(ROUTES, "g/e:80");
        envoy.nack(envoy.next(), "vhds: no ADS configured in bootstrap");

        assertThat(envoy.accept().getResources(0).getVersion()).isEqualTo(ads.store.version(ROUTES, "g/e:80"));
        ads.store.putHost("g/e:80/a", 2);
        envoy.expectNothingSent();
    }

    @Test
    void olderEnvoy_anotherClient_andAStreamForRoutesAlone_areGivenWholes() {
        for (DeltaClient client : new DeltaClient[] {
            ads.delta(AdsFixture.envoy(36)), ads.delta(AdsFixture.node("envoy")), ads.delta(AdsFixture.node("xds-lb"))
        }) {
            client.subscribe(ROUTES, "g/e:80");
            assertThat(client.accept().getResources(0).getVersion()).isEqualTo(ads.store.version(ROUTES, "g/e:80"));
        }
        SotwClient sotw = ads.sotw(AdsFixture.envoy(40));
        sotw.subscribe(ROUTES, "g/e:80");
        DiscoveryResponse whole = sotw.accept();
        assertThat(whole.getResources(0).toString()).contains("r1");

        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> alone =
                new TestStream<>(ads.channel(), RouteDiscoveryServiceGrpc.getDeltaRoutesMethod(), true);
        alone.send(DeltaClient.request(ROUTES)
                .setNode(AdsFixture.envoy(40))
                .addResourceNamesSubscribe("g/e:80")
                .build());
        assertThat(alone.next().getResources(0).getVersion()).isEqualTo(ads.store.version(ROUTES, "g/e:80"));
    }

    @Test
    void hostThatIsRefused_doesNotKeepOthersFromComing() {
        DeltaClient envoy = served("g/e:80");

        ads.store.set(HOSTS, "g/e:80/a", host(2));
        ads.store.set(HOSTS, "g/e:80/b", host(2));
        ads.store.announce(HOSTS, "g/e:80/a", "g/e:80/b");
        DeltaDiscoveryResponse both = envoy.next();
        assertHosts(both, "g/e:80/a", "g/e:80/b");
        envoy.nack(both, "a is bad");
        DeltaDiscoveryResponse bad = envoy.next();
        assertHosts(bad, "g/e:80/a");
        envoy.nack(bad, "a is bad");
        assertHosts(envoy.accept(), "g/e:80/b");
        envoy.expectNothingSent();
    }

    @Test
    void manyHosts_comeInResponsesOfALimitedSize() {
        ads.close();
        ads = new AdsFixture(AdsSettings.DEFAULT.withMaxPushBytes(10_000));
        ads.store.putRoutes("g/e:80", 1);
        for (int host = 0; host < 1_000; host++) {
            ads.store.putHost("g/e:80/h" + host, 1);
        }
        DeltaClient envoy = ads.delta(AdsFixture.envoy(40));
        envoy.subscribe(ROUTES, "g/e:80");
        envoy.accept();
        envoy.subscribe(HOSTS);
        int hosts = 0;
        while (hosts < 1_000) {
            DeltaDiscoveryResponse part = envoy.accept();
            assertThat(part.getSerializedSize()).isLessThan(11_000);
            hosts += part.getResourcesCount();
        }
        envoy.expectNothingSent();
    }

    /** Returns an Envoy that has these routes, and their hosts. */
    private DeltaClient served(String... routes) {
        DeltaClient envoy = ads.delta(AdsFixture.envoy(40));
        envoy.subscribe(ROUTES, routes);
        envoy.accept();
        envoy.subscribe(HOSTS);
        envoy.accept();
        envoy.expectNothingSent();
        return envoy;
    }

    private static Iterable<String> removedOfHosts(DeltaClient envoy) {
        DeltaDiscoveryResponse response = envoy.accept();
        while (!response.getTypeUrl().equals(HOSTS.typeUrl())) {
            response = envoy.accept();
        }
        assertThat(response.getResourcesList()).isEmpty();
        return response.getRemovedResourcesList();
    }

    private static void assertHosts(DeltaDiscoveryResponse response, String... names) {
        assertThat(response.getTypeUrl()).isEqualTo(HOSTS.typeUrl());
        assertThat(response.getResourcesList()).extracting(Resource::getName).containsExactlyInAnyOrder(names);
    }

    private static VirtualHost host(int revision) {
        return VirtualHost.newBuilder().addDomains("r" + revision).build();
    }
}
