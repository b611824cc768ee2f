/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.cluster.EndpointSource.Place;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.xds.LogRecorder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnPlaceTest {
    private static final String WEB = "web.shop:8080";

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final LogRecorder log = new LogRecorder("dev.xdslb.cluster");

    @AfterEach
    void stop() {
        log.close();
    }

    @Test
    void zoneAndServiceThatAreGiven_needNobodyToBeAsked() {
        OwnPlace place = place("a", WEB);

        assertThat(source.place()).isNull();
        assertThat(place.zone()).isEqualTo("a");
        assertThat(place.isZoneGiven()).isTrue();
        assertThat(place.clientShare("a")).isNaN();
        source.publish(WEB, ready(1, "a"), ready(2, "b"));
        assertThat(place.clientShare("a")).isEqualTo(0.5);
        assertThat(log.lines).isEmpty();
    }

    @Test
    void readyEndpointsOfTheOwnService_areTheClients() {
        OwnPlace place = place("a", WEB);
        source.publish(
                WEB,
                ready(1, "a"),
                endpoint(2, "a", EndpointHealth.UNHEALTHY),
                endpoint(3, "b", EndpointHealth.DRAINING),
                ready(4, "b"),
                ready(5, "b"),
                ready(6, "b"));

        assertThat(place.clientShare("a")).isEqualTo(0.25);
        assertThat(place.clientShare("b")).isEqualTo(0.75);
        assertThat(place.clientShare("c")).isZero();
    }

    @Test
    void thisProcess_countsInItsZoneBeforeItIsReady() {
        OwnPlace place = place("a", WEB);
        source.publish(WEB, ready(1, "b"), ready(2, "b"), ready(3, "b"));

        assertThat(place.clientShare("a")).isEqualTo(0.25);
    }

    @Test
    void sourceThatCannotBeAsked_isAskedAgain() {
        boolean[] failing = {true};
        int[] asked = {0};
        EndpointSource flaky = new EndpointSource() {
            @Override
            public Subscription subscribe(String resource, Watcher watcher) {
                asked[0]++;
                failWhile(failing);
                return source.subscribe(resource, watcher);
            }

            @Override
            public void locate(PlaceWatcher watcher) {
                failWhile(failing);
                source.locate(watcher);
            }

            @Override
            public String description() {
                return source.description();
            }

            @Override
            public void close() {}
        };
        Faults faults = new Faults();
        OwnPlace place = new OwnPlace(flaky, "", "", faults);
        OwnPlace given = new OwnPlace(flaky, "a", WEB, faults);
        place.start();
        given.start();
        assertThat(faults.faults()).isNotEmpty();

        failing[0] = false;
        for (int i = 0; i < 10; i++) { // five seconds
            place.slowTick();
            given.slowTick();
        }

        assertThat(source.place()).isNotNull();
        source.publish(WEB, ready(1, "a"), ready(2, "b"));
        assertThat(given.clientShare("a")).isEqualTo(0.5);
        for (int i = 0; i < 100; i++) {
            given.slowTick();
        }
        assertThat(asked[0]).as("once more, and then no more").isEqualTo(2);
    }

    private static void failWhile(boolean[] failing) {
        if (failing[0]) {
            throw new IllegalStateException("full");
        }
    }

    @Test
    void clientsInNoKnownZone_countNowhere() {
        OwnPlace place = place("a", WEB);
        source.publish(WEB, ready(1, ""), ready(2, ""));
        assertThat(place.clientShare("a")).isNaN();

        source.publish(WEB, ready(1, ""), ready(2, "a"));
        assertThat(place.clientShare("a")).isEqualTo(1);
    }

    @Test
    void nothingGiven_isAskedFor_andUntilThenZonesAreNotKnown() {
        OwnPlace place = place("", "");
        assertThat(place.zone()).isEmpty();
        assertThat(place.isZoneGiven()).isFalse();

        source.place().onPlace(new Place(Locality.ofZone("b"), List.of(WEB), Map.of()));
        source.publish(WEB, ready(1, "a"), ready(2, "b"), ready(3, "b"));

        assertThat(place.zone()).isEqualTo("b");
        assertThat(place.clientShare("a")).isCloseTo(1 / 3.0, within());
        assertThat(log.lines).containsExactly("INFO this process is in zone b, says control plane fake:18000");
    }

    @Test
    void zoneThatIsGiven_winsOverTheAnswer() {
        OwnPlace place = place("a", "");
        source.place().onPlace(new Place(Locality.ofZone("b"), List.of(WEB), Map.of()));
        source.publish(WEB, ready(1, "a"), ready(2, "b"));

        assertThat(place.zone()).isEqualTo("a");
        assertThat(place.clientShare("b")).as("the service is taken").isEqualTo(0.5);
    }

    @Test
    void serviceThatIsGiven_winsOverTheAnswer() {
        OwnPlace place = place("", "mine.shop");
        source.place().onPlace(new Place(Locality.ofZone("b"), List.of(WEB), Map.of()));
        source.publish("mine.shop", ready(1, "b"));

        assertThat(source.watcher(WEB)).isNull();
        assertThat(place.zone()).isEqualTo("b");
        assertThat(place.clientShare("b")).isEqualTo(1);
    }

    @Test
    void severalServices_theFirstIsTaken_andSaid() {
        place("", "");
        source.place().onPlace(new Place(Locality.ofZone("b"), List.of("all.shop:80", WEB), Map.of()));

        assertThat(source.watcher("all.shop:80")).isNotNull();
        assertThat(source.watcher(WEB)).isNull();
        assertThat(log.lines)
                .anySatisfy(
                        line -> assertThat(line).contains("[all.shop:80, web.shop:8080]", "the pods of all.shop:80"));
    }

    @Test
    void otherService_isFollowed_andWhatWasCountedStandsInUntilItAnswers() {
        OwnPlace place = place("", "");
        source.place().onPlace(new Place(Locality.ofZone("b"), List.of(WEB), Map.of()));
        source.publish(WEB, ready(1, "b"));

        source.place().onPlace(new Place(Locality.ofZone("b"), List.of("web2.shop:8080"), Map.of()));
        assertThat(source.closed()).containsExactly(WEB);
        assertThat(place.clientShare("b")).isEqualTo(1);

        source.publish("web2.shop:8080", ready(1, "a"), ready(2, "b"));
        assertThat(place.clientShare("b")).isEqualTo(0.5);
    }

    @Test
    void answerOfAServiceThatIsFollowedNoLonger_comesTooLate() {
        OwnPlace place = place("", "");
        source.place().onPlace(new Place(Locality.ofZone("b"), List.of(WEB), Map.of()));
        EndpointSource.Watcher late = source.watcher(WEB);
        source.place().onPlace(new Place(Locality.ofZone("b"), List.of(), Map.of()));

        late.onAbsent("gone");

        assertThat(place.clientShare("b")).isNaN();
        assertThat(log.lines).last().asString().contains("no Service has this pod among its endpoints");
    }

    @Test
    void whatWasKnown_staysInUseWhenTheSourceKnowsNoLonger() {
        OwnPlace place = place("", "");
        source.place().onPlace(new Place(Locality.ofZone("b"), List.of(WEB), Map.of()));
        source.publish(WEB, ready(1, "b"));
        source.place().onUnknown("no Pod");

        assertThat(place.zone()).isEqualTo("b");
        assertThat(place.clientShare("b")).isEqualTo(1);
        assertThat(log.lines).hasSize(1);
    }

    @Test
    void unknownZone_isSaidOnce_withTheReasonAndTheProperty() {
        place("", "");
        source.place().onUnknown("no Pod");
        source.place().onUnknown("nobody there");

        assertThat(log.lines).singleElement().asString().startsWith("INFO the zone of this process is not known");
        assertThat(log.lines.get(0)).contains("xds-lb.zone", "(no Pod)");
    }

    @Test
    void zoneWithoutKnownShares_isSaidOnce_withWhatIsAssumed() {
        place("a", "");
        source.place().onUnknown("no Pod");
        source.place().onPlace(new Place(Locality.ofZone("a"), List.of(), Map.of()));

        assertThat(log.lines).singleElement().asString().startsWith("INFO this process is in zone a");
        assertThat(log.lines.get(0)).contains("evenly", "xds-lb.own-service", "(no Pod)");
    }

    @Test
    void ownServiceThatDoesNotExist_isSaid_andAgainWhenItIsLost() {
        OwnPlace place = place("a", "wbe.shop");
        source.watcher("wbe.shop").onAbsent("no Service \"wbe\"");
        source.watcher("wbe.shop").onAbsent("no Service \"wbe\", again");
        assertThat(log.lines).singleElement().asString().contains("(no Service \"wbe\")");

        source.publish("wbe.shop", ready(1, "a"));
        source.watcher("wbe.shop").onAbsent("deleted");

        assertThat(log.lines).hasSize(2).last().asString().contains("(deleted)");
        assertThat(place.clientShare("a")).isNaN();
    }

    @Test
    void countsOfThePlace_areTheClients_andNobodyAsksForTheirEndpoints() {
        OwnPlace place = place("", "");
        announce(List.of(WEB), Map.of("a", 1, "b", 3, "", 7));

        assertThat(place.clientShare("a")).isEqualTo(0.25);
        assertThat(place.clientShare("b")).isEqualTo(0.75);
        announce(List.of(WEB), Map.of("a", 1, "b", 1));
        assertThat(place.clientShare("a")).as("live").isEqualTo(0.5);
        assertThat(source.watcher(WEB)).isNull();
    }

    @Test
    void rollOutOfManyClients_asksForNoEndpointsOfTheirOwnService() {
        List<FakeEndpointSource> sources = new ArrayList<>();
        for (int client = 0; client < 200; client++) {
            FakeEndpointSource own = new FakeEndpointSource();
            sources.add(own);
            new OwnPlace(own, "", client % 2 == 0 ? "" : "web.shop", new Faults()).start();
            for (int ready = 0; ready < 200; ready++) { // zero is a count, too
                own.place().onPlace(new Place(Locality.ofZone("a"), List.of(WEB), Map.of("a", ready, "b", ready / 2)));
            }
        }
        assertThat(sources).allSatisfy(own -> {
            assertThat(own.watcher(WEB)).isNull();
            assertThat(own.watcher("web.shop")).isNull();
        });
    }

    @Test
    void noneReady_afterTheSourceHasCounted_isNoReasonToAskForTheEndpoints() {
        OwnPlace place = place("", "");
        announce(List.of(WEB), Map.of("b", 1));
        announce(List.of(WEB), Map.of());

        assertThat(source.watcher(WEB)).isNull();
        assertThat(place.clientShare("b")).isNaN();
    }

    @Test
    void sourceThatDoesNotCount_isAskedForTheEndpoints_untilOneCounts() {
        OwnPlace place = place("", "");
        announce(List.of(WEB), Map.of());
        source.publish(WEB, ready(1, "a"), ready(2, "b"));
        assertThat(place.clientShare("a")).isEqualTo(0.5);

        announce(List.of(WEB), Map.of("a", 1, "b", 3));

        assertThat(source.closed()).containsExactly(WEB);
        assertThat(place.clientShare("a")).isEqualTo(0.25);
        source.publish(WEB, ready(1, "a")); // too late
        assertThat(place.clientShare("a")).isEqualTo(0.25);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "web.shop:8080",
                "web.shop",
                "web.shop:http",
                "web.shop.svc.cluster.local:80",
                "web.shop?protocol=grpc"
            })
    void serviceThatIsGiven_andIsTheOneThatIsCounted_needsNoEndpoints(String name) {
        OwnPlace place = place("", name);
        announce(List.of(WEB, "other.shop:80"), Map.of("a", 1, "b", 3));

        assertThat(source.watcher(name)).isNull();
        assertThat(place.clientShare("a")).isEqualTo(0.25);
    }

    @Test
    void serviceThatIsGiven_andIsAnother_isAskedForItsEndpoints() {
        OwnPlace place = place("", "web.shop2:8080");
        announce(List.of(WEB), Map.of("b", 9));
        source.publish("web.shop2:8080", ready(1, "a"), ready(2, "b"));

        assertThat(place.clientShare("a")).isEqualTo(0.5);
    }

    @Test
    void serviceThatIsGiven_isAskedForWhereThePlaceIsNotKnown() {
        OwnPlace place = place("", "web.shop");
        source.place().onUnknown("not served here");
        source.publish("web.shop", ready(1, "a"), ready(2, "b"));

        assertThat(place.clientShare("a")).isEqualTo(0.5);
    }

    @Test
    void fingerprint_changesWithTheZoneAndWithTheShares() {
        OwnPlace place = place("", "");
        int blind = place.fingerprint();
        source.place().onPlace(new Place(Locality.ofZone("b"), List.of(WEB), Map.of()));
        int inZone = place.fingerprint();
        source.publish(WEB, ready(1, "a"), ready(2, "b"));
        int shared = place.fingerprint();
        source.publish(WEB, ready(7, "a"), ready(8, "b"));

        assertThat(inZone).isNotEqualTo(blind);
        assertThat(shared).isNotEqualTo(inZone);
        assertThat(place.fingerprint()).as("other pods, equal shares").isEqualTo(shared);
    }

    private void announce(List<String> services, Map<String, Integer> clientsByZone) {
        source.place().onPlace(new Place(Locality.ofZone("b"), services, clientsByZone));
    }

    private static Offset<Double> within() {
        return Offset.offset(1e-12);
    }

    private OwnPlace place(String zone, String service) {
        OwnPlace place = new OwnPlace(source, zone, service, new Faults());
        place.start();
        return place;
    }

    private static Endpoint ready(int number, String zone) {
        return endpoint(number, zone, EndpointHealth.HEALTHY);
    }

    private static Endpoint endpoint(int number, String zone, EndpointHealth health) {
        return Endpoint.builder("10.0.0." + number, 8080)
                .locality(Locality.ofZone(zone))
                .health(health)
                .build();
    }
}
