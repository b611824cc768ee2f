/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.policy.Routing.Why;
import dev.xdslb.policy.Routing.ZoneShares;
import dev.xdslb.policy.ZoneSettings.Affinity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class GroupingTest {
    /** Before anything was measured. */
    private static final double PROBE_SHARE = 0.05;

    private static final int ROUTES = 100_000;

    private final RandomGenerator random = Randoms.seeded();
    private final List<Member> members = new ArrayList<>();
    private final Map<String, Double> clientShares = new HashMap<>();
    private String ownZone = "a";
    private Routing lastRouting = new Routing(0, 1, Why.ONE_ZONE, null);

    @Test
    void ownZoneWithEnoughRoom_keepsAllButTheProbes() {
        clientShares.putAll(Map.of("a", 1.0 / 3, "b", 1.0 / 3, "c", 1.0 / 3));
        pods("a", 4, 0);
        pods("b", 4, 0);
        pods("c", 4, 0);

        assertThat(shareByZone(ZoneSettings.DEFAULT)).containsEntry("a", 1 - PROBE_SHARE);
    }

    @Test
    void lackOfCapacity_goesToZonesWithRoom_inProportionToIt() {
        // the mismatched zones of Envoy's residual test: 37.5% stay, the rest goes by 20.83 : 20.83 : 12.5
        clientShares.putAll(Map.of("a", 2 / 6.0, "b", 2 / 6.0, "c", 1 / 6.0, "d", 1 / 6.0, "e", 0.0));
        pods("a", 1, 0);
        pods("c", 3, 0);
        pods("d", 3, 0);
        pods("e", 1, 0);

        Map<String, Double> shares = shareByZone(ZoneSettings.DEFAULT);

        assertThat(shares.get("a")).isCloseTo(0.375 * (1 - PROBE_SHARE), within(0.002));
        double probes = 0.375 * PROBE_SHARE / 7; // by weight
        assertThat(shares.get("c")).isCloseTo(0.625 * 20.83 / 54.16 + 3 * probes, within(0.006));
        assertThat(shares.get("d")).isCloseTo(0.625 * 20.83 / 54.16 + 3 * probes, within(0.006));
        assertThat(shares.get("e")).isCloseTo(0.625 * 12.5 / 54.16 + probes, within(0.006));
    }

    @Test
    void twoOfAHundredReady_isNotAllHealthy() {
        clientShares.putAll(Map.of("a", 1.0 / 3, "b", 1.0 / 3, "c", 1.0 / 3));
        pods("a", 2, 98);
        pods("b", 100, 0);
        pods("c", 100, 0);

        assertThat(shareByZone(ZoneSettings.DEFAULT).get("a")).isLessThan(0.04);
    }

    @Test
    void unknownClientShares_areTakenToBeEven() {
        pods("a", 1, 0);
        pods("b", 3, 0);

        assertThat(shareByZone(ZoneSettings.DEFAULT).get("a")).isCloseTo(0.5 * (1 - PROBE_SHARE), within(0.003));
    }

    @Test
    void unknownOwnZone_orNoEndpointThere_orAffinityOff_looksAtNoZone() {
        pods("a", 5, 0);
        pods("b", 15, 0);

        assertThat(shareByZone(new ZoneSettings(Affinity.OFF, 1)).get("a")).isCloseTo(0.25, within(0.02));
        assertThat(shareByZone(new ZoneSettings(Affinity.SPILL, 6)).get("a"))
                .as("fewer than the minimum")
                .isCloseTo(0.25, within(0.02));
        ownZone = "";
        assertThat(shareByZone(ZoneSettings.DEFAULT).get("a")).isCloseTo(0.25, within(0.02));
        ownZone = "elsewhere";
        assertThat(shareByZone(ZoneSettings.DEFAULT).get("a")).isCloseTo(0.25, within(0.02));
    }

    @Test
    void forcedAffinity_staysLocal_untilNoneIsLeft() {
        pods("a", 1, 9);
        pods("b", 9, 0);

        assertThat(shareByZone(new ZoneSettings(Affinity.FORCED, 1))).containsOnlyKeys("a");
    }

    @Test
    void lowerPriority_helpsAsFarAsTheReadyPartOfTheHigherOneDoesNotSuffice() {
        ownZone = "";
        // Envoy's table: 72% or more ready takes everything; 50% takes 70%; 25% takes 35%; none takes nothing
        assertThat(firstPriorityShare(72)).isCloseTo(1, within(1e-6));
        assertThat(firstPriorityShare(50)).isCloseTo(0.70, within(0.01));
        assertThat(firstPriorityShare(25)).isCloseTo(0.35, within(0.01));
        assertThat(firstPriorityShare(0)).isZero();
    }

    @Test
    void whatBothPrioritiesLack_isSharedInProportion() {
        ownZone = "";
        pods(10, 90, 0);
        pods(10, 90, 1);

        assertThat(route(ZoneSettings.DEFAULT).getOrDefault("priority-0", 0.0)).isCloseTo(0.5, within(0.01));
    }

    @Test
    void eachRouteSaysWhy_withTheShares() {
        clientShares.putAll(Map.of("a", 0.5, "b", 0.25, "c", 0.25));
        pods("a", 1, 0);
        pods("b", 2, 0);
        pods("c", 1, 0);

        Map<Why, Double> why = whyShares(ZoneSettings.DEFAULT);

        assertThat(why).containsOnlyKeys(Why.KEPT_LOCAL, Why.CAPACITY, Why.PROBE);
        assertThat(why.get(Why.KEPT_LOCAL)).isCloseTo(0.5 * (1 - PROBE_SHARE), within(0.006));
        assertThat(why.get(Why.CAPACITY)).isCloseTo(0.5, within(0.006));
        assertThat(lastRouting.zones()).isEqualTo(new ZoneShares("a", 0.5, true, 0.25, 0.5, 1 - PROBE_SHARE));
        assertThat(lastRouting.priority()).isZero();
        assertThat(lastRouting.share()).isEqualTo(1);
        assertThat(lastRouting.toString())
                .endsWith("own zone a has 50.0% of the clients and 25.0% of the endpoints: it has room for 50.0%, and "
                        + "95.0% of that stay");
    }

    @Test
    void unknownClientShares_areSaidToBe() {
        pods("a", 1, 0);
        pods("b", 3, 0);

        whyShares(ZoneSettings.DEFAULT);

        assertThat(lastRouting.toString()).contains("50.0% of the clients (not known, taken to be even)");
    }

    @Test
    void zonesThatAreNotLookedAt_areSaidNotToBe() {
        pods("a", 5, 0);
        assertThat(whyShares(ZoneSettings.DEFAULT)).containsOnlyKeys(Why.ONE_ZONE);
        pods("b", 15, 0);
        assertThat(whyShares(new ZoneSettings(Affinity.OFF, 1))).containsOnlyKeys(Why.AFFINITY_OFF);
        assertThat(whyShares(new ZoneSettings(Affinity.SPILL, 6))).containsOnlyKeys(Why.FEW_LOCAL_ENDPOINTS);
        assertThat(whyShares(new ZoneSettings(Affinity.FORCED, 1))).containsOnlyKeys(Why.FORCED_LOCAL);
        ownZone = "";
        assertThat(whyShares(ZoneSettings.DEFAULT)).containsOnlyKeys(Why.OWN_ZONE_UNKNOWN);
        assertThat(lastRouting.zones()).isNull();
    }

    @Test
    void lowerPriority_isSaid_withItsShare() {
        ownZone = "";
        pods(50, 50, 0);
        pods(100, 0, 1);
        Plan plan = plan(ZoneSettings.DEFAULT);

        Map<Integer, Double> shares = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            plan.route(random, routing -> shares.put(routing.priority(), routing.share()));
        }

        assertThat(shares.get(0)).isCloseTo(0.7, within(1e-9));
        assertThat(shares.get(1)).isCloseTo(0.3, within(1e-9));
    }

    @Test
    void minimumBelowOne_isRefused() {
        assertThatThrownBy(() -> new ZoneSettings(Affinity.SPILL, 0))
                .hasMessage("minLocalEndpoints: 0 (expected: >= 1)");
    }

    private double firstPriorityShare(int readyPercent) {
        members.clear();
        pods(readyPercent, 100 - readyPercent, 0);
        pods(100, 0, 1);
        return route(ZoneSettings.DEFAULT).getOrDefault("priority-0", 0.0);
    }

    private void pods(int ready, int unready, int priority) {
        for (int i = 0; i < ready + unready; i++) {
            add("", priority, i < ready);
        }
    }

    private void pods(String zone, int ready, int unready) {
        for (int i = 0; i < ready + unready; i++) {
            add(zone, 0, i < ready);
        }
    }

    private void add(String zone, int priority, boolean ready) {
        int number = members.size();
        Endpoint endpoint = Endpoint.builder("10.0." + number / 250 + '.' + (number % 250 + 1), 80)
                .locality(Locality.ofZone(zone))
                .priority(priority)
                .health(ready ? EndpointHealth.HEALTHY : EndpointHealth.UNHEALTHY)
                .build();
        members.add(Member.of(endpoint, new EndpointLoad(endpoint.key(), () -> 0)));
    }

    private Map<String, Double> shareByZone(ZoneSettings settings) {
        Map<String, Double> shares = new HashMap<>();
        route(settings).forEach((place, share) -> {
            if (!place.startsWith("priority-")) {
                shares.merge(place, share, Double::sum);
            }
        });
        shares.replaceAll((zone, share) -> Math.round(share * 1_000) / 1_000.0);
        return shares;
    }

    /** Which share of the requests reaches a zone or a priority, if each group shares evenly among its candidates. */
    private Map<String, Double> route(ZoneSettings settings) {
        Plan plan = plan(settings);
        Map<String, Double> shares = new HashMap<>();
        for (int i = 0; i < ROUTES; i++) {
            Pool group = plan.groups().get(plan.route(random));
            Endpoint endpoint = group.get(random.nextInt(group.size())).endpoint();
            shares.merge(endpoint.locality().zone(), 1.0 / ROUTES, Double::sum);
            shares.merge("priority-" + endpoint.priority(), 1.0 / ROUTES, Double::sum);
        }
        return shares;
    }

    private Map<Why, Double> whyShares(ZoneSettings settings) {
        Plan plan = plan(settings);
        Map<Why, Double> shares = new EnumMap<>(Why.class);
        for (int i = 0; i < ROUTES; i++) {
            int group = plan.route(random, routing -> {
                lastRouting = routing;
                shares.merge(routing.why(), 1.0 / ROUTES, Double::sum);
            });
            boolean local =
                    plan.groups().get(group).get(0).endpoint().locality().zone().equals(ownZone);
            assertThat(lastRouting.why().isSpilled()).isEqualTo(lastRouting.zones() != null && !local);
        }
        return shares;
    }

    private Plan plan(ZoneSettings settings) {
        ClientPlace place = new ClientPlace() {
            @Override
            public String zone() {
                return ownZone;
            }

            @Override
            public double clientShare(String zone) {
                return clientShares.getOrDefault(zone, Double.NaN);
            }
        };
        PolicyChain chain = new PolicyChain(
                PolicySettings.DEFAULT.withZones(settings), place, () -> 0, () -> Instant.EPOCH, random);
        return chain.plan(members, endpoint -> true);
    }
}
